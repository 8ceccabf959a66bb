"""Forms offer what is not the firm's: another firm has a client and an item, and the forms are read."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.invoicing.steps import new_client, new_draft


async def check(scene: Scene) -> Verdict:
    names: list[tuple[str, str]] = []
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.outsider)
    for tab in (theirs, mine):
        client, item = scene.nonce(), scene.nonce()
        address = await new_client(tab, client)
        await tab.go("/items", "open the catalogue")
        await tab.press("Add item", {"Item name": item, "Unit price": "5.00", "Tax rate %": "19"}, "add an item")
        names.append((client, item))
        if tab is mine:
            page = await tab.go("/invoices/new", "open the form")
            control(client in page.text, "the form offers the own client")
            if names[0][0] in page.text:
                return defect("the form for invoices offers another firm's client")
            await new_draft(tab, address, scene.nonce())
            control(item in tab.page.text, "the form for lines offers the own item")
    return defect("the form for lines offers another firm's item") if names[0][1] in mine.page.text else safe()
