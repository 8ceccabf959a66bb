"""Pages of documents: the list, one of them, and what can happen to it."""

from aiohttp import web

from invoicing import audit, documents, issuing, letters, money, payments, schedules
from invoicing.documents import FILTERS, status
from invoicing.tables import Document
from invoicing.web.drafts import DOCUMENT, address_of, find, show_draft
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()


@pages.get("/invoices")
async def index(visit: Visit) -> web.StreamResponse:
    """List documents."""
    show = visit.query("show")
    show = show if show in FILTERS else "all"
    found = await documents.listed(visit.db, visit.person, visit.window(), show)
    return visit.render("invoices.html", found=found, show=show)


@pages.get(DOCUMENT)
async def show(visit: Visit) -> web.StreamResponse:
    """Show a document: a draft to write in, an issued one to read."""
    document = await documents.get(visit.db, visit.person, visit.param("document"))
    return await (show_draft(visit) if document.is_draft else show_issued(visit))


async def show_issued(visit: Visit) -> web.StreamResponse:
    """Show a document that is issued, with all that happened to it."""
    document = await documents.get(visit.db, visit.person, visit.param("document"))
    return visit.render(
        "invoice.html",
        document=document,
        sums=money.totals(document.lines),
        payments=await payments.of_document(visit.db, document),
        letters=await letters.listed(visit.db, visit.person, visit.window(), document),
        trail=await audit.trail(visit.db, visit.person, visit.window(), document),
        credits=await documents.by_id(visit.db, document.credits_id) if document.credits_id else None,
        public_link=letters.link(visit.runtime.signer, visit.own_url, document),
        state=status(document, visit.person.today),
    )


@pages.get(f"{DOCUMENT}/print")
async def printed(visit: Visit) -> web.StreamResponse:
    """Show nothing but the document itself."""
    document = await documents.get(visit.db, visit.person, visit.param("document"))
    return visit.render("print.html", document=document, sums=money.totals(document.lines))


@pages.post(f"{DOCUMENT}/send", again=show_issued)
async def send(visit: Visit) -> web.StreamResponse:
    """Write to the client."""
    document = await find(visit)
    await issuing.send(visit.db, visit.person, document, visit.runtime.signer, visit.own_url)
    return visit.go(address_of(document), "Sent to the client.")


@pages.post(f"{DOCUMENT}/payments", again=show_issued)
async def pay(visit: Visit) -> web.StreamResponse:
    """Record a payment for this invoice."""
    document = await find(visit)
    inputs = visit.inputs()
    amount = inputs.cents("amount", "Amount", least=1)
    received_on = inputs.day("received_on", "Received on") or visit.person.today
    reference = inputs.text("reference", "Reference", least=0)
    inputs.finish()
    await payments.record(visit.db, visit.person, amount, received_on, reference, document)
    return visit.go(address_of(document), "Payment recorded.")


@pages.post(f"{DOCUMENT}/write-off", again=show_issued)
async def write_off(visit: Visit) -> web.StreamResponse:
    """Stop waiting for the money."""
    document = await find(visit)
    await issuing.write_off(visit.db, visit.person, document)
    return visit.go(address_of(document), "Written off.")


@pages.post(f"{DOCUMENT}/renew-link", again=show_issued)
async def renew_link(visit: Visit) -> web.StreamResponse:
    """End the public link that is out there."""
    document = await find(visit)
    await issuing.renew_link(visit.db, visit.person, document)
    return visit.go(address_of(document), "The old link does not work any more.")


@pages.post(f"{DOCUMENT}/repeat", again=show_issued)
async def repeat(visit: Visit) -> web.StreamResponse:
    """Send the same again each month."""
    document: Document = await find(visit)
    inputs = visit.inputs()
    day = inputs.whole("day", "Day of the month", 1, 31, visit.person.today.day)
    earliest = inputs.day("earliest", "Not before") or visit.person.today
    inputs.finish()
    schedule = await schedules.begin(visit.db, visit.person, document, day, earliest)
    return visit.go("/recurring", f"{document.number} comes again on {schedule.next_on}.")
