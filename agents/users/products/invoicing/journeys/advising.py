"""Clients and the tax adviser: statements, reports, exports, the link, and somebody who may only read."""

import csv
import io
from dataclasses import replace

from agents.users.accounts import Colleague, Item
from agents.users.journeys import Journey, Visit
from agents.users.products.guests import Guests
from agents.users.products.invoicing.site import (
    amount_after,
    check_invoice,
    check_text,
    draft,
    enter,
    issue,
    open_item,
    settled,
    write,
)
from agents.users.products.invoicing.sums import read, reckon, shown, some_work, typed
from agents.users.products.invoicing.words import CLIENTS
from agents.web.browser import Browser

ADVISERS = Guests(called="guest", host="advisers.example", role="Reader", button="Join firm")


async def statement(visit: Visit) -> None:
    """A new client, an invoice, a part of it paid: the statement says what is left. Old documents keep old addresses."""
    tab = await enter(visit)
    client = await _add_client(visit, tab)
    item = draft(visit)
    item.place = client.title
    await write(tab, item, some_work(visit.chance, 2))
    await issue(visit, tab, item)
    visit.keep(item)
    total = read(item.facts["Total"]) or 0
    if total > 1:
        await tab.press("Record payment", {"Amount": typed(total // 2), "Reference": "Half"}, "record a payment")
        settled(item, total // 2)
    await tab.go(client.target, "open the client")
    await tab.follow("Statement", "open the statement")
    left = read(item.facts["Open"]) or 0
    if amount_after(tab, "Balance") != left:
        raise tab.failure("stale_read", "read the balance", f"it is not {shown(left)}", item=item.nonce)
    await tab.follow("Back to the client", "back to the client")
    await tab.follow("Edit client", "open the form")
    await tab.press("Save client", {"Address": "Moved to Elm Road 3"}, "save the new address")
    await tab.go(f"{item.target}/print", "print the invoice")
    check_text(tab, "Old Road 1", "read the printed address", item, "lost_item")


async def _add_client(visit: Visit, tab: Browser) -> Item:
    nonce = visit.nonce()
    client = Item(kind="client", nonce=nonce, title=f"{visit.chance.choice(CLIENTS)} {nonce}")
    await tab.follow("Clients", "open the clients")
    await tab.follow("New client", "open the form")
    values = {"Client name": client.title, "Email": "pay@client.example", "Address": "Old Road 1"}
    await tab.press("Add client", values, "add a client")
    check_text(tab, client.title, "read what was saved", client)
    client.target = tab.target
    return visit.keep(client)


async def vat_report(visit: Visit) -> None:
    """One more invoice changes the report by exactly its net and its taxes; the export has the same sums."""
    tab = await enter(visit)
    await tab.follow("Reports", "open the report")
    before = (amount_after(tab, "Net"), amount_after(tab, "Tax"))
    if None in before:
        raise tab.failure("error", "open the report", "the sums are not there")
    item = draft(visit)
    lines = some_work(visit.chance, 3)
    await write(tab, item, lines)
    await issue(visit, tab, item)
    visit.keep(item)
    sums = reckon(lines)
    await tab.follow("Reports", "open the report again")
    net, tax = (before[0] or 0) + sums.net, (before[1] or 0) + sums.tax
    if (amount_after(tab, "Net"), amount_after(tab, "Tax")) != (net, tax):
        raise tab.failure("stale_read", "read the report", f"it is not {shown(net)} and {shown(tax)}", item=item.nonce)
    await _export(tab, item, net, tax)


async def _export(tab: Browser, item: Item, net: int, tax: int) -> None:
    link = next((link for link in tab.page.links if link.text.startswith("Export ")), None)
    if link is None:
        raise tab.failure("error", "export the quarter", "there is no link")
    content = await tab.download(link.target, "export the quarter")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8", "replace"))))
    try:
        sums = [sum(read(row[column]) or 0 for row in rows) for column in ("net", "tax", "gross")]
        own = sum(read(row["gross"]) or 0 for row in rows if row["number"] == item.facts["Number"])
    except (KeyError, TypeError):
        raise tab.failure("error", "read the export", "columns are missing") from None
    if sums != [net, tax, net + tax]:
        raise tab.failure("stale_read", "add up the export", "it is not what the report says")
    if own != read(item.facts["Total"]):
        raise tab.failure("lost_item", "find the invoice in the export", "it is not there as it is", item=item.nonce)


async def public_link(visit: Visit) -> None:
    """The client opens the link without an account; with another signature there is nothing."""
    item = visit.account.pick("invoice", visit.chance)
    tab = await enter(visit)
    if item is None:
        return
    await open_item(tab, item)
    link = tab.page.link("Public link")
    if link is None or "/view/" not in link.target:
        raise tab.failure("error", "copy the link", "there is no public link", item=item.nonce)
    path = link.target[link.target.index("/view/") :]
    client = visit.browser(visit.guest(visit.person.who))
    await client.go(path, "the client opens the link", typed=True)
    check_text(client, item.title, "the client reads it", item, "lost_item")
    if amount_after(client, "Total") != read(item.facts["Total"]) or amount_after(client, "Open") != read(
        item.facts["Open"]
    ):
        raise client.failure("lost_item", "the client reads it", "the sums are others", item=item.nonce)
    wrong = path[:-2] + ("AA" if path[-2:] != "AA" else "BB")
    await client.go(wrong, "somebody tries another link", expect=(200, 403, 404), typed=True)
    if item.nonce in client.page.text:
        raise client.failure("foreign_item", "somebody tries another link", "any link opens it", item=item.nonce)


async def adviser(visit: Visit) -> None:
    """The tax adviser is invited to read: sees the books, changes nothing, and is out when it is over."""
    item = visit.account.pick("invoice", visit.chance)
    owner = await enter(visit)
    await ADVISERS.free_the_seat(visit, owner)
    if item is None:
        return
    guest = ADVISERS.newcomer(visit)
    await ADVISERS.ask(owner, guest)
    tab = await ADVISERS.join(visit, guest, ADVISERS.link(owner))
    await open_item(tab, item, "the reader opens an invoice")
    check_invoice(tab, item, "the reader reads it")
    await _tries_to_write(visit, guest, tab, item)
    await ADVISERS.free_the_seat(visit, owner)
    await tab.go(item.target, "the removed person tries again", expect=(200, 403, 404))
    if item.nonce in tab.page.text:
        raise tab.failure("foreign_item", "the removed person tries again", "they can still read it", item=item.nonce)


async def _tries_to_write(visit: Visit, guest: Colleague, tab: Browser, item: Item) -> None:
    await tab.go("/clients/new", "the reader tries a form", expect=(200, 403, 404), typed=True)
    if tab.page.form("Add client") is not None:
        raise tab.failure("error", "the reader tries a form", "readers are offered a form")
    await tab.follow("Account", "open the account")
    await tab.press("Create token", {"Token name": "reading"}, "create a token", expect=(200, 201))
    tokens = tab.page.texts("code", "token")
    if not tokens:
        raise tab.failure("failed_save", "create a token", "the token is not shown")
    program = replace(visit, person=guest).api(tokens[0])
    body = {"amount": "0.01", "invoice_id": item.target.rsplit("/", 1)[-1]}
    await program.call("POST", "/api/v1/payments", "the reader's program records a payment", body, expect=(403,))


balance = Journey(
    name="statement",
    theme="lists",
    weights={"solo": 4, "team": 5, "business": 6},
    work={"page": 4, "list": 1, "form": 3, "write": 6, "issue": 1, "document": 6, "export": 1, "login": 0.1},
    walk=statement,
    words="check what a client owes",
)
report = Journey(
    name="vat_report",
    theme="files",
    weights={"solo": 4, "team": 5, "business": 6},
    work={
        "page": 1,
        "list": 1,
        "form": 1,
        "write": 4,
        "issue": 1,
        "document": 5,
        "report": 2,
        "export": 1,
        "login": 0.1,
    },
    walk=vat_report,
    words="get the VAT report",
)
link = Journey(
    name="public_link",
    theme="team",
    weights={"solo": 5, "team": 5, "business": 5},
    work={"page": 2, "document": 2, "search": 0.5, "login": 0.1},
    walk=public_link,
    words="send a client the link to an invoice",
)
reading = Journey(
    name="adviser",
    theme="team",
    weights={"solo": 1.5, "team": 2.5, "business": 3},
    work={"page": 8, "write": 5, "document": 2, "search": 0.5, "login": 1.2},
    walk=adviser,
    words="let our tax adviser read along",
    by_owner=True,
)
