"""The firm: its profile and its people."""

from aiohttp import web

from invoicing import firms, members
from invoicing.dates import TIME_ZONES
from invoicing.people import ROLES
from invoicing.security import PUBLIC_ID
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()
MEMBER = f"/members/{{member:{PUBLIC_ID}}}"


@pages.get("/firm")
async def show(visit: Visit) -> web.StreamResponse:
    """Show the profile; to owners, in a form."""
    return visit.render("firm.html", firm=visit.person.firm, zones=TIME_ZONES, currencies=firms.CURRENCIES)


@pages.post("/firm", "owner", again=show)
async def change(visit: Visit) -> web.StreamResponse:
    """Change the profile."""
    inputs, firm = visit.inputs(), visit.person.firm
    profile = firms.Profile(
        name=inputs.text("name", "Firm name"),
        address=inputs.text("address", "Address", least=0, most=500, lines=True),
        vat_number=inputs.text("vat_number", "VAT number", least=0, most=40),
        time_zone=inputs.choice("time_zone", "Time zone", TIME_ZONES, firm.time_zone),
        currency=inputs.choice("currency", "Currency", firms.CURRENCIES, firm.currency),
        payment_days=inputs.whole("payment_days", "Payment days", 0, firms.MOST_PAYMENT_DAYS, firm.payment_days),
    )
    inputs.finish()
    await firms.change(visit.db, visit.person, profile)
    return visit.go("/firm", "Profile saved.")


@pages.get("/members")
async def index(visit: Visit) -> web.StreamResponse:
    """List the people; to owners, with open invitations."""
    owner = visit.person.may("owner")
    invitations = await members.invitations(visit.db, visit.person) if owner else []
    found = await members.listed(visit.db, visit.person)
    return visit.render("members.html", members=found, invitations=invitations)


@pages.post("/members/invite", "owner", again=index)
async def invite(visit: Visit) -> web.StreamResponse:
    """Make a link for somebody."""
    inputs = visit.inputs()
    email = inputs.email("email", "Email")
    role = inputs.choice("role", "Role", ROLES, "reader")
    inputs.finish()
    secret = await members.invite(visit.db, visit.person, email, role)
    return visit.render("invited.html", status=201, email=email, link=f"{visit.own_url}/join/{secret}")


@pages.post(f"/invitations/{{invitation:{PUBLIC_ID}}}/revoke", "owner")
async def revoke(visit: Visit) -> web.StreamResponse:
    """Take an invitation back."""
    await members.revoke(visit.db, visit.person, visit.param("invitation"))
    return visit.go("/members", "Invitation revoked.")


@pages.post(f"{MEMBER}/role", "owner", again=index)
async def change_role(visit: Visit) -> web.StreamResponse:
    """Give somebody another role."""
    member = await members.get(visit.db, visit.person, visit.param("member"))
    inputs = visit.inputs()
    role = inputs.choice("role", "Role", ROLES, member.role)
    inputs.finish()
    await members.change_role(visit.db, visit.person, member, role)
    return visit.go("/members", "Role changed.")


@pages.post(f"{MEMBER}/remove", "owner", again=index)
async def remove(visit: Visit) -> web.StreamResponse:
    """End somebody's account."""
    member = await members.get(visit.db, visit.person, visit.param("member"))
    await members.remove(visit.db, visit.person, member)
    return visit.go("/members", "Removed.")
