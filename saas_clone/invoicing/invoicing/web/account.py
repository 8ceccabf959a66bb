"""One's own account and API tokens."""

from aiohttp import web

from invoicing import accounts, members
from invoicing.security import PUBLIC_ID
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()


@pages.get("/account")
async def show(visit: Visit) -> web.StreamResponse:
    """Show name, password and tokens."""
    return visit.render("account.html", tokens=await members.tokens(visit.db, visit.person))


@pages.post("/account/name", "reader", again=show)
async def rename(visit: Visit) -> web.StreamResponse:
    """Change one's name."""
    inputs = visit.inputs()
    name = inputs.text("name", "Your name")
    inputs.finish()
    await accounts.rename(visit.db, visit.person, name)
    return visit.go("/account", "Name saved.")


@pages.post("/account/password", "reader", again=show)
async def change_password(visit: Visit) -> web.StreamResponse:
    """Change one's password."""
    inputs = visit.inputs()
    new = inputs.password("new_password", "New password")
    inputs.finish()
    old = visit.typed("password")
    secret = await accounts.change_password(visit.db, visit.runtime.passwords, visit.person, old, new)
    return visit.logged_in(visit.go("/account", "Password changed."), secret)


@pages.post("/account/tokens", "reader", again=show)
async def create_token(visit: Visit) -> web.StreamResponse:
    """Make an API token: it may do what its owner may do."""
    inputs = visit.inputs()
    name = inputs.text("token_name", "Token name")
    inputs.finish()
    secret = await members.create_token(visit.db, visit.person, name)
    return visit.render("token.html", status=201, name=name, secret=secret)


@pages.post(f"/account/tokens/{{token:{PUBLIC_ID}}}/revoke", "reader", again=show)
async def revoke_token(visit: Visit) -> web.StreamResponse:
    """End a token."""
    await members.revoke_token(visit.db, visit.person, visit.param("token"))
    return visit.go("/account", "Token revoked.")
