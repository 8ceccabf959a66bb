"""Money comes in, or goes back."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.invoicing.site import (
    amount_after,
    check_invoice,
    check_text,
    enter,
    issue,
    open_item,
    settled,
    unpaid,
)
from agents.users.products.invoicing.sums import read, shown, typed
from agents.web.browser import Browser


async def pay(visit: Visit) -> None:
    """Recorded in full, or in two parts: what is open falls by exactly that."""
    tab = await enter(visit)
    item = unpaid(visit)
    if item is None:
        return
    await open_item(tab, item)
    check_invoice(tab, item, "read what is open")
    left = read(item.facts["Open"]) or 0
    part = left // 3 if visit.chance.random() < 0.4 else 0
    for cents in (part, left - part):
        if cents:
            await _record(visit, tab, item, cents)
    await tab.follow("Invoices", "look away")
    await open_item(tab, item, "look again")
    check_invoice(tab, item, "look again")


async def _record(visit: Visit, tab: Browser, item: Item, cents: int) -> None:
    reference = f"Transfer {visit.nonce()}"
    item.doubtful = True
    await tab.press("Record payment", {"Amount": typed(cents), "Reference": reference}, "record the payment")
    item.doubtful = False
    settled(item, cents)
    check_text(tab, reference, "see the payment", item)
    check_invoice(tab, item, "see what is open now", "failed_save")


async def bank_transfer(visit: Visit) -> None:
    """A transfer that names the invoice's number is matched by itself."""
    tab = await enter(visit)
    item = unpaid(visit)
    if item is None:
        return
    await open_item(tab, item)
    number, left = tab.page.heading.removeprefix("Invoice "), read(item.facts["Open"]) or 0
    item.doubtful = True
    await tab.follow("Payments", "open the payments")
    values = {"Amount": typed(left), "Reference": f"Inv. {number} {visit.nonce()}"}
    await tab.press("Record payment", values, "record the transfer")
    item.doubtful = False
    settled(item, left)
    await open_item(tab, item, "see whether it is paid")
    check_invoice(tab, item, "see whether it is paid", "failed_save")


async def stays_paid(visit: Visit) -> None:
    """What was paid once is paid, and is never reminded of again."""
    tab = await enter(visit)
    paid = [item for item in visit.account.known("invoice") if item.facts["Open"] == "0.00"]
    if not paid:
        return
    item = visit.chance.choice(paid)
    await open_item(tab, item)
    check_invoice(tab, item, "see that it is paid")
    if tab.page.form("Record payment") is not None:
        raise tab.failure("stale_read", "see that it is paid", "it asks for a payment", item=item.nonce)
    await tab.go("/invoices?show=overdue", "open what is overdue", typed=True)
    if item.nonce in tab.page.text:
        raise tab.failure("stale_read", "open what is overdue", "a paid invoice is overdue", item=item.nonce)


async def credit_note(visit: Visit) -> None:
    """A credit note takes an unpaid invoice back to the cent, under a number of its own series."""
    tab = await enter(visit)
    item = next(
        (each for each in visit.account.known("invoice")[::-1] if each.facts["Open"] == each.facts["Total"]), None
    )
    if item is None or item.facts["Total"] == "0.00":
        return
    await open_item(tab, item)
    item.doubtful = True
    await tab.press("Create credit note", {}, "begin the credit note")
    note = Item(kind="credit_note", nonce=visit.nonce(), title="Credit for")
    await issue(visit, tab, note, "Issue credit note")
    if amount_after(tab, "Total") != read(item.facts["Total"]):
        raise tab.failure("failed_save", "read the credit note", "it is not what the invoice was", item=item.nonce)
    item.doubtful = False
    item.facts["Open"] = shown(0)
    await open_item(tab, item, "look at the invoice again")
    check_invoice(tab, item, "look at the invoice again", "failed_save")


paying = Journey(
    name="pay",
    theme="edits",
    weights={"solo": 9, "team": 9, "business": 9},
    work={"page": 1, "list": 1, "document": 3.5, "write": 1.4, "search": 0.5, "login": 0.1},
    walk=pay,
    words="record a payment",
)
transfer = Journey(
    name="bank_transfer",
    theme="edits",
    weights={"solo": 4, "team": 5, "business": 6},
    work={"page": 3, "document": 2, "write": 1, "search": 0.5, "login": 0.1},
    walk=bank_transfer,
    words="match a bank transfer",
)
staying = Journey(
    name="stays_paid",
    theme="lists",
    weights={"solo": 6, "team": 6, "business": 6},
    work={"page": 1, "list": 1, "document": 1, "search": 0.5, "login": 0.1},
    walk=stays_paid,
    words="check that an invoice is paid",
)
crediting = Journey(
    name="credit_note",
    theme="edits",
    weights={"solo": 2, "team": 3, "business": 3},
    work={"page": 1, "document": 4, "write": 1, "issue": 1, "search": 0.5, "login": 0.1},
    walk=credit_note,
    words="take an invoice back",
)
