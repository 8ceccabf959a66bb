"""Pages of projects."""

from aiohttp import web

from tracker import activity, labels, projects, saved_filters, tasks, teams
from tracker.errors import Invalid
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import Project
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
PROJECT = f"/projects/{{project_id:{PUBLIC_ID_PATTERN}}}"


async def find(visit: Visit) -> Project:
    """Return the project that the address names."""
    return await projects.get(visit.db, visit.actor, visit.param("project_id"))


@pages.get("/projects")
async def index(visit: Visit) -> web.StreamResponse:
    """List the projects."""
    archived = visit.query("archived") == "1"
    page = await projects.listed(visit.db, visit.actor, visit.window(), archived=archived)
    return visit.render("projects.html", page=page, archived=archived)


@pages.post("/projects", again=index)
async def create(visit: Visit) -> web.StreamResponse:
    """Start a project."""
    project = await projects.create(visit.db, visit.actor, _name(visit))
    return visit.redirect(f"/projects/{project.public_id}", f"Project {project.name} created.")


def _name(visit: Visit) -> str:
    fields = visit.fields()
    name = fields.text("name", "Project name", most=100)
    fields.finish()
    return name


@pages.get(PROJECT)
async def show(visit: Visit) -> web.StreamResponse:
    """List a project's tasks."""
    project = await find(visit)
    members = await teams.names(visit.db, visit.actor)
    all_labels = await labels.listed(visit.db, visit.actor)
    status, assignee, label = visit.query("status"), visit.query("assignee"), visit.query("label")
    wanted = tasks.Filter.read(project.id, status, assignee, label, members, all_labels)
    page = await tasks.listed(visit.db, visit.actor, wanted, visit.window())
    return visit.render(
        "project.html",
        project=project,
        page=page,
        members=members,
        labels=all_labels,
        saved=await saved_filters.listed(visit.db, visit.actor, project),
        filter_address=saved_filters.address,
    )


@pages.get(f"{PROJECT}/settings")
async def settings(visit: Visit) -> web.StreamResponse:
    """Offer what can be done with a project."""
    return visit.render("project_settings.html", project=await find(visit))


@pages.post(f"{PROJECT}/rename", again=settings)
async def rename(visit: Visit) -> web.StreamResponse:
    """Give it another name."""
    project = await find(visit)
    await projects.rename(visit.db, visit.actor, project, _name(visit))
    return visit.redirect(f"/projects/{project.public_id}", "Project renamed.")


@pages.post(f"{PROJECT}/archive")
async def archive(visit: Visit) -> web.StreamResponse:
    """Put it away."""
    project = await find(visit)
    await projects.archive(visit.db, visit.actor, project)
    return visit.redirect("/projects", f"Project {project.name} archived.")


@pages.post(f"{PROJECT}/restore")
async def restore(visit: Visit) -> web.StreamResponse:
    """Take it out again."""
    project = await find(visit)
    await projects.restore(visit.db, visit.actor, project)
    return visit.redirect(f"/projects/{project.public_id}", f"Project {project.name} restored.")


@pages.post(f"{PROJECT}/delete", again=settings)
async def delete(visit: Visit) -> web.StreamResponse:
    """Delete it for good."""
    project = await find(visit)
    if visit.typed("confirm") != "yes":
        raise Invalid({"confirm": "Tick the box to confirm that all its tasks will be deleted."})
    await projects.remove(visit.db, visit.actor, project)
    return visit.redirect("/projects", f"Project {project.name} deleted.")


@pages.get(f"{PROJECT}/activity")
async def show_activity(visit: Visit) -> web.StreamResponse:
    """Show what happened in a project."""
    project = await find(visit)
    page = await activity.feed(visit.db, visit.actor, visit.window(), project)
    return visit.render("activity.html", page=page, project=project)
