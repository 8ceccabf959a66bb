"""VAT report and export."""

from aiohttp import web

from invoicing import reports
from invoicing.dates import Period, recent_quarters
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()


@pages.get("/reports")
async def index(visit: Visit) -> web.StreamResponse:
    """Show the VAT report of a period; of the present quarter, if none is named."""
    asked = visit.query("period")
    period = reports.period_of(asked) if asked else Period.quarter_of(visit.person.today)
    report = await reports.vat(visit.db, visit.person, period)
    return visit.render("reports.html", report=report, quarters=recent_quarters(visit.person.today))


@pages.get("/reports/export.csv")
async def export(visit: Visit) -> web.StreamResponse:
    """Hand out everything issued in a period."""
    period = reports.period_of(visit.query("period"))
    text = await reports.export(visit.db, visit.person, period)
    headers = {"Content-Disposition": f'attachment; filename="invoices-{period.name}.csv"'}
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)
