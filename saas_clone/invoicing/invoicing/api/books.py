"""Invoices, payments and reports, by API."""

from invoicing import clients, documents, drafts, issuing, payments, reports
from invoicing.api import shapes
from invoicing.api.calls import Answer, Call, Calls
from invoicing.documents import FILTERS
from invoicing.refusals import Invalid
from invoicing.security import PUBLIC_ID
from invoicing.tables import Document

calls = Calls()
INVOICE = f"/invoices/{{invoice_id:{PUBLIC_ID}}}"


@calls.on("GET", "/invoices")
async def list_invoices(call: Call) -> Answer:
    """List documents, all or those of one state or client."""
    show = call.query("show") or "all"
    if show not in FILTERS:
        raise Invalid({"show": f"show must be one of {', '.join(FILTERS)}"})
    client_id = call.query("client")
    client = await clients.get(call.db, call.person, client_id) if client_id else None
    found = await documents.listed(call.db, call.person, call.window(), show, client)
    return Answer(shapes.page(found, shapes.brief(call.person)))


@calls.on("POST", "/invoices", once=True)
async def create_invoice(call: Call) -> Answer:
    """Draft an invoice with its lines and, if asked, issue it at once."""
    inputs = call.inputs()
    client_id = inputs.reference("client_id", "client_id")
    head = drafts.read_head(inputs, call.person.firm.payment_days)
    lines = []
    for each in inputs.objects("lines", "lines", drafts.MOST_LINES):
        lines.append(drafts.read_line(each))
        inputs.gather(each)
    issue_now = inputs.flag("issue", "issue")
    inputs.finish()
    client = await clients.get(call.db, call.person, client_id)
    document = await drafts.create(call.db, call.person, client, head, lines)
    if issue_now:
        await _issue(call, document)
    return Answer(shapes.document(call.person, document), 201)


@calls.on("GET", INVOICE)
async def get_invoice(call: Call) -> Answer:
    """Return a document."""
    found = await documents.get(call.db, call.person, call.param("invoice_id"))
    return Answer(shapes.document(call.person, found))


async def _find(call: Call) -> Document:
    return await documents.get(call.db, call.person, call.param("invoice_id"), lock=True)


@calls.on("POST", f"{INVOICE}/issue", once=True)
async def issue_invoice(call: Call) -> Answer:
    """Issue a draft."""
    document = await _find(call)
    await _issue(call, document)
    return Answer(shapes.document(call.person, document))


async def _issue(call: Call, document: Document) -> None:
    await issuing.issue(call.db, call.person, document)
    call.runtime.metrics.issued(document.kind)


@calls.on("POST", f"{INVOICE}/send")
async def send_invoice(call: Call) -> Answer:
    """Send an issued document to its client."""
    document = await _find(call)
    settings = call.runtime.settings
    await issuing.send(call.db, call.person, document, call.runtime.signer, settings.public_url)
    return Answer(shapes.document(call.person, document))


@calls.on("POST", f"{INVOICE}/credit")
async def credit_invoice(call: Call) -> Answer:
    """Draft a credit note for all of an invoice."""
    note = await drafts.begin_credit(call.db, call.person, await _find(call))
    return Answer(shapes.document(call.person, note), 201)


@calls.on("GET", "/payments")
async def list_payments(call: Call) -> Answer:
    """List payments."""
    unmatched = call.query("unmatched") == "true"
    found = await payments.listed(call.db, call.person, call.window(), unmatched=unmatched)
    return Answer(shapes.page(found, shapes.payment))


@calls.on("POST", "/payments", once=True)
async def record_payment(call: Call) -> Answer:
    """Record a payment, for an invoice or to be matched by its reference."""
    inputs = call.inputs()
    amount = inputs.cents("amount", "amount", least=1)
    received_on = inputs.day("received_on", "received_on") or call.person.today
    reference = inputs.text("reference", "reference", least=0)
    invoice_id = inputs.reference("invoice_id", "invoice_id")
    inputs.finish()
    document = await documents.get(call.db, call.person, invoice_id, lock=True) if invoice_id else None
    payment = await payments.record(call.db, call.person, amount, received_on, reference, document)
    return Answer(shapes.payment(payment), 201)


@calls.on("GET", "/reports/vat")
async def vat_report(call: Call) -> Answer:
    """Return the VAT of a quarter or a month."""
    return Answer(shapes.vat(await reports.vat(call.db, call.person, reports.period_of(call.query("period")))))


@calls.on("GET", "/search")
async def search(call: Call) -> Answer:
    """Find documents."""
    found = await documents.find(call.db, call.person, call.query("q"), call.window())
    return Answer(shapes.page(found, shapes.brief(call.person)))
