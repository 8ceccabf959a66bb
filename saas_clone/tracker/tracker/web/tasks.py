"""Pages of tasks."""

from aiohttp import web

from tracker import attachments, comments, labels, search, tasks, teams
from tracker.errors import Stale
from tracker.fields import MAX_INTEGER, Fields
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import Task
from tracker.task_input import MOST_COMMENT, read_draft
from tracker.web.projects import PROJECT
from tracker.web.projects import find as find_project
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
TASK = f"/tasks/{{task_id:{PUBLIC_ID_PATTERN}}}"
COMMENTS_PAGE = 50


async def find(visit: Visit) -> Task:
    """Return the task that the address names."""
    return await tasks.get(visit.db, visit.actor, visit.param("task_id"))


@pages.get(f"{PROJECT}/tasks/new")
async def new(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    project = await find_project(visit)
    return visit.render(
        "task_form.html", project=project, task=None, members=await teams.names(visit.db, visit.actor)
    )


@pages.post(f"{PROJECT}/tasks", again=new)
async def create(visit: Visit) -> web.StreamResponse:
    """Add a task."""
    project = await find_project(visit)
    draft = await read_draft(visit.db, visit.actor, visit.fields())
    task = await tasks.create(visit.db, visit.actor, project, draft)
    return visit.redirect(f"/tasks/{task.public_id}", "Task created.")


@pages.get(TASK)
async def show(visit: Visit) -> web.StreamResponse:
    """Show a task with everything that hangs on it."""
    task = await find(visit)
    page = await comments.listed(visit.db, task, visit.window(COMMENTS_PAGE))
    on_task = {label.id for label in task.labels}
    return visit.render(
        "task.html",
        task=task,
        comments=list(reversed(page.rows)),
        earlier=visit.next_address(page.next_cursor),
        files=await attachments.listed(visit.db, task),
        other_labels=[x for x in await labels.listed(visit.db, visit.actor) if x.id not in on_task],
    )


@pages.get(f"{TASK}/edit")
async def edit(visit: Visit) -> web.StreamResponse:
    """Offer the form; when somebody else was quicker, with both versions."""
    task = await find(visit)
    members = await teams.names(visit.db, visit.actor)
    template = "task_conflict.html" if isinstance(visit.refusal, Stale) else "task_form.html"
    return visit.render(template, project=task.project, task=task, members=members)


@pages.post(f"{TASK}/edit", again=edit)
async def save(visit: Visit) -> web.StreamResponse:
    """Save the form."""
    task = await find(visit)
    fields = visit.fields()
    version = _version(fields)
    draft = await read_draft(visit.db, visit.actor, fields)
    await tasks.change(visit.db, visit.actor, task, version, **vars(draft))
    return visit.redirect(f"/tasks/{task.public_id}", "Task saved.")


@pages.post(f"{TASK}/status", again=edit)
async def set_status(visit: Visit) -> web.StreamResponse:
    """Move a task."""
    task = await find(visit)
    fields = visit.fields()
    version = _version(fields)
    status = fields.choice("status", "Status", tasks.STATUSES, task.status)
    fields.finish()
    await tasks.change(visit.db, visit.actor, task, version, status=status)
    return visit.redirect(f"/tasks/{task.public_id}", "Status updated.")


def _version(fields: Fields) -> int:
    return fields.number("version", "Version", least=1, most=MAX_INTEGER)


@pages.post(f"{TASK}/delete")
async def delete(visit: Visit) -> web.StreamResponse:
    """Delete a task."""
    task = await find(visit)
    project = task.project.public_id
    await tasks.remove(visit.db, visit.actor, task)
    return visit.redirect(f"/projects/{project}", "Task deleted.")


@pages.post(f"{TASK}/comments", again=show)
async def comment(visit: Visit) -> web.StreamResponse:
    """Say something."""
    task = await find(visit)
    fields = visit.fields()
    body = fields.text("body", "Comment", most=MOST_COMMENT, lines=True)
    fields.finish()
    await comments.create(visit.db, visit.actor, task, body)
    return visit.redirect(f"/tasks/{task.public_id}", "Comment added.")


@pages.post(f"{TASK}/comments/{{comment_id:{PUBLIC_ID_PATTERN}}}/delete")
async def delete_comment(visit: Visit) -> web.StreamResponse:
    """Take it back."""
    task = await find(visit)
    found = await comments.get(visit.db, visit.actor, task, visit.param("comment_id"))
    await comments.remove(visit.db, visit.actor, task, found)
    return visit.redirect(f"/tasks/{task.public_id}", "Comment deleted.")


@pages.post(f"{TASK}/labels", again=show)
async def add_label(visit: Visit) -> web.StreamResponse:
    """Put a label on."""
    task = await find(visit)
    label = await labels.get(visit.db, visit.actor, visit.typed("label"))
    await labels.put_on(visit.db, visit.actor, task, label)
    return visit.redirect(f"/tasks/{task.public_id}", f"Label {label.name} added.")


@pages.post(f"{TASK}/labels/{{label_id:{PUBLIC_ID_PATTERN}}}/remove")
async def remove_label(visit: Visit) -> web.StreamResponse:
    """Take a label off."""
    task = await find(visit)
    label = await labels.get(visit.db, visit.actor, visit.param("label_id"))
    await labels.take_off(visit.db, task, label)
    return visit.redirect(f"/tasks/{task.public_id}", f"Label {label.name} removed.")


@pages.get("/my-tasks")
async def mine(visit: Visit) -> web.StreamResponse:
    """List what the actor has to do."""
    wanted = tasks.Filter(assignee_id=visit.actor.user.id, open_only=True)
    return visit.render(
        "my_tasks.html", page=await tasks.listed(visit.db, visit.actor, wanted, visit.window())
    )


@pages.get("/search")
async def find_tasks(visit: Visit) -> web.StreamResponse:
    """Search."""
    query = visit.query("q")[: search.MOST_CHARACTERS]
    page = await search.find(visit.db, visit.actor, query, visit.window())
    return visit.render("search.html", page=page, query=query)
