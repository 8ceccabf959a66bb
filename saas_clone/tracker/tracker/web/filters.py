"""Pages of saved filters."""

from aiohttp import web

from tracker import saved_filters
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.web.projects import PROJECT, find, show
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
FILTER = f"/filters/{{filter_id:{PUBLIC_ID_PATTERN}}}"


@pages.get("/filters")
async def index(visit: Visit) -> web.StreamResponse:
    """List one's own and the team's filters."""
    return visit.render("filters.html", filters=await saved_filters.listed(visit.db, visit.actor))


@pages.post(f"{PROJECT}/filters", again=show)
async def save(visit: Visit) -> web.StreamResponse:
    """Keep the filter in the address under a name."""
    project = await find(visit)
    fields = visit.fields()
    name = fields.text("name", "Filter name", most=100)
    fields.finish()
    wanted = saved_filters.checked(**{part: visit.query(part) for part in saved_filters.PARTS})
    saved = await saved_filters.create(
        visit.db, visit.actor, project, name, wanted, shared=bool(visit.typed("shared"))
    )
    return visit.redirect(saved_filters.address(saved), f"Filter {name} saved.")


@pages.get(FILTER)
async def open_filter(visit: Visit) -> web.StreamResponse:
    """Go to the list that a filter shows."""
    saved = await saved_filters.get(visit.db, visit.actor, visit.param("filter_id"))
    return visit.redirect(saved_filters.address(saved))


@pages.post(f"{FILTER}/rename", again=index)
async def rename(visit: Visit) -> web.StreamResponse:
    """Give it another name."""
    saved = await saved_filters.get(visit.db, visit.actor, visit.param("filter_id"))
    fields = visit.fields()
    name = fields.text("name", "New name", most=100)
    fields.finish()
    await saved_filters.change(visit.db, visit.actor, saved, name)
    return visit.redirect("/filters", f"Filter {name} renamed.")


@pages.post(f"{FILTER}/delete")
async def delete(visit: Visit) -> web.StreamResponse:
    """Forget it."""
    saved = await saved_filters.get(visit.db, visit.actor, visit.param("filter_id"))
    await saved_filters.remove(visit.db, visit.actor, saved)
    return visit.redirect("/filters", f"Filter {saved.name} deleted.")
