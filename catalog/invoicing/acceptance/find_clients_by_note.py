"""Clients are found by their notes, by present words only, and by nobody else's people."""

from catalog.checking import Customer, missing
from catalog.invoicing.steps import new_client, search


async def accept(scene: Customer) -> None:
    name, first, second = f"Client {scene.nonce()}", scene.nonce(), scene.nonce()
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, name)
    await tab.press("Save note", {"Note": f"Tax office ZÜRICH {first}"}, "write the note")
    theirs = await scene.enter(scene.member)
    await search(theirs, f"{first} zürich")
    if theirs.page.link(name) is None:
        missing(theirs, "find the client", "the search does not know its note", item=first)
    await search(theirs, f"{first} {second}")
    if theirs.page.link(name) is not None:
        missing(theirs, "look for other words", "the client is found by words that its note has not", item=first)
    await tab.go(client, "open the client")
    await tab.press("Save note", {"Note": second}, "change the note")
    await search(tab, second)
    if tab.page.link(name) is None:
        missing(tab, "find the client again", "the search does not know the new note", item=second)
    await search(tab, first)
    if tab.page.link(name) is not None:
        missing(tab, "look for the old words", "the search still knows the old note", item=first)
