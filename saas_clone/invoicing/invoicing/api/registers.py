"""Clients and catalogue, by API."""

from invoicing import catalogue, clients
from invoicing.api import shapes
from invoicing.api.calls import Answer, Call, Calls
from invoicing.security import PUBLIC_ID

calls = Calls()
CLIENT = f"/clients/{{client_id:{PUBLIC_ID}}}"


@calls.on("GET", "/clients")
async def list_clients(call: Call) -> Answer:
    """List clients."""
    return Answer(shapes.page(await clients.listed(call.db, call.person, call.window()), shapes.client))


@calls.on("POST", "/clients")
async def create_client(call: Call) -> Answer:
    """Add a client."""
    inputs = call.inputs()
    given = clients.read(inputs)
    inputs.finish()
    return Answer(shapes.client(await clients.create(call.db, call.person, given)), 201)


@calls.on("GET", CLIENT)
async def get_client(call: Call) -> Answer:
    """Return a client."""
    return Answer(shapes.client(await clients.get(call.db, call.person, call.param("client_id"))))


@calls.on("PUT", CLIENT)
async def change_client(call: Call) -> Answer:
    """Write a client anew."""
    client = await clients.get(call.db, call.person, call.param("client_id"))
    inputs = call.inputs()
    given = clients.read(inputs)
    inputs.finish()
    await clients.change(call.db, call.person, client, given)
    return Answer(shapes.client(client))


@calls.on("GET", "/items")
async def list_items(call: Call) -> Answer:
    """List the catalogue."""
    return Answer(shapes.page(await catalogue.listed(call.db, call.person, call.window()), shapes.item))
