"""The front page, and what machines ask for."""

from aiohttp import web
from sqlalchemy import text

from tracker.assets import icon, style_sheet
from tracker.services import SERVICES
from tracker.web.routing import Pages, identify
from tracker.web.visit import Visit

pages = Pages()


@pages.get("/", public=True)
async def home(visit: Visit) -> web.StreamResponse:
    """Introduce the product, or go to work."""
    await identify(visit)
    return visit.redirect("/projects") if visit.known else visit.render("home.html")


async def health(request: web.Request) -> web.Response:
    """Say whether this instance can serve: it reaches its database."""
    async with request.app[SERVICES].database.session(writes=False) as session:
        await session.execute(text("SELECT 1"))
    return web.json_response({"status": "ok"})


async def metrics(request: web.Request) -> web.Response:
    """Show counters to the platform. What came through the edge is not the platform."""
    if "X-Forwarded-For" in request.headers:
        raise web.HTTPNotFound
    return web.Response(text=request.app[SERVICES].metrics.text(), content_type="text/plain")


async def style(request: web.Request) -> web.Response:
    """Serve the style sheet."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return web.Response(body=style_sheet(), content_type="text/css", headers=headers)


async def show_icon(request: web.Request) -> web.Response:
    """Serve the icon."""
    return web.Response(
        body=icon(), content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
    )


machine_routes = [
    web.get("/healthz", health),
    web.get("/metrics", metrics),
    web.get("/static/style.css", style),
    web.get("/static/icon.svg", show_icon),
]
