"""A link in a mail or a chat, opened when one is logged out: after logging in one is where it leads."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_text, enter, open_project, open_task, with_query


async def deep_link(visit: Visit) -> None:
    """To a task, to a filtered list or to a search: the log-in must not lose the way, whatever is in the address."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    kind = visit.chance.choice(("task", "list", "search"))
    if kind == "task":
        await open_task(tab, item)
    elif kind == "list":
        await open_project(tab, item.place)
        await tab.press("Apply filters", {"Status": item.facts["Status"]}, "filter by status", pain="error")
    wanted = tab.target if kind != "search" else with_query("/search", q=f"{item.nonce} {item.title}")
    await tab.press("Log out", {}, "log out", pain="error")
    link = visit.browser()
    await link.go(wanted, "open the link", typed=True)
    if not link.target.startswith("/login"):
        raise link.failure(
            "foreign_item", "open the link", "it is shown to somebody who is logged out", item=item.nonce
        )
    who = visit.person.who
    await link.press("Log in", {"Email": who.email, "Password": who.password}, "log in", pain="error")
    if link.target.partition("?")[0] != wanted.partition("?")[0]:
        raise link.failure("error", "log in", "it does not lead to where the link leads")
    if kind == "list":
        form = link.page.form("Apply filters")
        chosen = form.labelled("Status") if form else None
        if chosen is None or chosen.shown != item.facts["Status"]:
            raise link.failure("error", "look at the list", "the filter of the link is lost")
        return
    check_text(link, item.title, "look at what was linked", item, "stale_read")


journey = Journey(
    name="deep_link",
    theme="team",
    weights={"solo": 0.4, "team": 0.6, "business": 0.6},
    work={"list": 2, "search": 0.4, "task": 0.7, "page": 3, "write": 1, "login": 1.1},
    walk=deep_link,
    words="open a link to a task",
)
