"""Writing invoices: drafts, the catalogue, and issuing."""

from agents.users.journeys import Journey, Visit
from agents.users.products.invoicing.site import (
    add_line,
    check_invoice,
    check_text,
    check_total,
    draft,
    enter,
    issue,
    write,
)
from agents.users.products.invoicing.sums import Work, reckon, some_work


async def issue_invoice(visit: Visit) -> None:
    """What was typed is added up to the cent, and the number follows the last one."""
    tab = await enter(visit)
    item = draft(visit)
    await write(tab, item, some_work(visit.chance, visit.chance.randint(1, 4)))
    await issue(visit, tab, item)
    visit.keep(item)
    check_invoice(tab, item, "read the invoice", "failed_save")
    if tab.page.form("Add line") is not None:
        raise tab.failure("error", "read the invoice", "it can still be changed", item=item.nonce)
    await tab.follow("Invoices", "see it in the list")
    check_text(tab, item.title, "see it in the list", item, "stale_read")


async def small_sums(visit: Visit) -> None:
    """Many small lines of one rate: the tax is that of their sum, not the sum of rounded taxes."""
    tab = await enter(visit)
    item = draft(visit)
    lines = [Work("Small parts", "1", price, "", "19") for price in ("0.13", "0.13", "0.07", "0.15", "0.13")]
    await write(tab, item, lines[: visit.chance.randint(3, 5)])
    await issue(visit, tab, item)
    visit.keep(item)
    check_invoice(tab, item, "read the invoice", "failed_save")


async def throw_away(visit: Visit) -> None:
    """A draft that is thrown away takes no number with it."""
    tab = await enter(visit)
    item = draft(visit)
    await write(tab, item, some_work(visit.chance, 1))
    await tab.press("Delete draft", {}, "throw the draft away")
    if tab.page.link(f"Draft: {item.title}") is not None:
        raise tab.failure("stale_read", "throw the draft away", "the draft is still in the list")
    second = draft(visit)
    await write(tab, second, some_work(visit.chance, 1))
    await issue(visit, tab, second)
    visit.keep(second)


async def catalogue(visit: Visit) -> None:
    """What is left empty comes from the item."""
    tab = await enter(visit)
    line = some_work(visit.chance, 1)[0]
    name = f"{line.description} {visit.nonce()}"
    await tab.follow("Items", "open the catalogue")
    values = {"Item name": name, "Unit price": line.price, "Tax rate %": line.rate, "Unit": "h"}
    await tab.press("Add item", values, "add an item")
    item = draft(visit)
    await write(tab, item, [])
    await tab.press("Add line", {"Item": name, "Quantity": line.quantity}, "add a line from the catalogue")
    plain = Work(name, line.quantity, line.price, "", line.rate)
    check_text(tab, name, "read the line", item)
    check_total(tab, reckon([plain]).total, "add up the line", item)
    await tab.press("Remove line 1", {}, "remove the line")
    await add_line(tab, line)
    check_total(tab, reckon([line]).total, "add up the other line", item)


async def pressed_twice(visit: Visit) -> None:
    """Two people (or two tabs) issue one draft: it gets one number, and the second is told."""
    first = await enter(visit)
    item = draft(visit)
    await write(first, item, some_work(visit.chance, 2))
    second = await enter(visit, visit.colleague())
    await second.go(item.target, "open the draft, too")
    await issue(visit, first, item)
    visit.keep(item)
    await second.press("Issue invoice", {}, "issue it a second time", expect=(200, 409))
    await first.go(item.target, "look again")
    check_invoice(first, item, "look again")


issuing = Journey(
    name="issue_invoice",
    theme="edits",
    weights={"solo": 16, "team": 14, "business": 12},
    work={"page": 1, "list": 2, "form": 1, "write": 3.5, "document": 4.5, "issue": 1, "login": 0.1},
    walk=issue_invoice,
    words="issue an invoice",
)
small = Journey(
    name="small_sums",
    theme="edits",
    weights={"solo": 4, "team": 4, "business": 4},
    work={"page": 1, "list": 1, "form": 1, "write": 5, "document": 6, "issue": 1, "login": 0.1},
    walk=small_sums,
    words="invoice many small things",
)
discarding = Journey(
    name="throw_away",
    theme="edits",
    weights={"solo": 3, "team": 3, "business": 3},
    work={"page": 1, "list": 3, "form": 2, "write": 5, "document": 5, "issue": 1, "login": 0.1},
    walk=throw_away,
    words="throw a draft away",
)
items = Journey(
    name="catalogue",
    theme="edits",
    weights={"solo": 4, "team": 5, "business": 5},
    work={"page": 3, "list": 1, "form": 1, "write": 5, "document": 4, "login": 0.1},
    walk=catalogue,
    words="use our price list",
)
twice = Journey(
    name="pressed_twice",
    theme="edits",
    weights={"solo": 2, "team": 4, "business": 5},
    work={"page": 2, "list": 1, "form": 1, "write": 3, "document": 7, "issue": 1, "login": 0.2},
    walk=pressed_twice,
    words="issue an invoice while a colleague has it open",
)
