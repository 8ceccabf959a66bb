"""Start a project, rename it, put it away, and take it out again."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import check_text, enter, open_task
from agents.users.products.tracker.words import PLACES


async def projects(visit: Visit) -> None:
    """A new project takes a task; archived it leaves the list, and what is in it stays readable."""
    tab = await enter(visit)
    nonce = visit.nonce()
    name = f"{visit.chance.choice(PLACES)} {nonce}"
    await tab.press("Create project", {"Project name": name}, "create the project")
    visit.share(tab.target, nonce)
    item = draft(visit)
    item.place = name
    await save(tab, item)
    await tab.follow(name, "back to the project")
    await tab.follow("Project settings", "open the settings")
    await tab.press("Archive project", {}, "archive the project")
    await tab.follow("Projects", "open the projects")
    if tab.page.link(name) is not None:
        raise tab.failure("stale_read", "open the projects", "the archived project is still listed", item=nonce)
    await open_task(tab, item, "open its task")
    check_text(tab, item.title, "read its task", item)
    visit.account.remember(Item(kind="archived", nonce=nonce, title=name, born=visit.at))


journey = Journey(
    name="projects",
    theme="lists",
    weights={"solo": 2, "team": 2, "business": 2},
    work={"list": 4, "form": 1, "write": 3, "task": 2, "page": 2, "login": 0.1},
    walk=projects,
    words="start a new project",
    by_owner=True,
)
