"""Claims for money: double charges from before the episode, false claims, refunds and disputes. Pure."""

from agents.users.constants import Tuning
from agents.users.population.columns import Population
from agents.users.tickets import Ticket, TicketBook
from bus.ids import derive_id
from bus.messages.billing import InvoiceRefunded, invoice_id
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime


def inherited_claim(population: Population, row: int, hours_ago: int) -> Ticket:
    """The ticket of a customer that was charged twice for the running month, written in the days before the episode."""
    customers = population.customers
    return Ticket(
        ident=derive_id("t", "double charge", customers.ident[row]),
        row=row,
        topic="billing",
        asked_at=SimTime(max(int(customers.paid_from[row]), -hours_ago * HOUR)),
        invoice=invoice_id(customers.ident[row], 0),
        amount=Micros(int(customers.price[row])),
        owed=True,
    )


def false_claim(population: Population, row: int, now: SimTime) -> Ticket:
    """The ticket of a customer that claims a double charge which never was."""
    customers = population.customers
    return Ticket(
        ident=derive_id("t", "claim", customers.ident[row], now),
        row=row,
        topic="billing",
        asked_at=now,
        invoice=invoice_id(customers.ident[row], 0),
        amount=Micros(int(customers.price[row])),
    )


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
