"""Share links and the audit log, by API."""

from aiohttp import web

from tracker import audit, projects, sharing, tasks
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.errors import Invalid
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import now

operations = Operations()


@operations.on("GET", "/share-links")
async def index(call: Call) -> web.Response:
    """List the organisation's links."""
    found = await sharing.listed(call.db, call.actor, call.window())
    return call.page(found, shapes.share_link)


@operations.on("POST", "/share-links")
async def create(call: Call) -> web.Response:
    """Make a link to a task or to a project's tasks. The answer alone has its address."""
    fields = call.fields()
    task_id = fields.reference("task_id", "task_id")
    project_id = fields.reference("project_id", "project_id")
    comments = fields.flag("comments", "comments") if fields.has("comments") else False
    last_day = fields.day("last_day", "last_day")
    if (task_id is None) == (project_id is None):
        fields.reject("task_id", "give either task_id or project_id")
    if comments and task_id is None:
        fields.reject("comments", "comments can be shown with a task only")
    if last_day is not None and last_day < now().date():
        fields.reject("last_day", "last_day must not be in the past")
    fields.finish()
    if task_id is not None:
        shared = await tasks.get(call.db, call.actor, task_id)
    else:
        shared = await projects.get(call.db, call.actor, project_id or "")
    link, secret = await sharing.create(
        call.db, call.actor, shared, with_comments=comments, last_day=last_day
    )
    return web.json_response({**shapes.share_link(link), "path": f"/share/{secret}"}, status=201)


@operations.on("DELETE", f"/share-links/{{link_id:{PUBLIC_ID_PATTERN}}}")
async def revoke(call: Call) -> web.Response:
    """End a link."""
    link = await sharing.get(call.db, call.actor, call.param("link_id"))
    await sharing.revoke(call.db, call.actor, link)
    return web.Response(status=204)


@operations.on("GET", "/audit")
async def log(call: Call) -> web.Response:
    """List what was done about security."""
    kind = call.query("kind")
    if kind and kind not in audit.KINDS:
        raise Invalid({"kind": f"kind must be one of {', '.join(audit.KINDS)}"})
    found = await audit.listed(call.db, call.actor, kind, call.window())
    return call.page(found, shapes.audit_event)
