"""Pages to take tasks out and to bring tasks in."""

from aiohttp import web

from tracker import exports, imports, labels, projects, teams
from tracker.csv_files import MOST_ROWS, decode
from tracker.errors import Forbidden, Invalid
from tracker.fields import clean
from tracker.filters import NAMES, read_filter
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.web.routing import Pages
from tracker.web.streaming import download
from tracker.web.visit import Visit

pages = Pages()
FILE = f"/import/{{file_id:{PUBLIC_ID_PATTERN}}}"


@pages.get("/export")
async def show_export(visit: Visit) -> web.StreamResponse:
    """Offer the files."""
    return visit.render(
        "export.html",
        projects=await projects.active(visit.db, visit.actor),
        members=await teams.names(visit.db, visit.actor),
        labels=await labels.listed(visit.db, visit.actor),
    )


@pages.get("/export/tasks")
async def export_tasks(visit: Visit) -> web.StreamResponse:
    """Hand out the tasks that are wanted, in the format that is wanted."""
    query = {name: visit.query(name) for name in NAMES}
    wanted = await read_filter(visit.db, visit.actor, query)
    if visit.query("format") == "json":
        pieces = exports.tasks_as_json(visit.db, visit.actor, wanted)
        return await download(visit, "tasks.json", "application/json", pieces)
    pieces = exports.tasks_as_csv(visit.db, visit.actor, wanted)
    return await download(visit, "tasks.csv", "text/csv; charset=utf-8", pieces)


@pages.get("/export/organisation.json")
async def export_organisation(visit: Visit) -> web.StreamResponse:
    """Hand out everything, to owners."""
    if visit.actor.role != "owner":
        raise Forbidden("Only owners can export the whole organisation.")
    pieces = exports.organisation_as_json(visit.db, visit.actor)
    return await download(visit, "organisation.json", "application/json", pieces)


@pages.get("/import")
async def show_import(visit: Visit) -> web.StreamResponse:
    """Offer to choose a file."""
    return visit.render(
        "import.html", projects=await projects.active(visit.db, visit.actor), most_rows=MOST_ROWS
    )


@pages.post("/import", again=show_import)
async def choose(visit: Visit) -> web.StreamResponse:
    """Take a file, and show what it would do."""
    field = visit.form.get("file")
    if not isinstance(field, web.FileField) or not field.filename:
        raise Invalid({"file": "Choose a file to import."})
    text = decode(field.file.read(imports.MOST_BYTES + 1))
    chosen = visit.fields().reference("project", "Project")
    project = await projects.get(visit.db, visit.actor, chosen) if chosen else None
    file = await imports.keep(
        visit.db, visit.actor, project.id if project else None, clean(field.filename), text
    )
    await imports.preview(visit.db, visit.actor, file)  # what cannot be read at all is refused here
    return visit.redirect(f"/import/{file.public_id}")


@pages.get(FILE)
async def preview(visit: Visit) -> web.StreamResponse:
    """Show what a file would do, or what is wrong with it."""
    file = await imports.get(visit.db, visit.actor, visit.param("file_id"))
    found = await imports.preview(visit.db, visit.actor, file)
    visit.status = 422 if found.problems else 200
    return visit.render(
        "import_preview.html",
        file=file,
        found=found,
        problems=found.problems[: imports.MOST_PROBLEMS],
        shown=found.tasks[: imports.SHOWN_ROWS],
    )


@pages.post(f"{FILE}/run", again=preview)
async def run(visit: Visit) -> web.StreamResponse:
    """Import it."""
    file = await imports.get(visit.db, visit.actor, visit.param("file_id"))
    new, known = await imports.run(visit.db, visit.actor, file)
    return visit.redirect("/import", f"{new} tasks imported, {known} were here already.")
