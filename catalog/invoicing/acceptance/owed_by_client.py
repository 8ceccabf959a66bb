"""Who owes most: two large invoices, a part payment that turns the order round, and all paid in the end."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.invoicing.steps import line, new_client, new_draft, new_invoice, pay


async def accept(scene: Customer) -> None:
    first, second = f"Client {scene.nonce()}", f"Client {scene.nonce()}"
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, first)
    large = await new_invoice(tab, client, scene.nonce(), line("910000.00", rate="0"))
    await new_invoice(tab, client, scene.nonce(), line("0.25", rate="0"))
    await new_draft(tab, client, scene.nonce(), line("0.50", rate="0"))
    other = await new_invoice(tab, await new_client(tab, second), scene.nonce(), line("905000.00", rate="0"))
    theirs = await scene.enter(scene.member)
    await owed(theirs, [f"{first} 910,000.25", f"{second} 905,000.00"])
    await tab.go(large, "open the invoice")
    await pay(tab, "10000.00")
    await owed(theirs, [f"{second} 905,000.00", f"{first} 900,000.25"])
    await pay(tab, "900000.00")
    await tab.go(other, "open the other invoice")
    await pay(tab, "905000.00")
    page = await theirs.go("/overview", "open the overview")
    if second in page.text:
        missing(theirs, "look who owes most", "it names a client that owes nothing", item=second)


async def owed(tab: Browser, rows: list[str]) -> None:
    """The overview has these rows, in that order."""
    page = await tab.go("/overview", "open the overview")
    places = [page.text.find(row) for row in rows]
    if "Owed by client" not in page.text or -1 in places or places != sorted(places):
        missing(tab, "look who owes most", f"it does not say, in that order: {', '.join(rows)}", item=rows[0])
