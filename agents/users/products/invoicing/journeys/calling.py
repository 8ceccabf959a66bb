"""The customer's own program, and logging out for the evening."""

from typing import Any, cast

from agents.users.journeys import Journey, Visit
from agents.users.products.invoicing.site import check_invoice, draft, enter, open_item
from agents.users.products.invoicing.sums import Work, read, reckon, shown, some_work
from agents.web.api import ApiClient

API = "/api/v1"


async def sync(visit: Visit) -> None:
    """Each request is sent twice with its key, as after a lost answer: one invoice, one payment."""
    client = visit.api(visit.person.token or await _make_token(visit))
    found = await client.call("GET", f"{API}/clients?limit=1", "list the clients")
    rows = _items(found)
    if not rows:
        raise client.failure("lost_item", "list the clients", "there are none")
    item = draft(visit)
    item.place = str(rows[0].get("name"))
    lines = some_work(visit.chance, 2)
    body = {
        "client_id": rows[0].get("id"),
        "subject": item.title,
        "issue": True,
        "lines": [_line(each) for each in lines],
    }
    made = await _twice(visit, client, f"{API}/invoices", body, "issue an invoice")
    total = reckon(lines).total
    if made.get("total_cents") != total or made.get("open_cents") != total:
        raise client.failure("failed_save", "issue an invoice", f"it is not {shown(total)}", item=item.nonce)
    item.facts = {"Total": shown(total), "Open": shown(total), "Number": str(made.get("number"))}
    item.target = f"/invoices/{made.get('id')}"
    _note_number(visit, item.facts["Number"])
    visit.keep(item)
    if total > 1:
        item.doubtful = True
        half = {
            "amount": f"{total // 2 // 100}.{total // 2 % 100:02}",
            "invoice_id": made.get("id"),
            "reference": "API",
        }
        await _twice(visit, client, f"{API}/payments", half, "record a payment")
        item.doubtful, item.facts["Open"] = False, shown(total - total // 2)
    again = await client.call("GET", f"{API}{item.target}", "read it back")
    if not isinstance(again, dict) or cast("dict[str, Any]", again).get("open_cents") != read(item.facts["Open"]):
        raise client.failure("stale_read", "read it back", "what is open is not what it should be", item=item.nonce)
    listed = _items(await client.call("GET", f"{API}/invoices?limit=5", "list the invoices"))
    if made.get("id") not in [row.get("id") for row in listed]:
        raise client.failure("stale_read", "list the invoices", "the new one is not among them", item=item.nonce)
    tab = await enter(visit)
    await open_item(tab, item, "look at it in the browser")
    check_invoice(tab, item, "look at it in the browser")


async def _twice(visit: Visit, client: ApiClient, target: str, body: object, step: str) -> dict[str, Any]:
    key = f"{visit.chance.getrandbits(64):016x}"
    answers = [
        await client.call("POST", target, step, body, expect=(200, 201), pain="failed_save", once=key) for _ in range(2)
    ]
    first = cast("dict[str, Any]", answers[0]) if isinstance(answers[0], dict) else {}
    if not first or answers[0] != answers[1]:
        raise client.failure("failed_save", step, "the same key has a second effect")
    return first


def _note_number(visit: Visit, number: str) -> None:
    series, _, digits = number.rpartition("-")
    if digits.isdigit():
        last = int(visit.account.notes.get(f"last {series}", "0"))
        visit.account.notes[f"last {series}"] = str(max(last, int(digits)))


def _line(work: Work) -> dict[str, str]:
    return {
        "description": work.description,
        "quantity": work.quantity,
        "unit_price": work.price,
        "discount": work.discount or "0",
        "tax_rate": work.rate,
    }


async def _make_token(visit: Visit) -> str:
    tab = await enter(visit)
    await tab.follow("Account", "open the account")
    await tab.press("Create token", {"Token name": "sync"}, "create a token", expect=(200, 201))
    tokens = tab.page.texts("code", "token")
    if not tokens:
        raise tab.failure("failed_save", "create a token", "the token is not shown")
    visit.person.token = tokens[0]
    return tokens[0]


def _items(answer: Any) -> list[dict[str, Any]]:
    """The rows of a list, whatever else the answer holds."""
    body = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    rows = body.get("items")
    kept = cast("list[Any]", rows) if isinstance(rows, list) else []
    return [cast("dict[str, Any]", row) for row in kept if isinstance(row, dict)]


async def account(visit: Visit) -> None:
    """Logging out ends the session for good; logging in works with the same password."""
    tab = await enter(visit)
    kept = dict(visit.person.visitor.jar)
    await tab.press("Log out", {}, "log out", pain="error")
    visit.person.visitor.jar.update(kept)  # a copy of the old cookies, as on a shared computer
    await tab.go("/invoices", "go back after logging out", typed=True)
    if not tab.target.startswith("/login"):
        raise tab.failure("foreign_item", "go back after logging out", "the old session is still good")
    visit.person.visitor.jar.clear()
    await enter(visit)


syncing = Journey(
    name="sync",
    theme="api",
    weights={"solo": 2, "team": 6, "business": 9},
    work={"api_list": 2, "api_write": 4, "api_read": 1, "page": 1, "document": 1, "login": 0.1},
    walk=sync,
    words="use the API from our own program",
    machine=True,
)
evening = Journey(
    name="account",
    theme="team",
    weights={"solo": 3, "team": 3, "business": 3},
    work={"page": 3, "list": 0.5, "write": 1, "login": 1},
    walk=account,
    words="log out and in again",
)
