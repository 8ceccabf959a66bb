"""A client's discount: on drafts of the client as lines come and go, by page and by program, and on nobody else's."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.invoicing.steps import cents, identity, line, new_client, new_draft


async def accept(scene: Customer) -> None:
    tab = await scene.enter(scene.owner)
    other = await new_client(tab, f"Client {scene.nonce()}")
    client = await new_client(tab, f"Client {scene.nonce()}")
    await tab.follow("Edit client", "open the form")
    await tab.press("Save client", {"Discount %": "100.5"}, "give too much", expect=(422,))
    await tab.go(f"{client}/edit", "open the form")
    page = await tab.press("Save client", {"Discount %": "7.5"}, "give the client a discount")
    if "Discount 7.5%" not in page.text:
        missing(tab, "look at the client", "its page does not say its discount")
    await new_draft(tab, client, scene.nonce(), line("99.99"), line("10.00", rate="7"), line("20.00"))
    nets_are(tab, 12024)
    await tab.press("Remove line 1", {}, "remove a line")
    nets_are(tab, 2775)
    await new_draft(tab, other, scene.nonce(), line("99.99"))
    nets_are(tab, 9999)
    program = await scene.program(scene.owner)
    lines = [{"description": "Work", "quantity": "2", "unit_price": "50.00", "tax_rate": "19"}]
    wanted = {"client_id": identity(client), "subject": scene.nonce(), "lines": lines}
    drafted = await program.call("POST", "/api/v1/invoices", "draft an invoice", wanted, expect=(201,))
    await tab.go(f"/invoices/{drafted['id']}", "open the draft")
    nets_are(tab, 9250)


def nets_are(tab: Browser, expected: int) -> None:
    """The net of the draft that is shown."""
    found = cents(tab, "Net")
    if found != expected:
        missing(tab, "add it up", f"the net is {found} cents, not {expected}")
