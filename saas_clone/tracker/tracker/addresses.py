"""Where a request comes from."""

from aiohttp import web


def client_address(request: web.Request) -> str:
    """Return the first entry of ``X-Forwarded-For`` on our socket, the peer's address on a port."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if isinstance(peer, tuple):
        return str(peer[0])
    return request.headers.get("X-Forwarded-For", "").split(",")[0].strip()[:64] or "local"
