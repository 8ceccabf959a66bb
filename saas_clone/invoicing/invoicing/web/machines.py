"""What machines ask for."""

from aiohttp import web
from sqlalchemy import text

from invoicing.runtime import RUNTIME
from invoicing.templating import style_sheet


async def health(request: web.Request) -> web.Response:
    """Say whether this instance can serve: it reaches its database."""
    async with request.app[RUNTIME].storage.open(writes=False) as session:
        await session.execute(text("SELECT 1"))
    return web.json_response({"status": "ok"})


async def metrics(request: web.Request) -> web.Response:
    """Show the counters to the platform; what came through the edge is not the platform."""
    if "X-Forwarded-For" in request.headers:
        raise web.HTTPNotFound
    return web.Response(text=request.app[RUNTIME].metrics.text(), content_type="text/plain")


async def style(_request: web.Request) -> web.Response:
    """Serve the style sheet."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return web.Response(body=style_sheet(), content_type="text/css", headers=headers)


routes = [web.get("/healthz", health), web.get("/metrics", metrics), web.get("/static/style.css", style)]
