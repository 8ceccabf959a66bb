"""Reading a request's body: all of it, within limits, before a database session is open.

A slow or endless upload must never hold the database's write lock.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiMapping

from tracker.errors import Malformed, TooLarge

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

Form = MultiMapping[Any]
"""Text fields as ``str``, files as ``web.FileField``."""


async def read_form(request: web.Request, most_bytes: int) -> Form:
    """Read the fields of a posted form; ``most_bytes`` limits plain forms, the server limits uploads."""
    if request.content_type not in (FORM, MULTIPART):
        if request.content_length:
            raise Malformed("Send a form.")
        return MultiDict()
    if request.content_type == FORM:
        _limit(request, most_bytes)
    try:
        return await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except (ValueError, LookupError, AssertionError, web.HTTPBadRequest):
        # Wrong encoding, unknown charset, broken multipart: aiohttp has no common error for them.
        raise Malformed("The form could not be read.") from None


async def read_json(request: web.Request, most_bytes: int) -> Mapping[str, Any]:
    """Read a JSON object; an empty body is an empty object."""
    _limit(request, most_bytes)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    if len(body) > most_bytes:
        raise _too_large()
    if not body:
        return {}
    if request.content_type != "application/json":
        raise Malformed("Send JSON, with Content-Type: application/json.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Malformed("The body must be a JSON object.")
    return found


def _limit(request: web.Request, most_bytes: int) -> None:
    if (request.content_length or 0) > most_bytes:
        raise _too_large()


def _too_large() -> TooLarge:
    return TooLarge("That is too large.")
