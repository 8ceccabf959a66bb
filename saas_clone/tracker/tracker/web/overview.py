"""Pages about the organisation as a whole: reports and settings."""

from aiohttp import web

from tracker import organisations, reports
from tracker.calendars import zones
from tracker.fields import Fields
from tracker.models import now
from tracker.paging import API_PAGE_MOST
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()


@pages.get("/reports")
async def show_reports(visit: Visit) -> web.StreamResponse:
    """Show how it goes."""
    return visit.render(
        "reports.html",
        report=await reports.report(visit.db, visit.actor, now()),
        state_days=reports.STATE_DAYS,
    )


@pages.get("/settings")
async def show_settings(visit: Visit) -> web.StreamResponse:
    """Show the settings, and the way to what works by itself."""
    return visit.render(
        "settings.html",
        zones=zones(),
        most_rows=API_PAGE_MOST,
        most_bytes=visit.services.settings.max_body_bytes,
    )


@pages.post("/settings", again=show_settings)
async def save_settings(visit: Visit) -> web.StreamResponse:
    """Change the settings."""
    fields = visit.fields()
    choice = organisations.Choice(
        time_zone=fields.choice("time_zone", "Time zone", zones(), ""),
        api_page_most=_limit(
            fields, "api_page_most", "Rows of an API page", organisations.LEAST_PAGE, API_PAGE_MOST
        ),
        api_body_most=_limit(
            fields,
            "api_body_most",
            "Bytes of an API request",
            organisations.LEAST_BODY,
            visit.services.settings.max_body_bytes,
        ),
    )
    fields.finish()
    await organisations.change(visit.db, visit.actor, choice)
    return visit.redirect("/settings", "Settings saved.")


def _limit(fields: Fields, name: str, what: str, least: int, most: int) -> int | None:
    """Read a limit; the largest one, and an empty field, are none of the organisation's own."""
    if not fields.has(name) or not fields.text(name, what, most=10, least=0):
        return None
    number = fields.number(name, what, least=least, most=most)
    return None if number == most else number
