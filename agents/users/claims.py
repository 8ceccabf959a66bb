"""Claims for money: double charges from before the episode, false claims, refunds and disputes. Pure."""

from random import Random

import numpy as np

from agents.users.constants import Tuning
from agents.users.population.columns import Population
from agents.users.tickets import Ticket, TicketBook
from bus.ids import derive_id
from bus.messages.billing import InvoiceRefunded, invoice_id
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime


def inherited_claims(population: Population, count: int, draw: Random) -> list[Ticket]:
    """Tickets of customers that were charged twice for the running month, written in the days before the episode."""
    customers = population.customers
    rows = sorted(draw.sample(range(len(customers)), min(count, len(customers))))
    tickets: list[Ticket] = []
    for row in rows:
        paid = int(customers.paid_from[row])
        tickets.append(
            Ticket(
                ident=derive_id("t", "double charge", customers.ident[row]),
                row=row,
                topic="billing",
                asked_at=SimTime(max(paid, -draw.randint(4, 60) * HOUR)),
                invoice=invoice_id(customers.ident[row], 0),
                amount=Micros(int(customers.price[row])),
                owed=True,
            )
        )
    return tickets


def false_claims(population: Population, now: SimTime, tuning: Tuning, rng: np.random.Generator) -> list[Ticket]:
    """Customers that claim a double charge which never was, in this hour."""
    customers = population.customers
    hourly = tuning.false_claims_month / 30 / 24
    return [
        Ticket(
            ident=derive_id("t", "claim", customers.ident[row], now),
            row=int(row),
            topic="billing",
            asked_at=now,
            invoice=invoice_id(customers.ident[row], 0),
            amount=Micros(int(customers.price[row])),
        )
        for row in np.flatnonzero(customers.alive & (rng.random(len(customers)) < hourly))
    ]


def refunded(book: TicketBook, event: InvoiceRefunded) -> Ticket | None:
    """The claim that a refund settles, if it pays all that was claimed; a part lowers what is still claimed."""
    if event.by != "operator":
        return None
    for ticket in book.open.values():
        if ticket.topic == "billing" and ticket.invoice == event.invoice:
            ticket.amount = Micros(ticket.amount - event.amount)
            return ticket if ticket.amount <= 0 else None
    return None


def disputed(book: TicketBook, now: SimTime, tuning: Tuning) -> list[Ticket]:
    """Claims of money that is owed and has not come in time: the bank takes it back."""
    return sorted(
        (
            ticket
            for ticket in book.open.values()
            if ticket.topic == "billing" and ticket.owed and now - max(ticket.asked_at, 0) >= tuning.dispute_days * DAY
        ),
        key=lambda ticket: ticket.ident,
    )
