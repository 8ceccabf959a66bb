"""Around every request: an id, a log line, metrics, headers, and an honest page when we fail."""

import logging
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from invoicing import logs
from invoicing.people import Person
from invoicing.runtime import RUNTIME
from invoicing.security import new_public_id

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would make browsers send "Origin: null" with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",  # books are for nobody in between
    "Server": "folio",
}

log = logging.getLogger("invoicing.access")
_SENT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PERSON = web.RequestKey("person", Person)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def note(request: web.Request, person: Person) -> None:
    """Name who asks in the log line."""
    request[_PERSON] = person


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer, and say how it went."""
    began = time.perf_counter()
    sent = request.headers.get("X-Request-Id", "")
    request_id = sent if _SENT_ID.fullmatch(sent) else new_public_id()
    response = await _answer(request, handler, request_id)
    response.headers["X-Request-Id"] = request_id
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    seconds = time.perf_counter() - began
    route = route_of(request)
    request.app[RUNTIME].metrics.answered(request.method, route, response.status, seconds)
    person = request.get(_PERSON)
    log.info(
        "request",
        extra=logs.fields(
            request_id=request_id,
            method=request.method,
            path=route if "{secret" in route else request.path,  # what is secret stays out of the logs
            route=route,
            status=response.status,
            ms=round(seconds * 1000, 1),
            user=person.user.public_id if person else None,
            firm=person.firm.public_id if person else None,
        ),
    )
    return response


async def _answer(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as refused:  # aiohttp's own: no such route, wrong method
        allow = {"Allow": refused.headers["Allow"]} if "Allow" in refused.headers else {}
        return _plain(request, refused.status, refused.reason, allow)
    except Exception:  # the boundary: people get an answer, we get a trace
        log.exception("request failed", extra=logs.fields(request_id=request_id, route=route_of(request)))
        return _plain(request, 500, f"Something went wrong on our side. Reference: {request_id}", {})


def _plain(request: web.Request, status: int, message: str, headers: dict[str, str]) -> web.Response:
    """Answer without a handler."""
    if request.path.startswith("/api/"):
        body = {"error": {"code": f"http_{status}", "message": message}}
        return web.json_response(body, status=status, headers=headers)
    template = request.app[RUNTIME].templates.get_template("failure.html")
    text = template.render(status=status, message=message)
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)


def route_of(request: web.Request) -> str:
    """Return the route's pattern: it has no ids and no secrets."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"
