"""The page of the audit log."""

from aiohttp import web

from tracker import audit
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()


@pages.get("/audit")
async def show(visit: Visit) -> web.StreamResponse:
    """List what was done about security; an unknown kind is as none."""
    kind = visit.query("kind")
    page = await audit.listed(visit.db, visit.actor, kind if kind in audit.KINDS else "", visit.window())
    return visit.render("audit.html", page=page, kinds=audit.KINDS, kind=kind)
