"""Forget the password, and choose a new one with the link in the mail."""

from dataclasses import replace

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import enter
from agents.web.browser import Browser


async def reset_password(visit: Visit) -> None:
    """The mail comes at once; its link works once, and the new password lets its owner in."""
    person = visit.person
    person.visitor.jar.clear()  # another computer: nobody is logged in there
    inbox = await visit.mailbox()
    tab = visit.browser()
    await tab.go("/login", "open the log-in page", typed=True)
    await tab.follow("Forgotten your password?", "say that the password is forgotten")
    await tab.press("Send link", {"Email": person.who.email}, "ask for a link", pain="error")
    link = await inbox.link("/reset/", "wait for the mail")
    await tab.go(link, "open the link in the mail", typed=True)
    password = f"{visit.chance.getrandbits(64):016x}"
    await tab.press("Set new password", {"New password": password}, "set a new password")
    person.who = replace(person.who, password=password)
    await enter(visit)
    await _use_again(tab, link)


async def _use_again(tab: Browser, link: str) -> None:
    """Whoever finds the mail later must not get in."""
    await tab.go(link, "open the link a second time", expect=(200, 404), typed=True)
    if tab.page.form("Set new password") is not None:
        raise tab.failure("foreign_item", "open the link a second time", "the used link still works")


journey = Journey(
    name="reset_password",
    theme="team",
    weights={"solo": 1, "team": 1, "business": 1},
    work={"page": 3, "write": 1, "login": 2, "list": 1},
    walk=reset_password,
    words="get a new password",
)
