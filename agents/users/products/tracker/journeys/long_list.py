"""Leaf through a long list to its end: every task exactly once."""

import re

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import enter, open_project

MOST_PAGES = 12


async def long_list(visit: Visit) -> None:
    """The intake project has a known number of numbered tasks, which nobody changes."""
    tab = await enter(visit)
    if "intake" not in visit.account.notes:
        return
    name = next((link.text for link in tab.page.links if link.text.startswith("Intake ")), None)
    if name is None:
        raise tab.failure("lost_item", "open the project", "the project is gone")
    await open_project(tab, name)
    seen: list[int] = []
    for _ in range(MOST_PAGES):
        pattern = re.compile(re.escape(name) + r" ([0-9]+)")
        seen += [int(found[1]) for link in tab.page.links if (found := pattern.fullmatch(link.text))]
        if tab.page.link("Next page") is None:
            break
        await tab.follow("Next page", "leaf through the list")
    wanted = int(visit.account.notes["intake"])
    if sorted(seen) != list(range(1, wanted + 1)):
        detail = f"of {wanted} tasks, {len(set(seen))} are listed, {len(seen) - len(set(seen))} of them twice"
        raise tab.failure("lost_item", "count the tasks", detail)


journey = Journey(
    name="long_list",
    theme="lists",
    weights={"solo": 3, "team": 4, "business": 6},
    work={"list": 4.6, "login": 0.1},
    walk=long_list,
    words="go through a long list",
)
