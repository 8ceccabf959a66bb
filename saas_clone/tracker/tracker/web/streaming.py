"""Downloads that are written while they are read from the database."""

from collections.abc import AsyncIterator

from aiohttp import web

from tracker.observing import HEADERS
from tracker.web.visit import Visit


async def download(
    visit: Visit, name: str, content_type: str, pieces: AsyncIterator[str]
) -> web.StreamResponse:
    """Send a file. When we fail midway the connection breaks: half a file must not look like all of it."""
    headers = {
        **HEADERS,
        "Cache-Control": "no-store",
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    if visit.request.method == "HEAD":  # a stream would write its body all the same
        return web.Response(headers=headers)
    response = web.StreamResponse(headers=headers)
    await response.prepare(visit.request)
    try:
        async for piece in pieces:
            await response.write(piece.encode("utf-8", "replace"))
        await response.write_eof()
    except Exception:  # the boundary to the reader: half a file must not look like a whole one
        if visit.request.transport is not None:
            visit.request.transport.abort()
        raise
    return response
