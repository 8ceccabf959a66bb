"""Pages of payments."""

from aiohttp import web

from invoicing import documents, payments
from invoicing.security import PUBLIC_ID
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()
PAYMENT = f"/payments/{{payment:{PUBLIC_ID}}}"


@pages.get("/payments")
async def index(visit: Visit) -> web.StreamResponse:
    """List payments, all or those that nobody has matched."""
    unmatched = visit.query("show") == "unmatched"
    found = await payments.listed(visit.db, visit.person, visit.window(), unmatched=unmatched)
    return visit.render("payments.html", found=found, unmatched=unmatched)


@pages.post("/payments", again=index)
async def record(visit: Visit) -> web.StreamResponse:
    """Record a payment and match it, if its reference tells."""
    inputs = visit.inputs()
    amount = inputs.cents("amount", "Amount", least=1)
    received_on = inputs.day("received_on", "Received on") or visit.person.today
    reference = inputs.text("reference", "Reference", least=0)
    inputs.finish()
    payment = await payments.record(visit.db, visit.person, amount, received_on, reference)
    matched = payment.document
    return visit.go("/payments", f"Matched to {matched.number}." if matched else "Recorded, not matched yet.")


@pages.get(PAYMENT)
async def show(visit: Visit) -> web.StreamResponse:
    """Show a payment; one that is not matched, with what it may be for."""
    payment = await payments.get(visit.db, visit.person, visit.param("payment"))
    choices = [] if payment.document else await documents.open_invoices(visit.db, visit.person)
    return visit.render("payment.html", payment=payment, choices=choices)


@pages.post(f"{PAYMENT}/match", again=show)
async def match(visit: Visit) -> web.StreamResponse:
    """Say which invoice it pays."""
    payment = await payments.get(visit.db, visit.person, visit.param("payment"))
    inputs = visit.inputs()
    chosen = inputs.reference("invoice", "Invoice")
    if not chosen:
        inputs.reject("invoice", "Invoice must be chosen")
    inputs.finish()
    document = await documents.get(visit.db, visit.person, chosen, lock=True)
    await payments.match(visit.db, visit.person, payment, document)
    return visit.go(f"/payments/{payment.public_id}", f"Matched to {document.number}.")


@pages.post(f"{PAYMENT}/release", again=show)
async def release(visit: Visit) -> web.StreamResponse:
    """Take a wrong match back."""
    payment = await payments.get(visit.db, visit.person, visit.param("payment"))
    await payments.release(visit.db, visit.person, payment)
    return visit.go(f"/payments/{payment.public_id}", "Released.")
