"""Share links: the pages where people make and revoke them, and the page that strangers see."""

from aiohttp import web

from tracker import sharing
from tracker.errors import Invalid
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import Project, Task, now
from tracker.web.projects import PROJECT
from tracker.web.projects import find as find_project
from tracker.web.routing import Pages
from tracker.web.tasks import COMMENTS_PAGE, TASK
from tracker.web.tasks import find as find_task
from tracker.web.visit import Visit

pages = Pages()
LINK = "/share/{token:[A-Za-z0-9_-]{20,64}}"
UNLISTED = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "no-store"}


@pages.get("/share-links")
async def index(visit: Visit) -> web.StreamResponse:
    """List the team's links."""
    page = await sharing.listed(visit.db, visit.actor, visit.window())
    return visit.render("share_links.html", page=page, name_of=sharing.name_of)


@pages.get(f"{TASK}/share")
async def show_task(visit: Visit) -> web.StreamResponse:
    """Offer to share a task."""
    task = await find_task(visit)
    links = await sharing.of_task(visit.db, visit.actor, task)
    return visit.render(
        "share.html", name=task.title, base=f"/tasks/{task.public_id}", links=links, task=task
    )


@pages.post(f"{TASK}/share", again=show_task)
async def share_task(visit: Visit) -> web.StreamResponse:
    """Make a link to a task and show it, once."""
    return await _share(visit, await find_task(visit))


@pages.get(f"{PROJECT}/share")
async def show_project(visit: Visit) -> web.StreamResponse:
    """Offer to share a project's list."""
    project = await find_project(visit)
    links = await sharing.of_project(visit.db, visit.actor, project)
    base = f"/projects/{project.public_id}"
    return visit.render("share.html", name=project.name, base=base, links=links, task=None)


@pages.post(f"{PROJECT}/share", again=show_project)
async def share_project(visit: Visit) -> web.StreamResponse:
    """Make a link to a project's tasks and show it, once."""
    return await _share(visit, await find_project(visit))


async def _share(visit: Visit, shared: Task | Project) -> web.StreamResponse:
    fields = visit.fields()
    last_day = fields.day("last_day", "Last day")
    fields.finish()
    if last_day is not None and last_day < now().date():
        raise Invalid({"last_day": "Last day must not be in the past"})
    comments = isinstance(shared, Task) and bool(visit.typed("comments"))
    link, secret = await sharing.create(
        visit.db, visit.actor, shared, with_comments=comments, last_day=last_day
    )
    visit.status = 201
    address = f"{visit.own_address}/share/{secret}"
    return visit.render("share_created.html", name=sharing.name_of(link), link=link, address=address)


@pages.post(f"/share-links/{{link_id:{PUBLIC_ID_PATTERN}}}/revoke")
async def revoke(visit: Visit) -> web.StreamResponse:
    """End a link."""
    link = await sharing.get(visit.db, visit.actor, visit.param("link_id"))
    await sharing.revoke(visit.db, visit.actor, link)
    return visit.redirect("/share-links", "Share link revoked.")


@pages.get(LINK, public=True)
async def read(visit: Visit) -> web.StreamResponse:
    """Show what was shared, and nothing about the people, but who wrote the comments if these are shared."""
    link = await sharing.opened(visit.db, visit.param("token"))
    if link.task is None:
        page = await sharing.tasks_of(visit.db, link, visit.window())
        response = visit.render("shared_project.html", project=link.project, page=page)
    else:
        comments = await sharing.comments_of(visit.db, link, visit.window(COMMENTS_PAGE))
        response = visit.render(
            "shared_task.html",
            task=link.task,
            with_comments=link.with_comments,
            comments=list(reversed(comments.rows)),
            earlier=visit.next_address(comments.next_cursor),
        )
    response.headers.update(UNLISTED)
    return response
