"""The front page, the overview, the search, the audit trail and the outbox."""

from aiohttp import web

from invoicing import audit, documents, letters
from invoicing.web.pages import ANYBODY, Pages, identify
from invoicing.web.visit import Visit

pages = Pages()


@pages.get("/", ANYBODY)
async def home(visit: Visit) -> web.StreamResponse:
    """Introduce the product, or go to work."""
    await identify(visit)
    return visit.go("/overview") if visit.known else visit.render("home.html")


@pages.get("/overview")
async def overview(visit: Visit) -> web.StreamResponse:
    """Show what is open, and what is late."""
    sums = await documents.sums(visit.db, visit.person)
    late = await documents.listed(visit.db, visit.person, visit.window(), "overdue")
    return visit.render("overview.html", sums=sums, late=late)


@pages.get("/search")
async def search(visit: Visit) -> web.StreamResponse:
    """Find documents."""
    query = visit.query("q")[: documents.MOST_QUERY]
    found = await documents.find(visit.db, visit.person, query, visit.window())
    return visit.render("search.html", query=query, found=found)


@pages.get("/audit")
async def trail(visit: Visit) -> web.StreamResponse:
    """Show who did what."""
    return visit.render("audit.html", trail=await audit.trail(visit.db, visit.person, visit.window()))


@pages.get("/outbox")
async def outbox(visit: Visit) -> web.StreamResponse:
    """Show the letters to clients."""
    return visit.render("outbox.html", outbox=await letters.listed(visit.db, visit.person, visit.window()))
