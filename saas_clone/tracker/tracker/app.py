"""The application: its routes, and what it opens and closes."""

from collections.abc import AsyncIterator

from aiohttp import web

from tracker.api import automation as api_automation
from tracker.api import bulk as api_bulk
from tracker.api import cors, openapi, talk
from tracker.api import filters as api_filters
from tracker.api import notifications as api_notifications
from tracker.api import projects as api_projects
from tracker.api import sharing as api_sharing
from tracker.api import tasks as api_tasks
from tracker.api.routing import PREFIX
from tracker.observing import observe
from tracker.services import SERVICES, Services
from tracker.settings import Settings
from tracker.web import (
    account,
    audit,
    auth,
    automation,
    bulk,
    exchange,
    files,
    filters,
    home,
    mail,
    overview,
    projects,
    resets,
    sharing,
    tasks,
    team,
)

_FORM_OVERHEAD_BYTES = 64 * 1024
"""What a multipart form may weigh more than the file in it."""


def make_app(settings: Settings) -> web.Application:
    """Build the application. Nothing is opened before it starts."""
    app = web.Application(
        middlewares=[observe], client_max_size=settings.max_upload_bytes + _FORM_OVERHEAD_BYTES
    )
    app[SERVICES] = Services.start(settings)
    app.cleanup_ctx.append(_database)
    app.add_routes(home.machine_routes)
    for module in (
        home,
        auth,
        resets,
        projects,
        filters,
        tasks,
        files,
        sharing,
        team,
        audit,
        account,
        mail,
        bulk,
        exchange,
        automation,
        overview,
    ):
        app.add_routes(module.pages.routes)
    for module in (
        api_projects,
        api_tasks,
        api_filters,
        talk,
        api_notifications,
        api_sharing,
        api_bulk,
        api_automation,
    ):
        app.add_routes(module.operations.routes)
    app.router.add_get(f"{PREFIX}/openapi.json", openapi.serve)
    if settings.cors_origins:
        app.router.add_route("OPTIONS", f"{PREFIX}/{{path:.*}}", cors.preflight)
    return app


async def _database(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[SERVICES].database.close()
