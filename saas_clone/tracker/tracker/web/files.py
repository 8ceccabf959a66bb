"""Pages of attachments."""

from urllib.parse import quote

from aiohttp import web

from tracker import attachments
from tracker.errors import Invalid, NotFound
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.web.routing import Pages
from tracker.web.tasks import TASK, find, show
from tracker.web.visit import Visit

pages = Pages()
FILE = f"/attachments/{{file_id:{PUBLIC_ID_PATTERN}}}"


@pages.post(f"{TASK}/attachments", again=show)
async def upload(visit: Visit) -> web.StreamResponse:
    """Attach a file to a task."""
    task = await find(visit)
    field = visit.form.get("file")
    if not isinstance(field, web.FileField):
        raise Invalid({"file": "Choose a file to upload."})
    attachment = await attachments.create(
        visit.db, visit.actor, visit.services.files, task, field.filename, field.file
    )
    return visit.redirect(f"/tasks/{task.public_id}", f"File {attachment.file_name} uploaded.")


@pages.get(FILE)
async def download(visit: Visit) -> web.StreamResponse:
    """Hand a file out: always as a download, never as a page of ours."""
    attachment = await attachments.get(visit.db, visit.actor, visit.param("file_id"))
    path = visit.services.files.path(attachment.public_id)
    if not path.is_file():
        raise NotFound("The file is missing. Please tell our support.")
    name = quote(attachment.file_name)
    return web.FileResponse(
        path,
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        },
    )


@pages.post(f"{FILE}/delete")
async def delete(visit: Visit) -> web.StreamResponse:
    """Delete a file."""
    attachment = await attachments.get(visit.db, visit.actor, visit.param("file_id"))
    task = await attachments.task_of(visit.db, attachment)
    await attachments.remove(visit.db, visit.actor, attachment)
    return visit.redirect(f"/tasks/{task}", f"File {attachment.file_name} deleted.")
