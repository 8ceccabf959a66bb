"""Invoices that come again each month."""

from aiohttp import web

from invoicing import schedules
from invoicing.security import PUBLIC_ID
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()


@pages.get("/recurring")
async def index(visit: Visit) -> web.StreamResponse:
    """List them."""
    return visit.render("recurring.html", schedules=await schedules.listed(visit.db, visit.person))


@pages.post(f"/recurring/{{schedule:{PUBLIC_ID}}}/stop")
async def stop(visit: Visit) -> web.StreamResponse:
    """End one."""
    await schedules.stop(visit.db, visit.person, visit.param("schedule"))
    return visit.go("/recurring", "Stopped.")
