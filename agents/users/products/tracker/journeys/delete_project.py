"""An admin deletes a project, perhaps a large one, and looks whether it is really gone: everywhere."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.journeys.monday_import import BATCH
from agents.users.products.tracker.journeys.sync import API, items_of, token_of
from agents.users.products.tracker.site import enter, follow_found, search, with_query
from agents.web.browser import Browser


async def delete_project(visit: Visit) -> None:
    """Its name, its tasks and their addresses: in the lists, the search, the export and the API."""
    tab = await enter(visit)
    old = visit.account.known(BATCH)
    project, task = await _open(tab, old[0]) if old else await _make(visit, tab)
    visit.account.items = [item for item in visit.account.items if item is not project]
    await tab.follow(project.title, "back to the project")
    await tab.follow("Project settings", "open the project's settings")
    step = "delete the project"
    await tab.press("Delete project", {"Delete this project and all its tasks": True}, step)
    if tab.page.link(project.title) is not None:
        raise tab.failure("failed_save", step, "it is still listed", item=project.nonce)
    await tab.go(task.target, "open one of its tasks", expect=(200, 404), typed=True)
    if tab.answer.status == 200:
        raise tab.failure("failed_save", "open one of its tasks", "it is still there", item=project.nonce)
    await search(tab, task.nonce, "search for it")
    if tab.page.link(task.title) is not None:
        raise tab.failure("stale_read", "search for it", "the search still finds it", item=project.nonce)
    await _is_not_offered(tab, project)
    await _programs_do_not_see(visit, task)


async def _open(tab: Browser, batch: Item) -> tuple[Item, Item]:
    """To a task of a project that came in from elsewhere."""
    title = batch.facts["Title"]
    task = Item("task", title.rsplit(" ", 1)[-1], title, place=batch.place)
    await search(tab, task.nonce, "look for one of its tasks")
    await follow_found(tab, task, "open one of its tasks")
    return batch, task


async def _make(visit: Visit, tab: Browser) -> tuple[Item, Item]:
    """A project that was a mistake, with its only task."""
    nonce = visit.nonce()
    project = Item(BATCH, nonce, f"Old list {nonce}")
    await tab.press("Create project", {"Project name": project.title}, "create the project")
    task = draft(visit)
    await save(tab, task)
    return project, task


async def _is_not_offered(tab: Browser, project: Item) -> None:
    await tab.follow("Settings", "open the settings")
    await tab.follow("Export", "open the export")
    form = tab.page.form("Download tasks")
    field = form.labelled("Project") if form else None
    if field is None or any(text == project.title for _, text in field.options):
        raise tab.failure("stale_read", "open the export", "the deleted project is offered", item=project.nonce)


async def _programs_do_not_see(visit: Visit, task: Item) -> None:
    api = visit.api(await token_of(visit))
    step = "ask the API for it"
    await api.call("GET", f"{API}{task.target}", step, expect=(200, 404))
    if api.answer.status == 200:
        raise api.failure("stale_read", step, "a task of the deleted project is still there", item=task.nonce)
    found = items_of(await api.call("GET", with_query(f"{API}/search", q=task.nonce), "search by API"))
    if found:
        raise api.failure("stale_read", "search by API", "it finds a task of the deleted project", item=task.nonce)


journey = Journey(
    name="delete_project",
    theme="lists",
    weights={"solo": 0.1, "team": 0.15, "business": 0.2},
    work={"list": 4, "page": 3.4, "form": 1, "write": 3, "task": 2, "search": 1, "api_read": 2, "login": 0.1},
    walk=delete_project,
    words="delete a project",
    by_owner=True,
)
