"""The customers' side of support: who writes what, when they go on, and when they are content.

Decides by facts (was there an answer, does the thing work, has the money come) and words them in the voice of whoever
writes. Says events; the desk keeps the threads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from agents.users import claims, lots
from agents.users.constants import Tuning
from agents.users.experience import hurt
from agents.users.journeys import Journey
from agents.users.population.columns import Population, Rows
from agents.users.population.names import identity
from agents.users.products.interface import Product
from agents.users.tickets import Ticket, TicketBook
from agents.users.voices import letters
from agents.users.voices.persona import Persona, persona
from bus.chance import Chance
from bus.ids import derive_id
from bus.messages.base import Event
from bus.messages.billing import InvoiceRefunded
from bus.messages.desk import StatusPosted, TicketMessage
from bus.messages.users import (
    ChargeDisputed,
    DoubleChargeInherited,
    PainKind,
    TicketAsked,
    TicketChecked,
    TicketSaid,
)
from bus.scenario import Scenario
from bus.simtime import DAY, HOUR, SimTime

STATUS_DAYS = 3
"""Days for which a post on the status page calms people."""
_ASKS, _CLAIMS = 3, 4
"""Numbers of the draws of a customer's day."""


@dataclass
class Support:
    """All conversations of one world, from the customers' side."""

    scenario: Scenario
    population: Population
    tuning: Tuning
    chance: Chance
    product: Product
    wishes: Callable[[int], Sequence[letters.Ask]]
    """What the customer of a row would have built."""
    book: TicketBook = field(default_factory=TicketBook)
    posted_at: SimTime | None = None
    """Last post on the status page about something that is not over."""
    promised_at: SimTime = SimTime(-1)
    """When the company last said that all is well: a post `resolved`."""
    released_at: SimTime = SimTime(-1)

    def inherited(self) -> list[Event]:
        """The tickets that are open when the episode begins."""
        draw = self.chance.python("users", "inherited tickets")
        count, everybody = self.scenario.users.inherited_tickets, self.scenario.users.customers
        doubled = min(round(count * self.tuning.double_charge_share), everybody)
        events: list[Event] = []
        for number in sorted(draw.sample(range(everybody), doubled)):
            row, hours = self._row(number), draw.randint(4, 60)
            if row is not None:
                events += self._double_charge(claims.inherited_claim(self.population, row, hours))
        for index in range(count - doubled):
            row, hours = self._row(draw.randrange(everybody)), draw.randint(2, 40)
            if row is not None:
                events.append(self._question(row, SimTime(-hours * HOUR), ("inherited", index)))
        return events

    def hear(self, event: Event, at: SimTime) -> list[Event]:
        """What others said; a refund may settle a claim at once."""
        if isinstance(event, TicketMessage) and event.author == "company":
            self.book.answered(event.ticket, at)
        elif isinstance(event, StatusPosted):
            self.posted_at = None if event.state == "resolved" else at
            self.promised_at = at if event.state == "resolved" else self.promised_at
        elif isinstance(event, InvoiceRefunded):
            ticket = claims.refunded(self.book, event)
            return [self._checked(ticket, solved=True)] if ticket else []
        return []

    def complain(
        self, row: int, journey: Journey, kind: PainKind, step: str, now: SimTime, draw: Random
    ) -> list[Event]:
        """Write about a failed session, unless there is a thread about it already."""
        if not self.book.may_ask(row, journey.name):
            return []
        who = self._persona(row)
        security = kind == "foreign_item"
        letter = (
            letters.security(who, journey.words, draw)
            if security
            else letters.problem(who, kind, journey.words, step, draw)
        )
        ident = derive_id("t", self._customer(row), journey.name, now)
        ticket = Ticket(ident, row, "security" if security else "problem", now, journey=journey.name, kind=kind)
        return [self._ask(ticket, letter)]

    def ordinary(self, rows: Rows, days: np.uint64, now: SimTime) -> list[Event]:
        """Questions and false claims without any pain, of the customers whose hour it is; `days` is this day's stream."""
        customers = self.population.customers
        own = lots.keys(days, customers.number[rows])
        daily = self.scenario.users.tickets_per_customer_month / 30 * customers.writes[rows]
        asking = rows[lots.uniform(own, _ASKS) < daily]
        wrong = rows[lots.uniform(own, _CLAIMS) < self.tuning.false_claims_month / 30]
        events: list[Event] = [self._question(int(row), now, ("at", now)) for row in asking]
        return events + [self._claim(claims.false_claim(self.population, int(row), now)) for row in wrong]

    def looking(self, now: SimTime) -> list[Ticket]:
        """Tickets whose requesters try again now."""
        return self.book.to_look(now, max(self.released_at, self.promised_at), self.tuning.recheck_days)

    def looked(self, ticket: Ticket, works: bool, now: SimTime) -> list[Event]:
        """What a requester does after trying again. Without an answer they say only that it works, not that it fails."""
        was_answered = ticket.answered_at is not None
        promised = max(self.released_at, self.promised_at) > ticket.looked_at
        ticket.looked_at, ticket.answered_at = now, None
        if works:
            return [self._checked(ticket, solved=True)]
        if not was_answered:
            return []
        if promised:
            hurt(self.population, ticket.row, "broken_promise", 1.0, self.tuning)
        return [self._still_open(ticket, now)]

    def left(self, row: int) -> list[Event]:
        """A customer is gone, and so are its questions."""
        own = sorted((each for each in self.book.open.values() if each.row == row), key=lambda each: each.ident)
        return [self._closed(ticket, "We have moved to another product, so never mind.") for ticket in own]

    def go_on(self, now: SimTime) -> list[Event]:
        """Everything else that requesters do in an hour: wait, remind, accept answers, go to the bank."""
        calmed = self.posted_at is not None and now - self.posted_at < STATUS_DAYS * DAY
        target = self.scenario.desk.answer_target_hours
        for ticket in self.book.open.values():
            waited = self.book.waiting_hours(ticket, now, target, status_posted=calmed)
            if waited:
                hurt(self.population, ticket.row, "waiting", waited / 24, self.tuning)
        events: list[Event] = []
        for ticket in claims.disputed(self.book, now, self.tuning):
            events += self._dispute(ticket)
        for ticket in sorted(self.book.open.values(), key=lambda each: each.ident):
            events += self._after_answer(ticket, now)
        for ticket in self.book.to_remind(now, self.tuning.question_patience_days):
            ticket.reminders += 1
            body = letters.reminder(self._persona(ticket.row), ticket.reminders, self._draw(ticket, now))
            events.append(
                TicketSaid(
                    agent=self._agent(ticket.row), customer=self._customer(ticket.row), ticket=ticket.ident, body=body
                )
            )
        return events

    def _double_charge(self, ticket: Ticket) -> list[Event]:
        """What the company took twice, and the letter about it."""
        doubled = DoubleChargeInherited(
            agent=self._agent(ticket.row),
            customer=self._customer(ticket.row),
            invoice=ticket.invoice,
            amount=ticket.amount,
            at=SimTime(int(self.population.customers.paid_from[ticket.row])),
        )
        return [doubled, self._claim(ticket)]

    def _after_answer(self, ticket: Ticket, now: SimTime) -> list[Event]:
        """A question was answered, a false claim declined, or owed money promised."""
        if ticket.answered_at is None or ticket.topic in ("problem", "security"):
            return []
        if not ticket.owed:
            return [self._checked(ticket, solved=True)]
        if now - ticket.answered_at < self.tuning.recheck_days * DAY:
            return []
        ticket.answered_at = None
        return [self._still_open(ticket, now)]

    def _still_open(self, ticket: Ticket, now: SimTime) -> TicketChecked:
        ticket.reopened += 1
        ticket.waiting_since = now
        return self._checked(ticket, solved=False)

    def _checked(self, ticket: Ticket, *, solved: bool) -> TicketChecked:
        draw = self._draw(ticket, ticket.reopened)
        who = self._persona(ticket.row)
        if solved:
            declined = ticket.topic == "billing" and ticket.amount > 0
            return self._closed(ticket, letters.gave_up(draw) if declined else letters.thanks(who, draw))
        paid = ticket.topic == "billing"
        body = letters.money_missing(draw) if paid else letters.still_wrong(who, ticket.reopened, draw)
        return TicketChecked(
            agent=self._agent(ticket.row),
            customer=self._customer(ticket.row),
            ticket=ticket.ident,
            solved=False,
            body=body,
        )

    def _dispute(self, ticket: Ticket) -> list[Event]:
        hurt(self.population, ticket.row, "broken_promise", 1.0, self.tuning)
        dispute = ChargeDisputed(
            agent=self._agent(ticket.row),
            customer=self._customer(ticket.row),
            invoice=ticket.invoice,
            reason="charged twice and not paid back",
        )
        return [dispute, self._closed(ticket, "Our bank has taken the charge back.")]

    def _closed(self, ticket: Ticket, body: str) -> TicketChecked:
        """Nobody waits for this any more."""
        self.book.drop(ticket)
        return TicketChecked(
            agent=self._agent(ticket.row),
            customer=self._customer(ticket.row),
            ticket=ticket.ident,
            solved=True,
            body=body,
        )

    def _row(self, number: int) -> int | None:
        """The row of an inherited customer, if it is one of ours."""
        return self.population.row_of.get(derive_id("cu", "customer", number))

    def _question(self, row: int, at: SimTime, name: tuple[str, int]) -> TicketAsked:
        draw = self.chance.python("users", "question", self._customer(row), *name)
        wish, letter = letters.question(self._persona(row), self.product.asks, self.wishes(row), draw)
        ident = derive_id("t", "question", self._customer(row), *name)
        return self._ask(Ticket(ident, row, "request" if wish else "question", at), letter)

    def _claim(self, ticket: Ticket) -> TicketAsked:
        letter = letters.double_charge(self._persona(ticket.row), ticket.amount, self._draw(ticket, 0))
        return self._ask(ticket, letter)

    def _ask(self, ticket: Ticket, letter: letters.Letter) -> TicketAsked:
        self.book.add(ticket)
        return TicketAsked(
            agent=self._agent(ticket.row),
            customer=self._customer(ticket.row),
            ticket=ticket.ident,
            topic=ticket.topic,
            subject=letter.subject,
            body=letter.body,
            at=ticket.asked_at,
        )

    def _draw(self, ticket: Ticket, when: int) -> Random:
        return self.chance.python("users", "words", ticket.ident, when)

    def _agent(self, row: int) -> str:
        return self.population.agents[int(self.population.customers.agent[row])].ident

    def _customer(self, row: int) -> str:
        return self.population.customers.ident[row]

    def _persona(self, row: int) -> Persona:
        customers = self.population.customers
        owner = identity(customers.ident[row], customers.name[row], 0, self.chance)
        return persona(customers.ident[row], owner.name, self.chance)
