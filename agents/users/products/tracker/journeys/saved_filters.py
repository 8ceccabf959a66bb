"""Keep a filter under a name, come back to it another day, and throw it away when it is no longer needed."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import STATUSES, enter, follow_found, open_project
from agents.web.browser import Browser

FILTER = "filter"


async def saved_filters(visit: Visit) -> None:
    """Yesterday's filter is there and shows what it should; then another one is kept."""
    tab = await enter(visit)
    kept = next((each for each in visit.account.known(FILTER) if each.facts["seat"] == str(visit.person.seat)), None)
    if kept is not None:
        await _use(visit, tab, kept)
        await _forget(tab, kept)
        visit.account.items.remove(kept)
    item = visit.account.pick("task", visit.chance)
    if item is not None:
        await _keep(visit, tab, item)


async def _keep(visit: Visit, tab: Browser, item: Item) -> None:
    nonce, status = visit.nonce(), item.facts["Status"]
    facts = {"Status": status, "seat": str(visit.person.seat)}
    kept = Item(FILTER, nonce, f"{status} {nonce}", place=item.place, facts=facts)
    await open_project(tab, item.place)
    await tab.press("Apply filters", {"Status": status}, "filter by status", pain="error")
    await tab.press("Save filter", {"Filter name": kept.title}, "save the filter")
    await _use(visit, tab, kept)
    while tab.page.link(item.title) is None and tab.page.link("Next page") is not None:
        await tab.follow("Next page", "leaf through the list")
    await follow_found(tab, item, "open a task of the filtered list")
    visit.account.remember(kept)


async def _use(visit: Visit, tab: Browser, kept: Item) -> None:
    """From the project's menu to the list, which must hold nothing of another status."""
    await open_project(tab, kept.place)
    if tab.page.link(kept.title) is None:
        raise tab.failure("lost_item", "open the saved filter", "the saved filter is gone", item=kept.nonce)
    await tab.follow(kept.title, "open the saved filter")
    other = next(status for status in STATUSES if status != kept.facts["Status"])
    for each in visit.account.known("task"):
        if each.place == kept.place and each.facts["Status"] == other and tab.page.link(each.title):
            raise tab.failure("stale_read", "open the saved filter", f"it lists {other!r} too", item=each.nonce)


async def _forget(tab: Browser, kept: Item) -> None:
    await tab.follow("Saved filters", "open the saved filters")
    await tab.press(f"Delete filter {kept.title}", {}, "delete the filter")
    if tab.page.link(kept.title) is not None:
        raise tab.failure("failed_save", "delete the filter", "the filter is still there", item=kept.nonce)


journey = Journey(
    name="saved_filters",
    theme="labels",
    weights={"solo": 1, "team": 1.5, "business": 2},
    work={"list": 7, "page": 0.8, "write": 1.8, "task": 1, "login": 0.1},
    walk=saved_filters,
    words="save a filter",
)
