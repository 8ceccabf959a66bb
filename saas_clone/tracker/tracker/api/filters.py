"""Saved filters, by API."""

import re

from aiohttp import web

from tracker import projects, saved_filters
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.fields import Fields
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import SavedFilter
from tracker.paging import Page
from tracker.tasks import STATUSES

operations = Operations()
FILTER = f"/filters/{{filter_id:{PUBLIC_ID_PATTERN}}}"


async def find(call: Call) -> SavedFilter:
    """Return the filter that the path names."""
    return await saved_filters.get(call.db, call.actor, call.param("filter_id"))


@operations.on("GET", "/filters")
async def index(call: Call) -> web.Response:
    """List one's own and the shared filters."""
    found = await saved_filters.listed(call.db, call.actor)
    return call.page(Page(found, None), shapes.saved_filter)


@operations.on("POST", "/filters")
async def create(call: Call) -> web.Response:
    """Keep a filter of a project's list."""
    fields = call.fields()
    project_id = fields.reference("project_id", "project_id") or ""
    name = fields.text("name", "name", most=100)
    shared = fields.flag("shared", "shared") if fields.has("shared") else False
    wanted = _wanted(fields)
    fields.finish()
    project = await projects.get(call.db, call.actor, project_id)
    saved = await saved_filters.create(call.db, call.actor, project, name, wanted, shared=shared)
    return web.json_response(shapes.saved_filter(saved), status=201)


def _wanted(fields: Fields) -> dict[str, str]:
    assignee = fields.text("assignee", "assignee", least=0, most=12)
    if not re.fullmatch(f"|nobody|{PUBLIC_ID_PATTERN}", assignee):
        fields.reject("assignee", "assignee must be an id or nobody")
    return {
        "status": fields.choice("status", "status", STATUSES, "todo") if fields.has("status") else "",
        "assignee": assignee,
        "label": fields.reference("label", "label") or "",
    }


@operations.on("GET", FILTER)
async def show(call: Call) -> web.Response:
    """Return a filter."""
    return web.json_response(shapes.saved_filter(await find(call)))


@operations.on("PATCH", FILTER)
async def change(call: Call) -> web.Response:
    """Rename or share a filter."""
    saved = await find(call)
    fields = call.fields()
    name = fields.text("name", "name", most=100) if fields.has("name") else saved.name
    shared = fields.flag("shared", "shared") if fields.has("shared") else None
    fields.finish()
    await saved_filters.change(call.db, call.actor, saved, name, shared=shared)
    return web.json_response(shapes.saved_filter(saved))


@operations.on("DELETE", FILTER)
async def delete(call: Call) -> web.Response:
    """Forget a filter."""
    await saved_filters.remove(call.db, call.actor, await find(call))
    return web.Response(status=204)
