"""One's own notifications, by API."""

from aiohttp import web

from tracker import notifications
from tracker.api import shapes
from tracker.api.routing import Call, Operations
from tracker.ids import PUBLIC_ID_PATTERN

operations = Operations()


@operations.on("GET", "/notifications")
async def index(call: Call) -> web.Response:
    """List them."""
    found = await notifications.listed(call.db, call.actor, call.window())
    return call.page(found, shapes.notification)


@operations.on("PUT", "/notifications/read")
async def read_all(call: Call) -> web.Response:
    """Mark all as read."""
    await notifications.mark_all_read(call.db, call.actor)
    return web.Response(status=204)


@operations.on("PUT", f"/notifications/{{notification_id:{PUBLIC_ID_PATTERN}}}/read")
async def read_one(call: Call) -> web.Response:
    """Mark one as read."""
    await notifications.mark_read(call.db, call.actor, call.param("notification_id"))
    return web.Response(status=204)
