"""Comments and labels, by API."""

from aiohttp import web

from tracker import comments, labels
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.api.tasks import TASK, find
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.task_input import MOST_COMMENT

operations = Operations()
LABEL = f"{{label_id:{PUBLIC_ID_PATTERN}}}"


@operations.on("GET", f"{TASK}/comments")
async def list_comments(call: Call) -> web.Response:
    """List the comments of a task."""
    found = await comments.listed(call.db, await find(call), call.window())
    return call.page(found, shapes.comment)


@operations.on("POST", f"{TASK}/comments")
async def create_comment(call: Call) -> web.Response:
    """Comment on a task."""
    task = await find(call)
    fields = call.fields()
    body = fields.text("body", "body", most=MOST_COMMENT, lines=True)
    fields.finish()
    comment = await comments.create(call.db, call.actor, task, body)
    return web.json_response(shapes.comment(comment), status=201)


@operations.on("DELETE", f"{TASK}/comments/{{comment_id:{PUBLIC_ID_PATTERN}}}")
async def delete_comment(call: Call) -> web.Response:
    """Delete a comment."""
    task = await find(call)
    comment = await comments.get(call.db, call.actor, task, call.param("comment_id"))
    await comments.remove(call.db, call.actor, task, comment)
    return web.Response(status=204)


@operations.on("GET", "/labels")
async def list_labels(call: Call) -> web.Response:
    """List labels."""
    found = await labels.page(call.db, call.actor, call.window())
    return call.page(found, shapes.label)


@operations.on("POST", "/labels")
async def create_label(call: Call) -> web.Response:
    """Add a label to the organisation."""
    fields = call.fields()
    name = fields.text("name", "name", most=50)
    colour = fields.choice("colour", "colour", labels.COLOURS, "grey")
    fields.finish()
    label = await labels.create(call.db, call.actor, name, colour)
    return web.json_response(shapes.label(label), status=201)


@operations.on("DELETE", f"/labels/{LABEL}")
async def delete_label(call: Call) -> web.Response:
    """Delete a label, and take it off all tasks."""
    await labels.remove(call.db, call.actor, await labels.get(call.db, call.actor, call.param("label_id")))
    return web.Response(status=204)


@operations.on("PUT", f"{TASK}/labels/{LABEL}")
async def put_label(call: Call) -> web.Response:
    """Put a label on a task."""
    task = await find(call)
    label = await labels.get(call.db, call.actor, call.param("label_id"))
    await labels.put_on(call.db, call.actor, task, label)
    return web.Response(status=204)


@operations.on("DELETE", f"{TASK}/labels/{LABEL}")
async def take_label(call: Call) -> web.Response:
    """Take a label off a task."""
    task = await find(call)
    label = await labels.get(call.db, call.actor, call.param("label_id"))
    await labels.take_off(call.db, task, label)
    return web.Response(status=204)
