"""What customers did before the episode: the input of `python -m invoicing seed`, and what they remember of it."""

from datetime import date, datetime, timedelta
from typing import Any

from agents.users.accounts import Account, Item
from agents.users.nonces import reference
from agents.users.population.columns import Population
from agents.users.population.passwords import Hashes
from agents.users.products.invoicing.sums import Work, reckon, shown, some_work
from agents.users.products.invoicing.words import CLIENTS, SUBJECTS
from agents.users.products.past import executed, shares, users
from bus.chance import Chance
from bus.scenario import Scenario

NOTED = 10
"""Invoices of each customer that are remembered one by one."""
LATE = (0, 5)
"""Those of them that are overdue and unpaid; the other even ones are open, the odd ones are paid."""
ADDRESSES = ("1 Quay Street", "Marktplatz 4", "12 High Road", "Rue du Port 7", "3 Mill Lane")


def history(scenario: Scenario, population: Population, chance: Chance) -> dict[str, Any]:
    """All firms with people, clients, items and invoices, in the product's seeding format."""
    hashes, start = Hashes(chance), scenario.world.start
    return {
        "firms": [
            _firm(start, population, row, invoices, hashes, chance)
            for row, invoices in enumerate(shares(scenario.users.history_tasks, population))
        ]
    }


def account(start: datetime, population: Population, row: int, chance: Chance) -> Account:
    """An executed customer as the episode begins."""
    customer = population.customers.ident[row]
    names = clients(customer, chance)
    known = [Item(kind="client", nonce=name.rsplit(" ", 1)[-1], title=name) for name in names]
    return executed(population, row, [*known, *remembered(start, customer, chance)], {"client": names[0]}, chance)


def clients(customer: str, chance: Chance) -> list[str]:
    """The names of a customer's clients."""
    draw = chance.python("users", "clients", customer)
    names = draw.sample(CLIENTS, draw.randint(3, 6))
    return [f"{name} {reference(customer, chance, 'client', index)}" for index, name in enumerate(names)]


def remembered(start: datetime, customer: str, chance: Chance) -> list[Item]:
    """The invoices that a customer remembers one by one, oldest first."""
    names = clients(customer, chance)
    items: list[Item] = []
    for index in range(NOTED):
        draw = chance.python("users", "remembered", customer, index)
        nonce = reference(customer, chance, "invoice", index)
        total = shown(reckon(lines(customer, chance, index)).total)
        items.append(
            Item(
                kind="invoice",
                nonce=nonce,
                title=f"{draw.choice(SUBJECTS)} {nonce}",
                place=names[index % len(names)],
                facts={
                    "Total": total,
                    "Open": "0.00" if index % 2 and index not in LATE else total,
                    "Issued on": issued_on(start, index).isoformat(),
                },
            )
        )
    return items


def lines(customer: str, chance: Chance, index: int) -> list[Work]:
    """The lines of one of them."""
    draw = chance.python("users", "lines", customer, index)
    return some_work(draw, draw.randint(1, 4))


def issued_on(start: datetime, index: int) -> date:
    """The day of one of them: the late ones were due long ago, the others are recent."""
    return (start - timedelta(days=60 - index if index in LATE else 12 - index)).date()


def _firm(
    start: datetime, population: Population, row: int, invoices: int, hashes: Hashes, chance: Chance
) -> dict[str, Any]:
    customers = population.customers
    customer, company = customers.ident[row], customers.name[row]
    draw = chance.python("users", "firm", customer)
    born = start - timedelta(days=float(customers.tenure_days[row]))
    names = clients(customer, chance)
    first = max(born.date(), (start - timedelta(days=360)).date())
    return {
        "name": company,
        "address": draw.choice(ADDRESSES),
        "vat_number": f"XX{draw.randrange(10**8):08}",
        "time_zone": "UTC",
        "created_at": born.isoformat(),
        "users": users(population, row, "bookkeeper", hashes, chance),
        "clients": [
            {"name": name, "email": f"accounts{index}@client.example", "address": draw.choice(ADDRESSES)}
            for index, name in enumerate(names)
        ],
        "items": [
            {"name": "Hour of work", "unit": "h", "unit_price": "85.00", "tax_rate": "19"},
            {"name": "Travel", "unit": "km", "unit_price": "0.42", "tax_rate": "7"},
        ],
        "invoices": [
            _invoice(item, lines(customer, chance, index), index)
            for index, item in enumerate(remembered(start, customer, chance))
        ],
        "bulk_invoices": {
            "count": max(0, invoices - NOTED),
            "clients": names,
            "subject_prefix": f"Retainer {reference(customer, chance, 'bulk')}",
            "first": min(first, (start - timedelta(days=62)).date()).isoformat(),
            "last": (start - timedelta(days=61)).date().isoformat(),
            "lines": [{"description": "One month", "unit_price": "240.00", "tax_rate": "19"}],
        },
    }


def _invoice(item: Item, work: list[Work], index: int) -> dict[str, Any]:
    return {
        "client": item.place,
        "subject": item.title,
        "issued_on": item.facts["Issued on"],
        "payment_days": 7 if index in LATE else 30,
        "sent": True,
        "reminded": 3 if index in LATE else 0,
        "lines": [
            {
                "description": line.description,
                "quantity": line.quantity,
                "unit_price": line.price,
                "discount": line.discount or "0",
                "tax_rate": line.rate,
            }
            for line in work
        ],
        "payments": [{"reference": f"Transfer {item.nonce}"}] if item.facts["Open"] == "0.00" else [],
    }
