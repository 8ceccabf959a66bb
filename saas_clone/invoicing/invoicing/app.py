"""The application: its routes, and what it closes."""

from collections.abc import AsyncIterator

from aiohttp import web

from invoicing.api import books, openapi, registers
from invoicing.api.calls import PREFIX
from invoicing.observing import observe
from invoicing.runtime import RUNTIME, Runtime
from invoicing.settings import Settings
from invoicing.web import (
    account,
    clients,
    credit,
    drafts,
    entrance,
    invoices,
    items,
    machines,
    overview,
    payments,
    people,
    public,
    recurring,
    reports,
)

PAGES = (
    overview, entrance, clients, items, drafts, invoices, credit, payments, recurring, reports, people, account, public,
)  # fmt: skip


def make_app(settings: Settings) -> web.Application:
    """Build the application; nothing is opened before it starts."""
    app = web.Application(middlewares=[observe], client_max_size=settings.max_body_bytes)
    app[RUNTIME] = Runtime.start(settings)
    app.cleanup_ctx.append(_storage)
    app.add_routes(machines.routes)
    for module in PAGES:
        app.add_routes(module.pages.routes)
    for module in (registers, books):
        app.add_routes(module.calls.routes)
    app.router.add_get(f"{PREFIX}/openapi.json", openapi.serve)
    return app


async def _storage(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[RUNTIME].storage.close()
