"""Beginning a credit note; it is then written and issued as any draft."""

from aiohttp import web

from invoicing import drafts
from invoicing.web.drafts import DOCUMENT, address_of, find
from invoicing.web.invoices import show_issued
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()


@pages.post(f"{DOCUMENT}/credit", again=show_issued)
async def begin(visit: Visit) -> web.StreamResponse:
    """Draft a credit note with all lines of an invoice."""
    note = await drafts.begin_credit(visit.db, visit.person, await find(visit))
    return visit.go(address_of(note), "Credit note drafted: remove what is not taken back, then issue it.")
