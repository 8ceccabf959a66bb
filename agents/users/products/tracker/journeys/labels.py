"""Put a label on a task and find the task by it."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_text, enter, open_project, open_task
from agents.users.products.tracker.words import LABELS
from agents.web.browser import Browser


async def label(visit: Visit) -> None:
    """The filter must show the labelled task, and none that does not have the label."""
    item = visit.account.pick("task", visit.chance)
    tab = await enter(visit)
    if item is None:
        return
    name = await _some_label(visit, tab)
    await open_task(tab, item)
    if item.facts.get(f"label {name}") is None:
        await tab.press("Add label", {"Label": name}, "put the label on")
        item.facts[f"label {name}"] = "yes"
    check_text(tab, name, "see the label", item, "failed_save")
    await open_project(tab, item.place)
    await tab.press("Apply filters", {"Label": name}, "filter by label", pain="error")
    check_text(tab, item.title, "see it in the list", item, "stale_read")
    for other in visit.account.known("task"):
        if other.facts.get(f"label {name}") is None and tab.page.link(other.title) is not None:
            raise tab.failure("stale_read", "filter by label", "a task without the label is listed", item=other.nonce)


async def _some_label(visit: Visit, tab: Browser) -> str:
    """A label that the customer has, made now if it is new."""
    name = visit.chance.choice(LABELS)
    if any(each.title == name for each in visit.account.known("label")):
        return name
    await tab.follow("Labels", "open the labels")
    if name not in tab.page.text:
        await tab.press("Create label", {"Label name": name, "Colour": "blue"}, "create the label")
    made = Item(kind="label", nonce=f"label {name}", title=name)
    check_text(tab, name, "read what was saved", made, "failed_save")
    visit.account.remember(made)
    return name


journey = Journey(
    name="label",
    theme="labels",
    weights={"solo": 4, "team": 5, "business": 5},
    work={"list": 3, "page": 0.6, "task": 2, "write": 1.2, "login": 0.1},
    walk=label,
    words="use labels",
)
