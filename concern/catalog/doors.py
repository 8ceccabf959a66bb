"""The way to an instance without the edge, with the headers that the edge would write."""

from dataclasses import dataclass, replace

from agents.web.wire import CLIENT, MOMENT, Door, Request, Response


@dataclass
class DirectDoor(Door):
    """Speaks to an instance's own socket: the product sees what it would see behind the edge."""

    async def send(self, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name not in (CLIENT, MOMENT)}
        headers["X-Forwarded-For"] = request.headers.get(CLIENT, "192.0.2.1")
        headers["X-Forwarded-Proto"] = "https"
        return await super().send(replace(request, headers=headers))
