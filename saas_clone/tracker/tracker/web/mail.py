"""Pages about mail: which kinds one gets, and the way out from a letter."""

from aiohttp import web

from tracker import mail_preferences
from tracker.errors import NotFound
from tracker.mail import read_unsubscribe_token
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
LINK = "/unsubscribe/{token:[a-z2-7]{12}[.][a-z]{1,20}[.][0-9a-f]{64}}"
NAMES = {
    "assignments": "Tasks assigned to me",
    "mentions": "Comments that mention me",
    "reminders": "Reminders of due tasks",
    "digests": "The week in a digest",
    "billing": "Changes of the subscription",
}


@pages.get("/account/mail")
async def show(visit: Visit) -> web.StreamResponse:
    """Show which mails come."""
    wanted = await mail_preferences.wanted(visit.db, visit.actor.user)
    return visit.render("mail.html", kinds=NAMES, wanted=wanted)


@pages.post("/account/mail", again=show)
async def choose(visit: Visit) -> web.StreamResponse:
    """Choose them: each kind has a box."""
    chosen = [kind for kind in mail_preferences.KINDS if visit.typed(kind)]
    await mail_preferences.choose(visit.db, visit.actor.user, chosen)
    return visit.redirect("/account/mail", "Mail settings saved.")


@pages.get(LINK, public=True)
async def ask(visit: Visit) -> web.StreamResponse:
    """Ask first: programs that look through mail open every link."""
    _, kind = _read(visit)
    return visit.render("unsubscribe.html", kind=NAMES[kind], done=visit.query("done") == "1")


@pages.post(LINK, again=ask, public=True)
async def leave(visit: Visit) -> web.StreamResponse:
    """End one kind of mail, without logging in."""
    reader, kind = _read(visit)
    await mail_preferences.mute(visit.db, reader, kind)
    return visit.redirect(f"{visit.request.path}?done=1", f"No more of these: {NAMES[kind]}.")


def _read(visit: Visit) -> tuple[str, str]:
    found = read_unsubscribe_token(visit.services.settings.secret, visit.param("token"))
    if found is None or found[1] not in NAMES:
        raise NotFound("This link is not complete. Copy all of it from the mail.")
    return found
