"""What the company spends or comes to owe through others: hosting, the operator's tokens, breaches."""

from typing import Final

from bus.messages.attackers import AttemptEnded
from bus.messages.cloud import UsageMetered
from bus.messages.gateway import TurnEnded
from bus.money import Micros, share
from services.billing.accounts import CASH, OWED, VENDORS, LedgerError, cost
from services.billing.books import Books, Why

MOST_TOKENS: Final = 10**12
"""A turn's tokens are the operator's word: neither a negative nor an absurd number may earn money or stop the world."""


def book_hosting(books: Books, event: UsageMetered, cause: str) -> None:
    """One tick's hosting bill."""
    if any(line.cost < 0 for line in event.lines):
        raise LedgerError(f"the hosting bill of tick {event.tick} has a negative line: {event.lines}")
    amount = sum(line.cost for line in event.lines)
    why = Why("cloud", ", ".join(line.item for line in event.lines if line.cost), cause=cause)
    books.post("hosting", (cause,), {cost("hosting"): amount, CASH: -amount}, {VENDORS: amount}, why)


def book_tokens(books: Books, event: TurnEnded, cause: str) -> None:
    """A turn's tokens at the scenario's price; the cost that the turn itself states is not believed."""
    given = (event.usage.prompt_tokens, event.usage.completion_tokens)
    tokens = sum(min(max(count, 0), MOST_TOKENS) for count in given)
    amount = share(Micros(books.section.token_price * tokens), 1, 1000)
    why = Why("operator", f"{tokens} tokens", cause=cause)
    books.post("tokens", (cause,), {cost("tokens"): amount, CASH: -amount}, {VENDORS: amount}, why)


def book_breach(books: Books, event: AttemptEnded, cause: str) -> None:
    """Damages for records taken, owed from the moment it happens, noticed or not; capped for each victim."""
    if event.outcome != "succeeded" or event.victim is None or event.records <= 0:
        return
    victim = books.customer(event.victim, event.type)
    room = books.section.breach_cap - victim.breach
    amount = max(min(event.records * books.section.breach_per_record, room), 0)
    victim.breach = Micros(victim.breach + amount)
    books.breach_owed = Micros(books.breach_owed + amount)
    books.touch(victim)
    why = Why("attacker", f"{event.records} records taken: {event.kind}", event.victim, cause=cause)
    books.post("breach", (cause,), {cost("breach"): amount, OWED: -amount}, {}, why)
