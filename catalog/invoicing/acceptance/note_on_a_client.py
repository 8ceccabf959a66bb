"""A note on a client: written and changed by the owner, read by a reader, seen by no client."""

from catalog.checking import Customer, missing
from catalog.invoicing.steps import new_client, new_invoice, public_link


async def accept(scene: Customer) -> None:
    first, second = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    client = await new_client(mine, f"Client {scene.nonce()}")
    await mine.press("Save note", {"Note": f"Ask for <Weber> {first}\nnot before noon"}, "write the note")
    theirs = await scene.enter(scene.member)
    page = await theirs.go(client, "open the client")
    if f"Ask for <Weber> {first} not before noon" not in page.text:
        missing(theirs, "read the note", "the client's page does not show its note", item=first)
    if page.link("New invoice") is None and page.form("Save note") is not None:
        missing(theirs, "read the note", "a reader is offered to change the note", item=first)
    await mine.go(client, "open the client again")
    await mine.press("Save note", {"Note": second}, "change the note")
    page = await theirs.go(client, "open the client again")
    if second not in page.text or first in page.text:
        missing(theirs, "read the changed note", "the client's page does not show its new note", item=second)
    await new_invoice(mine, client, scene.nonce())
    page = await mine.go(public_link(mine), "look at what the client sees")
    if second in page.text:
        missing(mine, "look at what the client sees", "the client reads the note", item=second)
