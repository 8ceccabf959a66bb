"""A discount on lines of two tax rates: given, changed and taken away; printed, exported and credited to the cent."""

import re
from datetime import date

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.invoicing.steps import cents, credit, export, issue, line, new_client, new_draft, quarter

BUTTON, FIELD = "Give discount", "Discount on all %"


async def accept(scene: Customer) -> None:
    tab = await scene.enter(scene.owner)
    client = await new_client(tab, f"Client {scene.nonce()}")
    draft = await new_draft(tab, client, scene.nonce(), line("100.01"), line("33.33", rate="7"))
    await tab.press(BUTTON, {FIELD: "5"}, "give a discount")
    sums_are(tab, net=12667, total=14694)
    await tab.press(BUTTON, {FIELD: "101"}, "give too much", expect=(422,))
    await tab.go(draft, "open the draft")
    await tab.press(BUTTON, {FIELD: "0"}, "take the discount away")
    sums_are(tab, net=13334, total=15467)
    await tab.press("Add line", line("0.50"), "add a line")
    await tab.press(BUTTON, {FIELD: "10"}, "give another discount")
    sums_are(tab, net=12046, total=13975)
    number = await issue(tab)
    issued = re.findall(r"Issued on ([0-9]{4}-[0-9]{2}-[0-9]{2})", tab.page.text)
    if not issued:
        missing(tab, "look at the invoice", "it does not say when it was issued", item=number)
    sums_are(tab, net=12046, total=13975)
    await tab.go(f"{draft}/print", "open the print view")
    sums_are(tab, net=12046, total=13975)
    rows = [row for row in await export(tab, quarter(date.fromisoformat(issued[0]))) if row[0] == number]
    if sorted(row[6:10] for row in rows) != [["19", "90.46", "17.19", "107.65"], ["7", "30.00", "2.10", "32.10"]]:
        missing(tab, "read the export", f"its lines are {rows}", item=number)
    await tab.go(draft, "open the invoice")
    await credit(tab)
    await issue(tab, "Issue credit note")
    await tab.go(draft, "open the invoice again")
    if cents(tab, "Open") != 0:
        missing(tab, "open the invoice again", "the credit note took back another sum", item=number)


def sums_are(tab: Browser, *, net: int, total: int) -> None:
    """The document that is shown comes to that."""
    found = cents(tab, "Net"), cents(tab, "Total")
    if found != (net, total):
        missing(tab, "add it up", f"net and total are {found} cents, not {(net, total)}")
