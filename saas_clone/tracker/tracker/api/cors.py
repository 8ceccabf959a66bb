"""Scripts of other sites: they may call the API from the origins in TRACKER_CORS_ORIGINS, by default none."""

from collections.abc import Collection

from aiohttp import web

from tracker.services import SERVICES

METHODS = "GET, POST, PUT, PATCH, DELETE"
ACCEPTED = "Authorization, Content-Type, If-Match, Idempotency-Key"
SHOWN = "ETag, Link, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-Id"


def allow(request: web.Request, response: web.Response, origins: Collection[str]) -> None:
    """Let the browser show an answer to the script that asked, if its site may."""
    if not origins:
        return
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("Origin", "")
    if origin in origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = SHOWN


async def preflight(request: web.Request) -> web.Response:
    """Answer a browser that asks before it sends. Routed only where some origin is allowed."""
    response = web.Response(status=204)
    allow(request, response, request.app[SERVICES].settings.cors_origins)
    if "Access-Control-Allow-Origin" in response.headers:
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = ACCEPTED
    return response
