"""An order number: written, changed and kept in the draft, read on the invoice, in print and by the client."""

from catalog.checking import Customer, missing
from catalog.invoicing.steps import issue, line, new_client, new_draft, public_link

LABEL = "Order number"


async def accept(scene: Customer) -> None:
    first, second, notes = scene.nonce(), scene.nonce(), scene.nonce()
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, f"Client {scene.nonce()}")
    draft = await new_draft(tab, client, scene.nonce(), line("80.00"))
    if LABEL in tab.page.text:
        missing(tab, "look at the draft", "it names an order number that nobody gave it")
    await tab.follow("Edit draft", "open the form")
    await tab.press("Save draft", {LABEL: f"<{first}>", "Notes": notes}, "write the order number")
    await tab.follow("Edit draft", "open the form")
    await tab.press("Save draft", {LABEL: "4" * 51}, "write one that is too long", expect=(422,))
    await tab.go(f"{draft}/edit", "open the form")
    await tab.press("Save draft", {"Payment days": "30"}, "change something else")
    if f"<{first}>" not in tab.page.text or notes not in tab.page.text:
        missing(tab, "look at the draft", "its order number or its notes are gone", item=first)
    await tab.follow("Edit draft", "open the form")
    await tab.press("Save draft", {LABEL: second}, "change the order number")
    await issue(tab)
    link = public_link(tab)
    for address in (draft, f"{draft}/print", link):
        page = await tab.go(address, "look at the invoice")
        if LABEL not in page.text or page.text.count(second) != 1 or first in page.text or notes not in page.text:
            missing(tab, "look at the invoice", "it does not say its order number and its notes, once", item=second)
