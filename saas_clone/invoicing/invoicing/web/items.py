"""Pages of the catalogue."""

from aiohttp import web

from invoicing import catalogue
from invoicing.security import PUBLIC_ID
from invoicing.tables import Item
from invoicing.web.pages import Pages
from invoicing.web.visit import Visit

pages = Pages()
ITEM = f"/items/{{item:{PUBLIC_ID}}}"


async def find(visit: Visit) -> Item:
    """Return the item that the address names."""
    return await catalogue.get(visit.db, visit.person, visit.param("item"))


@pages.get("/items")
async def index(visit: Visit) -> web.StreamResponse:
    """List what is for sale."""
    return visit.render("items.html", items=await catalogue.listed(visit.db, visit.person, visit.window()))


@pages.post("/items", again=index)
async def create(visit: Visit) -> web.StreamResponse:
    """Add an item."""
    inputs = visit.inputs()
    given = catalogue.read(inputs)
    inputs.finish()
    await catalogue.create(visit.db, visit.person, given)
    return visit.go("/items", "Item added.")


@pages.get(ITEM)
async def edit(visit: Visit) -> web.StreamResponse:
    """Show an item in a form."""
    return visit.render("item.html", item=await find(visit))


@pages.post(ITEM, again=edit)
async def change(visit: Visit) -> web.StreamResponse:
    """Change an item."""
    item = await find(visit)
    inputs = visit.inputs()
    given = catalogue.read(inputs)
    inputs.finish()
    await catalogue.change(visit.db, visit.person, item, given)
    return visit.go("/items", "Item saved.")


@pages.post(f"{ITEM}/retire")
async def retire(visit: Visit) -> web.StreamResponse:
    """Stop selling it."""
    await catalogue.retire(visit.db, visit.person, await find(visit))
    return visit.go("/items", "Item retired.")
