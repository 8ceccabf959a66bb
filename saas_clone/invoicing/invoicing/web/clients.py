"""Pages of clients."""

from aiohttp import web

from invoicing import clients, documents
from invoicing.security import PUBLIC_ID
from invoicing.tables import Client
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()
CLIENT = f"/clients/{{client:{PUBLIC_ID}}}"


async def find(visit: Visit) -> Client:
    """Return the client that the address names."""
    return await clients.get(visit.db, visit.person, visit.param("client"))


@pages.get("/clients")
async def index(visit: Visit) -> web.StreamResponse:
    """List the clients."""
    return visit.render("clients.html", clients=await clients.listed(visit.db, visit.person, visit.window()))


@pages.get("/clients/new", "bookkeeper")
async def new(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    return visit.render("client_form.html", client=None)


@pages.post("/clients", again=new)
async def create(visit: Visit) -> web.StreamResponse:
    """Add a client."""
    inputs = visit.inputs()
    given = clients.read(inputs)
    inputs.finish()
    client = await clients.create(visit.db, visit.person, given)
    return visit.go(f"/clients/{client.public_id}", "Client added.")


@pages.get(CLIENT)
async def show(visit: Visit) -> web.StreamResponse:
    """Show a client and its documents."""
    client = await find(visit)
    found = await documents.listed(visit.db, visit.person, visit.window(), client=client)
    return visit.render("client.html", client=client, found=found)


@pages.get(f"{CLIENT}/edit", "bookkeeper")
async def edit(visit: Visit) -> web.StreamResponse:
    """Offer the form."""
    return visit.render("client_form.html", client=await find(visit))


@pages.post(f"{CLIENT}/edit", again=edit)
async def change(visit: Visit) -> web.StreamResponse:
    """Change a client."""
    client = await find(visit)
    inputs = visit.inputs()
    given = clients.read(inputs)
    inputs.finish()
    await clients.change(visit.db, visit.person, client, given)
    return visit.go(f"/clients/{client.public_id}", "Client saved.")


@pages.get(f"{CLIENT}/statement")
async def statement(visit: Visit) -> web.StreamResponse:
    """Show what the client was charged and paid."""
    client = await find(visit)
    movements = await clients.statement(visit.db, visit.person, client)
    return visit.render("statement.html", client=client, movements=movements)
