"""One change to several tasks, by API."""

import re
from typing import Any

from aiohttp import web

from tracker import bulk, labels
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.errors import Invalid
from tracker.fields import MAX_INTEGER
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.task_input import read_changes

operations = Operations()


@operations.on("POST", "/tasks/bulk")
async def change(call: Call) -> web.Response:
    """Change or delete tasks in the versions that the client has read: all of them, or none."""
    fields = call.fields()
    delete = fields.flag("delete", "delete") if fields.has("delete") else False
    named = fields.reference("label", "label")
    picked = _picked(call.body.get("tasks"))
    sent = {"status", "assignee"} & call.body.keys()
    changes = await read_changes(call.db, call.actor, fields, sent)
    label = await labels.get(call.db, call.actor, named) if named else None
    if not changes and label is None and not delete:
        raise Invalid({"status": "say what to change: status, assignee, label or delete"})
    changed = await bulk.apply(call.db, call.actor, picked, bulk.Edit(changes, label, delete))
    return web.json_response({"items": [shapes.task(task) for task in changed]})


def _picked(given: Any) -> dict[str, int]:
    picked: dict[str, int] = {}
    rows = given if isinstance(given, list) and 0 < len(given) <= bulk.MOST_TASKS else [None]
    for row in rows:
        row = row if isinstance(row, dict) else {}
        name, version = row.get("id"), row.get("version")
        if not isinstance(name, str) or not re.fullmatch(PUBLIC_ID_PATTERN, name):
            raise _unreadable()
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= MAX_INTEGER:
            raise _unreadable()
        picked[name] = version
    return picked


def _unreadable() -> Invalid:
    return Invalid({"tasks": f"tasks must be 1 to {bulk.MOST_TASKS} objects with id and version"})
