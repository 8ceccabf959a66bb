"""Steps that many checks of the tracker take. Tabs must be logged in; each step leaves the tab on the page it made."""

from collections.abc import Mapping

from agents.web.browser import Browser, Upload


async def new_project(tab: Browser, name: str) -> str:
    """Make a project; its address."""
    await tab.go("/projects", "open the projects")
    await tab.press("Create project", {"Project name": name}, "create a project")
    return tab.target


async def new_task(tab: Browser, project: str, title: str, values: Mapping[str, str] | None = None) -> str:
    """Write a task into the project at that address; the task's address. `values` by label, such as `Due date`."""
    await tab.go(f"{project}/tasks/new", "open the form")
    await tab.press("Create task", {"Title": title, **(values or {})}, "create a task")
    return tab.target


async def task_in_project(tab: Browser, title: str, values: Mapping[str, str] | None = None) -> str:
    """A task in a project of its own; the task's address."""
    return await new_task(tab, await new_project(tab, f"Project of {title}"), title, values)


async def comment(tab: Browser, task: str, text: str) -> None:
    """Say something on a task."""
    await tab.go(task, "open the task")
    await tab.press("Add comment", {"Comment": text}, "comment")


async def upload(tab: Browser, task: str, name: str, content: bytes) -> str:
    """Attach a file; its address."""
    await tab.go(task, "open the task")
    await tab.press("Upload file", {}, "upload a file", upload=Upload("File", name, content))
    link = tab.page.link(name)
    if link is None:
        raise tab.failure("lost_item", "upload a file", f"the file {name!r} is not on the task")
    return link.target


async def set_status(tab: Browser, task: str, status: str) -> None:
    """Move a task: To do, Doing or Done."""
    await tab.go(task, "open the task")
    await tab.press("Update status", {"Status": status}, "move the task")


async def search(tab: Browser, words: str) -> None:
    """Use the search field of the page that is shown."""
    await tab.press("Search", {"Search": words}, "search", pain="error")
