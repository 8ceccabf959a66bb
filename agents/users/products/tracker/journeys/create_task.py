"""Write down a new task, and see it at the top of the project's list."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import PRIORITIES, check_task, check_text, enter, open_project
from agents.users.products.tracker.words import THINGS, VERBS
from agents.web.browser import Browser


async def create_task(visit: Visit) -> None:
    """What was typed must be what is shown, on the task's page and in the list."""
    tab = await enter(visit)
    item = draft(visit)
    await open_project(tab, item.place)
    visit.share(tab.target, item.place.rsplit(" ", 1)[-1])
    await save(tab, item)
    await tab.follow(item.place, "back to the project")
    check_text(tab, item.title, "see it in the list", item, "stale_read")
    visit.keep(item)


def draft(visit: Visit, title: str | None = None, **facts: str) -> Item:
    """A new task of which nobody knows yet, in a project that the customer has."""
    nonce = visit.nonce()
    place = visit.account.pick("task", visit.chance)
    words = title or f"{visit.chance.choice(VERBS)} {visit.chance.choice(THINGS)}"
    return Item(
        kind="task",
        nonce=nonce,
        title=f"{words} {nonce}",
        place=place.place if place else visit.account.notes["place"],
        facts={
            "Description": f"{visit.chance.choice(VERBS)} it together with {visit.person.who.name}.",
            "Status": "To do",
            "Priority": visit.chance.choice(PRIORITIES),
        }
        | facts,
    )


async def save(tab: Browser, item: Item) -> None:
    """From the project's page to the new task's page."""
    await tab.follow("New task", "open the form")
    await tab.press("Create task", {"Title": item.title, **item.facts}, "save the task")
    check_task(tab, item, "read what was saved", "failed_save")
    item.target = tab.target


journey = Journey(
    name="create_task",
    theme="edits",
    weights={"solo": 14, "team": 12, "business": 11},
    work={"list": 3, "form": 1, "write": 1, "task": 1, "login": 0.1},
    walk=create_task,
    words="create a task",
)
