"""Tasks, by API."""

from aiohttp import web

from tracker import labels, projects, saved_filters, search, tasks, teams
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.errors import Stale
from tracker.filters import read_filter
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import Task
from tracker.task_input import TASK_FIELDS, read_changes, read_draft

operations = Operations()
TASK = f"/tasks/{{task_id:{PUBLIC_ID_PATTERN}}}"


async def find(call: Call) -> Task:
    """Return the task that the path names."""
    return await tasks.get(call.db, call.actor, call.param("task_id"))


def _answer(task: Task, status: int = 200) -> web.Response:
    return web.json_response(shapes.task(task), status=status, headers={"ETag": f'"{task.version}"'})


@operations.on("GET", "/tasks")
async def index(call: Call) -> web.Response:
    """List tasks; each field of the query narrows the list."""
    saved = bool(call.query("filter"))
    wanted = await (_saved(call) if saved else read_filter(call.db, call.actor, call.request.query))
    found = await tasks.listed(call.db, call.actor, wanted, call.window())
    return call.page(found, shapes.task)


async def _saved(call: Call) -> tasks.Filter:
    """Read a saved filter. As on its page, a member or label that is gone has no tasks."""
    saved = await saved_filters.get(call.db, call.actor, call.query("filter"))
    members = await teams.names(call.db, call.actor)
    all_labels = await labels.listed(call.db, call.actor)
    return tasks.Filter.read(saved.project_id, saved.status, saved.assignee, saved.label, members, all_labels)


@operations.on("POST", "/tasks")
async def create(call: Call) -> web.Response:
    """Add a task to a project."""
    fields = call.fields()
    project_id = fields.reference("project_id", "project_id") or ""
    draft = await read_draft(call.db, call.actor, fields)
    project = await projects.get(call.db, call.actor, project_id)
    task = await tasks.create(call.db, call.actor, project, draft)
    return _answer(await tasks.get(call.db, call.actor, task.public_id), 201)


@operations.on("GET", TASK)
async def show(call: Call) -> web.Response:
    """Return a task."""
    return _answer(await find(call))


@operations.on("PATCH", TASK)
async def change(call: Call) -> web.Response:
    """Change the fields that were sent, if nobody has changed the task since the client read it."""
    task = await find(call)
    version = call.version()
    sent = TASK_FIELDS & call.body.keys()
    changes = await read_changes(call.db, call.actor, call.fields(), sent)
    await tasks.change(call.db, call.actor, task, version, **changes)
    return _answer(task)


@operations.on("DELETE", TASK)
async def delete(call: Call) -> web.Response:
    """Delete a task; with ``If-Match``, only in the version that the client has read."""
    task = await find(call)
    if "If-Match" in call.request.headers and call.version() != task.version:
        raise Stale
    await tasks.remove(call.db, call.actor, task)
    return web.Response(status=204)


@operations.on("GET", "/search")
async def find_tasks(call: Call) -> web.Response:
    """Search tasks."""
    found = await search.find(call.db, call.actor, call.query("q"), call.window())
    return call.page(found, shapes.brief_task)
