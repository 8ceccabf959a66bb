"""Projects and the feed, by API."""

from aiohttp import web

from tracker import activity, projects, teams
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import Project

operations = Operations()
PROJECT = f"/projects/{{project_id:{PUBLIC_ID_PATTERN}}}"


async def find(call: Call) -> Project:
    """Return the project that the path names."""
    return await projects.get(call.db, call.actor, call.param("project_id"))


@operations.on("GET", "/projects")
async def index(call: Call) -> web.Response:
    """List projects."""
    archived = call.query("archived") == "true"
    found = await projects.listed(call.db, call.actor, call.window(), archived=archived)
    return call.page(found, shapes.project)


@operations.on("POST", "/projects")
async def create(call: Call) -> web.Response:
    """Start a project."""
    project = await projects.create(call.db, call.actor, _name(call))
    return web.json_response(shapes.project(project), status=201)


def _name(call: Call) -> str:
    fields = call.fields()
    name = fields.text("name", "name", most=100)
    fields.finish()
    return name


@operations.on("GET", PROJECT)
async def show(call: Call) -> web.Response:
    """Return a project."""
    return web.json_response(shapes.project(await find(call)))


@operations.on("PATCH", PROJECT)
async def change(call: Call) -> web.Response:
    """Rename, archive or restore a project."""
    project = await find(call)
    fields = call.fields()
    archived = fields.flag("archived", "archived") if fields.has("archived") else None
    name = fields.text("name", "name", most=100) if fields.has("name") else None
    fields.finish()
    if name is not None:
        await projects.rename(call.db, call.actor, project, name)
    if archived is not None:
        move = projects.archive if archived else projects.restore
        await move(call.db, call.actor, project)
    return web.json_response(shapes.project(project))


@operations.on("DELETE", PROJECT)
async def delete(call: Call) -> web.Response:
    """Delete a project with its tasks."""
    await projects.remove(call.db, call.actor, await find(call))
    return web.Response(status=204)


@operations.on("GET", f"{PROJECT}/activity")
async def project_activity(call: Call) -> web.Response:
    """Return what happened in a project."""
    found = await activity.feed(call.db, call.actor, call.window(), await find(call))
    return call.page(found, shapes.activity)


@operations.on("GET", "/activity")
async def all_activity(call: Call) -> web.Response:
    """Return what happened in the organisation."""
    found = await activity.feed(call.db, call.actor, call.window())
    return call.page(found, shapes.activity)


@operations.on("GET", "/members")
async def members(call: Call) -> web.Response:
    """List the members."""
    found = await teams.members(call.db, call.actor, call.window())
    return call.page(found, shapes.member)
