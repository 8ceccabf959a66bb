"""Pages for those who have forgotten their password."""

from aiohttp import web

from tracker import resets
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
LINK = "/reset/{token:[A-Za-z0-9_-]{20,64}}"
SENT = "If there is an account with this email, a link is on its way to it. The link works for one hour."


@pages.get("/reset", public=True)
async def show_ask(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    return visit.render("reset.html")


@pages.post("/reset", again=show_ask, public=True)
async def ask(visit: Visit) -> web.StreamResponse:
    """Send a link, if there is anybody to send it to; the answer is the same in any case."""
    fields = visit.fields()
    email = fields.email("email", "Email")
    fields.finish()
    await resets.ask(visit.db, email, visit.address)
    return visit.redirect("/login", SENT)


@pages.get(LINK, public=True)
async def show_choose(visit: Visit) -> web.StreamResponse:
    """Offer to choose a new password."""
    return visit.render("reset_choose.html", user=await resets.get(visit.db, visit.param("token")))


@pages.post(LINK, again=show_choose, public=True)
async def choose(visit: Visit) -> web.StreamResponse:
    """Set it."""
    fields = visit.fields()
    password = fields.password("new_password", "New password")
    fields.finish()
    token = visit.param("token")
    await resets.finish(visit.db, visit.services.passwords, token, password, visit.address)
    return visit.redirect("/login", "Your password is changed. Log in with the new one.")
