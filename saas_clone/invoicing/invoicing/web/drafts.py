"""Writing a document: its head and its lines."""

from aiohttp import web

from invoicing import catalogue, clients, documents, drafts, issuing
from invoicing.inputs import Inputs
from invoicing.security import PUBLIC_ID
from invoicing.tables import Client, Document
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()
DOCUMENT = f"/invoices/{{document:{PUBLIC_ID}}}"
LINE = f"{DOCUMENT}/lines/{{position:[0-9]{{1,4}}}}"


async def find(visit: Visit) -> Document:
    """Return the document that the address names, for changing it."""
    return await documents.get(visit.db, visit.person, visit.param("document"), lock=True)


def address_of(document: Document) -> str:
    """Return where a document is shown."""
    return f"/invoices/{document.public_id}"


@pages.get("/invoices/new", "bookkeeper")
async def new(visit: Visit) -> web.StreamResponse:
    """Offer the form; a client's page leads here with the client chosen."""
    choices = await clients.choices(visit.db, visit.person)
    return visit.render("draft_head.html", document=None, choices=choices)


@pages.post("/invoices", again=new)
async def create(visit: Visit) -> web.StreamResponse:
    """Begin an invoice."""
    inputs = visit.inputs()
    client, head = await _read_head(visit, inputs, visit.person.firm.payment_days)
    document = await drafts.create(visit.db, visit.person, client, head, [])
    return visit.go(address_of(document), "Draft created.")


async def _read_head(visit: Visit, inputs: Inputs, payment_days: int) -> tuple[Client, drafts.Head]:
    client_id = inputs.reference("client", "Client")
    if not client_id:
        inputs.reject("client", "Client must be chosen")
    head = drafts.read_head(inputs, payment_days)
    inputs.finish()
    return await clients.get(visit.db, visit.person, client_id), head


@pages.get(f"{DOCUMENT}/edit", "bookkeeper")
async def edit(visit: Visit) -> web.StreamResponse:
    """Show the head in a form."""
    document = await documents.get(visit.db, visit.person, visit.param("document"))
    drafts.require_draft(document)
    return visit.render("draft_head.html", document=document, choices=await clients.choices(visit.db, visit.person))


@pages.post(f"{DOCUMENT}/edit", again=edit)
async def change(visit: Visit) -> web.StreamResponse:
    """Change the head."""
    document = await find(visit)
    client, head = await _read_head(visit, visit.inputs(), document.payment_days)
    await drafts.change(visit.db, visit.person, document, client, head)
    return visit.go(address_of(document), "Draft saved.")


async def show_draft(visit: Visit) -> web.StreamResponse:
    """Show a draft with its lines and the form for one more."""
    document = await documents.get(visit.db, visit.person, visit.param("document"))
    drafts.require_draft(document)
    return visit.render("draft.html", document=document, items=await catalogue.choices(visit.db, visit.person))


@pages.post(f"{DOCUMENT}/lines", again=show_draft)
async def add_line(visit: Visit) -> web.StreamResponse:
    """Write one more line."""
    document = await find(visit)
    await drafts.add_line(visit.db, visit.person, document, await _read_line(visit))
    return visit.go(address_of(document), "Line added.")


async def _read_line(visit: Visit) -> drafts.LineInput:
    inputs = visit.inputs()
    item_id = inputs.reference("item", "Item")
    item = await catalogue.get(visit.db, visit.person, item_id) if item_id else None
    line = drafts.read_line(inputs, item)
    inputs.finish()
    return line


@pages.get(LINE, "bookkeeper")
async def edit_line(visit: Visit) -> web.StreamResponse:
    """Show a line in a form."""
    document = await documents.get(visit.db, visit.person, visit.param("document"))
    drafts.require_draft(document)
    return visit.render("line.html", document=document, line=drafts.line_at(document, int(visit.param("position"))))


@pages.post(LINE, again=edit_line)
async def change_line(visit: Visit) -> web.StreamResponse:
    """Write a line anew."""
    document = await find(visit)
    given = await _read_line(visit)
    await drafts.change_line(visit.db, visit.person, document, int(visit.param("position")), given)
    return visit.go(address_of(document), "Line saved.")


@pages.post(f"{LINE}/remove")
async def remove_line(visit: Visit) -> web.StreamResponse:
    """Take a line out."""
    document = await find(visit)
    await drafts.remove_line(visit.db, visit.person, document, int(visit.param("position")))
    return visit.go(address_of(document), "Line removed.")


@pages.post(f"{DOCUMENT}/delete")
async def delete(visit: Visit) -> web.StreamResponse:
    """Throw a draft away."""
    await drafts.delete(visit.db, visit.person, await find(visit))
    return visit.go("/invoices", "Draft deleted.")


@pages.post(f"{DOCUMENT}/issue", again=show_draft)
async def issue(visit: Visit) -> web.StreamResponse:
    """Give it its number."""
    document = await find(visit)
    await issuing.issue(visit.db, visit.person, document)
    visit.runtime.metrics.issued(document.kind)
    return visit.go(address_of(document), f"Issued as {document.number}.")
