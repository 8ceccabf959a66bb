"""One form to change several tasks of a list."""

import re

from aiohttp import web

from tracker import bulk, labels, teams
from tracker.errors import Invalid, Malformed
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.tasks import STATUSES
from tracker.web.projects import PROJECT, find, show
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
_PICKED = re.compile(rf"({PUBLIC_ID_PATTERN}):([0-9]{{1,9}})")


@pages.post(PROJECT, again=show)
async def change(visit: Visit) -> web.StreamResponse:
    """Change the tasks that were ticked, or none of them."""
    project = await find(visit)
    picked = _picked(visit)
    edit = await _edit(visit)
    await bulk.apply(visit.db, visit.actor, picked, edit)
    done = "deleted" if edit.delete else "changed"
    return visit.redirect(f"/projects/{project.public_id}", f"{len(picked)} tasks {done}.")


def _picked(visit: Visit) -> dict[str, int]:
    """Read the ticks: each names a task and the version that was shown."""
    picked: dict[str, int] = {}
    for value in visit.form.getall("task", []):
        found = _PICKED.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise Malformed("The form could not be read.")
        picked[found[1]] = int(found[2])
    if not picked:
        raise Invalid({"task": "Choose at least one task."})
    if len(picked) > bulk.MOST_TASKS:
        raise Invalid({"task": f"Choose at most {bulk.MOST_TASKS} tasks."})
    return picked


async def _edit(visit: Visit) -> bulk.Edit:
    fields = visit.fields()
    changes: dict[str, object] = {}
    status, assignee = visit.typed("set_status"), visit.typed("set_assignee")
    if status:
        changes["status"] = fields.choice("set_status", "Set status", STATUSES, "")
    if assignee == "nobody":
        changes["assignee_id"] = None
    elif assignee:
        changes["assignee_id"] = (await teams.get(visit.db, visit.actor, assignee)).user_id
    named = visit.typed("put_label")
    label = await labels.get(visit.db, visit.actor, named) if named else None
    delete = visit.typed("delete_tasks") == "yes"
    if not changes and label is None and not delete:
        fields.reject("set_status", "Say what to change")
    fields.finish()
    return bulk.Edit(changes, label, delete)
