"""Since when: a client with two invoices of other due days, none of them overdue, and one of them paid."""

import re

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.invoicing.steps import line, new_client, new_invoice, pay


async def accept(scene: Customer) -> None:
    name = f"Client {scene.nonce()}"
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, name)
    later = await new_invoice(tab, client, scene.nonce(), line("920000.00", rate="0"), days="60")
    late_day = due_on(tab)
    sooner = await new_invoice(tab, client, scene.nonce(), line("0.25", rate="0"), days="5")
    soon_day = due_on(tab)
    theirs = await scene.enter(scene.member)
    await owed(theirs, name, f"920,000.25 0.00 {soon_day}")
    await tab.go(sooner, "open the invoice that is due first")
    await pay(tab, "0.25")
    await owed(theirs, name, f"920,000.00 0.00 {late_day}")
    await tab.go(later, "open the other invoice")
    await pay(tab, "920000.00")


def due_on(tab: Browser) -> str:
    """When the invoice that is shown is due."""
    found = re.search(r"Due on ([0-9]{4}-[0-9]{2}-[0-9]{2})", tab.page.text)
    if found is None:
        missing(tab, "look at the invoice", "it does not say when it is due")
    return found[1]


async def owed(tab: Browser, name: str, rest: str) -> None:
    """The overview has that row, whatever the currency."""
    page = await tab.go("/overview", "open the overview")
    if f"{name} {rest}" not in re.sub(r" [A-Z]{3}\b", "", page.text):
        missing(tab, "look who lets us wait", f"the overview does not say: {rest}", item=name)
