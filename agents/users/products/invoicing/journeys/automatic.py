"""What happens by itself: invoices that come again, and reminders. Both are looked for a day later, once."""

from datetime import date, timedelta

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.invoicing.site import draft, enter, issue, open_item, search, write
from agents.users.products.invoicing.sums import shown, some_work
from agents.web.browser import Browser
from bus.simtime import HOUR

REPEATED = 40 * HOUR
"""Tomorrow begins within a day, and the job comes four times a day (deploy/infra.toml)."""
REMINDED = 52 * HOUR
"""Reminders come twice a day from the day after the due date; until then everybody counts on it."""


async def recurring(visit: Visit) -> None:
    """The invoice that was to come again is there, exactly once; then another one is repeated from tomorrow."""
    tab = await enter(visit)
    for item in visit.account.known("invoice"):
        if "repeats" in item.facts and visit.at - item.born >= REPEATED:
            item.facts.pop("repeats")
            await _came_once(tab, item)
    item = draft(visit)
    await write(tab, item, some_work(visit.chance, 1))
    await issue(visit, tab, item)
    visit.keep(item)
    form = tab.page.form("Repeat monthly")
    field = form.labelled("Not before") if form else None
    if field is None:
        raise tab.failure("error", "repeat it", "it cannot be repeated", item=item.nonce)
    try:
        tomorrow = date.fromisoformat(field.value) + timedelta(days=1)
    except ValueError:
        raise tab.failure("error", "repeat it", "there is no date to begin with", item=item.nonce) from None
    values = {"Day of the month": str(tomorrow.day), "Not before": tomorrow.isoformat()}
    await tab.press("Repeat monthly", values, "repeat it")
    item.facts["repeats"] = "yes"


async def _came_once(tab: Browser, item: Item) -> None:
    await search(tab, item.nonce, "look for the repeated invoice")
    count = sum(link.text.startswith("Invoice ") for link in tab.page.links) - 1
    if count != 1:
        raise tab.failure("stale_read", "look for the repeated invoice", f"it came {count} times", item=item.nonce)


async def reminders(visit: Visit) -> None:
    """Who has not paid is reminded, once; then an invoice is sent that is due at once."""
    tab = await enter(visit)
    for item in visit.account.known("invoice"):
        if "reminds" in item.facts and visit.at - item.born >= REMINDED:
            item.facts.pop("reminds")
            if item.facts["Open"] == shown(0):
                continue
            await open_item(tab, item)
            count = tab.page.text.count(f"Reminder: Invoice {item.facts['Number']}")
            if count != 1:
                detail = f"there are {count} reminders"
                raise tab.failure("stale_read", "look for the reminder", detail, item=item.nonce)
    item = draft(visit)
    await write(tab, item, some_work(visit.chance, 2), payment_days=0)
    await issue(visit, tab, item)
    visit.keep(item)
    await tab.press("Send to client", {}, "send it")
    if "Status Sent" not in tab.page.text and item.facts["Open"] != shown(0):
        raise tab.failure("failed_save", "send it", "it is not sent", item=item.nonce)
    item.facts["reminds"] = "yes"


repeating = Journey(
    name="recurring",
    theme="reminders",
    weights={"solo": 5, "team": 5, "business": 5},
    work={"page": 2, "list": 1, "form": 1, "write": 3, "issue": 1, "document": 3, "search": 0.3, "login": 0.1},
    walk=recurring,
    words="rely on recurring invoices",
)
reminding = Journey(
    name="reminders",
    theme="reminders",
    weights={"solo": 5, "team": 5, "business": 4},
    work={"page": 1, "list": 1, "form": 1, "write": 4, "issue": 1, "document": 5, "login": 0.1},
    walk=reminders,
    words="rely on reminders to our clients",
)
