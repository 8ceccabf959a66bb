"""Log out for the evening and in again in the morning."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import enter


async def account(visit: Visit) -> None:
    """Logging out must end the session for good; logging in must work with the same password."""
    tab = await enter(visit)
    await tab.follow("Account", "open the account")
    kept = dict(visit.person.visitor.jar)
    await tab.press("Log out", {}, "log out", pain="error")
    visit.person.visitor.jar.update(kept)  # a copy of the old cookies, as on a shared computer
    await tab.go("/projects", "go back after logging out", typed=True)
    if not tab.target.startswith("/login"):
        raise tab.failure("foreign_item", "go back after logging out", "the old session is still good")
    visit.person.visitor.jar.clear()
    await enter(visit)


journey = Journey(
    name="account",
    theme="team",
    weights={"solo": 4, "team": 3, "business": 3},
    work={"list": 2, "page": 3, "write": 1, "login": 1},
    walk=account,
    words="log out and in again",
)
