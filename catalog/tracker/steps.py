"""Steps that many checks of the tracker take. Tabs must be logged in; each step leaves the tab on the page it made."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from agents.web.browser import Browser, Upload
from agents.web.page import Page, visible
from agents.web.wire import Response


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


async def send_altered(
    tab: Browser, button: str, step: str, *, action: str = "", extra: Mapping[str, str] | None = None
) -> None:
    """Send the form of that button as whoever edits the page can: to another address, with fields that it lacks."""
    form = tab.page.form(button)
    if form is None:
        raise tab.failure("error", step, f"there is no button {button!r}")
    fields = {each.name: each.value for each in form.fields} | dict(extra or {})
    inputs = "".join(f'<input name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items())
    tab.page = Page(
        f'<form method="post" action="{escape(action or form.action)}">{inputs}<button>Send</button></form>'
    )
    await tab.press("Send", {}, step, expect=range(200, 500))


async def log_in(tab: Browser, email: str, password: str) -> Response:
    """Try to log in; the answer, whatever it is. Nobody may be logged in on that tab."""
    await tab.go("/login", "open the form", typed=True)
    await tab.press("Log in", {"Email": email, "Password": password}, "try to log in", expect=range(200, 500))
    return tab.answer


async def invitation_for(owner: Browser, email: str) -> str:
    """Invite somebody as a member; the path of the link."""
    await owner.go("/members", "open the members")
    await owner.press("Create invitation", {"Email": email, "Role": "Member"}, "invite", expect=(200, 201))
    links = [link.target for link in owner.page.links if "/join/" in link.target]
    if not links:
        raise owner.failure("error", "invite", "there is no invitation link")
    return urlsplit(links[0]).path


def role_of(tab: Browser, email: str) -> str:
    """What the page of members says about one of them: the text of that row."""
    rows = [visible(row) for row in tab.page.main.split("<tr")]
    return next((row.partition(email)[2].split()[0] for row in rows if email in row), "")
