"""Around every request: an id, a log line, metrics, headers, and a friendly page when we fail."""

import logging
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from tracker.actors import Actor
from tracker.ids import new_public_id
from tracker.problems import problem
from tracker.services import SERVICES

log = logging.getLogger("tracker.access")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "tracker",
}

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ACTOR = web.RequestKey("actor", tuple[str, str])

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def note_actor(request: web.Request, actor: Actor) -> None:
    """Name who asks in the request's log line."""
    # The ids themselves: a session that is rolled back forgets what it had read.
    request[_ACTOR] = actor.user.public_id, actor.organisation.public_id


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every request, and say how it went."""
    started = time.perf_counter()
    sent_id = request.headers.get("X-Request-Id", "")
    request_id = sent_id if _REQUEST_ID.fullmatch(sent_id) else new_public_id()
    response = await _answer(request, handler, request_id)
    response.headers["X-Request-Id"] = request_id
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # What people see is theirs alone: nothing between us may keep it.
    response.headers.setdefault("Cache-Control", "no-store")
    seconds = time.perf_counter() - started
    request.app[SERVICES].metrics.observe(request.method, route_of(request), response.status, seconds)
    _log(request, request_id, response.status, seconds)
    return response


async def _answer(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as refused:  # aiohttp's own: no such route, wrong method
        return plain_refusal(request, refused.status, refused.reason, dict(_allow(refused)))
    except Exception:  # the boundary: whatever we did wrong, people get an answer and we get a trace
        log.exception(
            "request failed", extra={"fields": {"request_id": request_id, "route": route_of(request)}}
        )
        return plain_refusal(request, 500, f"Something went wrong on our side. Reference: {request_id}", {})


def _allow(refused: web.HTTPException) -> list[tuple[str, str]]:
    return [(name, value) for name, value in refused.headers.items() if name == "Allow"]


def plain_refusal(request: web.Request, status: int, message: str, headers: dict[str, str]) -> web.Response:
    """Answer without a handler, as the API or as a page."""
    if request.path.startswith("/api/"):
        return problem(status, f"http_{status}", message, headers)
    page = request.app[SERVICES].templates.get_template("failure.html").render(status=status, message=message)
    return web.Response(text=page, content_type="text/html", status=status, headers=headers)


def route_of(request: web.Request) -> str:
    """Return the route's pattern: it names no ids and no secrets."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"


def _log(request: web.Request, request_id: str, status: int, seconds: float) -> None:
    route = route_of(request)
    fields: dict[str, object] = {
        "request_id": request_id,
        "method": request.method,
        "route": route,
        # An invitation's path is a secret, so logs have only its pattern.
        "path": route if "{token" in route else request.path,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    ids = request.get(_ACTOR)
    if ids is not None:
        fields["user"], fields["organisation"] = ids
    log.info("request", extra={"fields": fields})
