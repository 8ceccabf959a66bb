"""The customers' side of support: who writes what, when they go on, and when they are content.

Decides by facts (was there an answer, does the thing work, has the money come) and words them in the voice of whoever
writes. Says events; the desk keeps the threads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.users import claims, lots
from agents.users.constants import Tuning
from agents.users.experience import hurt
from agents.users.journeys import Failure, Journey
from agents.users.population.columns import Population, Rows
from agents.users.products.interface import Product
from agents.users.tickets import MOST_ANSWERS, Ticket, TicketBook
from agents.users.voices import letters, threads
from agents.users.voices.reading import Asked
from agents.users.writers import Writers
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
WISHES = 0.3
"""Of what is asked without any pain, the share of wishes for something new (assumed; C)."""
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
    writers: Writers = field(init=False)
    _asked: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """Rows and what they have asked or wished for, by subject: nobody asks twice what was answered."""

    def __post_init__(self) -> None:
        self.writers = Writers(self.population, self.scenario.world.start, self.chance)

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
            ticket = self.book.open.get(event.ticket)
            if ticket is not None:
                self.book.answered(event.ticket, at, self.writers.read(ticket, event.body, at))
        elif isinstance(event, StatusPosted):
            self.posted_at = None if event.state == "resolved" else at
            self.promised_at = at if event.state == "resolved" else self.promised_at
        elif isinstance(event, InvoiceRefunded):
            ticket = claims.refunded(self.book, event)
            return [self._checked(ticket, at, solved=True)] if ticket else []
        return []

    def complain(
        self, row: int, journey: Journey, kind: PainKind, failure: Failure | None, now: SimTime
    ) -> list[Event]:
        """Write about a failed session, unless there is a thread about it already."""
        if not self.book.may_ask(row, journey.name):
            return []
        security = kind == "foreign_item"
        ident = derive_id("t", self._customer(row), journey.name, now)
        ticket = Ticket(ident, row, "security" if security else "problem", now, journey=journey.name, kind=kind)
        ticket.sight = self.writers.sight(row, journey, kind, failure, now)
        write = letters.security if security else letters.problem
        return [self._ask(ticket, write(self.writers.pen(ticket), ticket.sight))]

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
        broken = ticket.broken(now)
        was_answered = ticket.answered_at is not None or broken is not None
        promised = max(self.released_at, self.promised_at, ticket.told_fixed) > ticket.looked_at or broken is not None
        ticket.looked_at, ticket.answered_at = now, None
        if works:
            return [self._checked(ticket, now, solved=True)]
        if not was_answered:
            return []
        if promised:
            self._hurt(ticket, "broken_promise", 1.0)
        return [self._still_open(ticket, now)]

    def left(self, row: int) -> list[Event]:
        """A customer is gone, and so are its questions."""
        own = sorted((each for each in self.book.open.values() if each.row == row), key=lambda each: each.ident)
        return [self._closed(ticket, threads.left(self.writers.pen(ticket))) for ticket in own]

    def go_on(self, now: SimTime) -> list[Event]:
        """Everything else that requesters do in an hour: wait, remind, accept answers, go to the bank."""
        calmed = self.posted_at is not None and now - self.posted_at < STATUS_DAYS * DAY
        target = self.scenario.desk.answer_target_hours
        for ticket in self.book.open.values():
            waited = self.book.waiting_hours(ticket, now, target, status_posted=calmed)
            if waited:
                self._hurt(ticket, "waiting", waited / 24)
        events: list[Event] = []
        for ticket in claims.disputed(self.book, now, self.tuning):
            events += self._dispute(ticket)
        for ticket in sorted(self.book.open.values(), key=lambda each: each.ident):
            events += self._reply(ticket, now)
            events += self._after_answer(ticket, now)
        for ticket in self.book.to_remind(now, self.tuning.question_patience_days):
            ticket.reminders += 1
            events.append(self._says(ticket, threads.reminder(self.writers.pen(ticket), ticket.reminders)))
        return events

    def _hurt(self, ticket: Ticket, kind: PainKind, times: float) -> None:
        """Hurt those of the customer whom the matter of a ticket concerns."""
        hurt(self.population, ticket.row, kind, times, self.tuning, self.scenario.users.ticket_people)

    def _reply(self, ticket: Ticket, now: SimTime) -> list[Event]:
        """What they say to an answer itself: that it misses the point, what it asked for, or that it lacks a date."""
        reading, ticket.heard = ticket.heard, None
        if reading is None:
            return self._promised_word(ticket, now)
        if ticket.answered_at is None and not reading.fits:
            ticket.objections += 1
            return [self._says(ticket, threads.misfit(self.writers.pen(ticket)))]
        technical = ticket.topic in ("problem", "security")
        asked: list[Asked] = [one for one in reading.asked if technical or one != "other"]
        pen = self.writers.pen(ticket)
        if asked and ticket.told < MOST_ANSWERS:
            ticket.told += 1
            ticket.waiting_since = now
            ticket.answered_at = ticket.answered_at if technical else None
            return [self._says(ticket, threads.answer(pen, asked, ticket.sight))]
        if technical and reading.vague and not ticket.asked_when and pen.who.insists:
            ticket.asked_when = True
            return [self._says(ticket, threads.by_when(pen))]
        return []

    def _promised_word(self, ticket: Ticket, now: SimTime) -> list[Event]:
        """They were to hear something by now, and have not."""
        gone = ticket.broken(now)
        if gone is None or not gone.only_word:
            return []
        ticket.promise, ticket.waiting_since, ticket.answered_at = None, now, None
        self._hurt(ticket, "broken_promise", 1.0)
        return [self._says(ticket, threads.promise_gone(self.writers.pen(ticket), gone))]

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
        if ticket.promise is not None and (ticket.promise.only_word or ticket.owed) and ticket.promise.due > now:
            return []  # they wait until then
        if not ticket.owed:
            return [self._checked(ticket, now, solved=True)]
        if now - ticket.answered_at < self.tuning.recheck_days * DAY:
            return []
        ticket.answered_at = None
        return [self._still_open(ticket, now)]

    def _still_open(self, ticket: Ticket, now: SimTime) -> TicketChecked:
        ticket.reopened += 1
        ticket.waiting_since = now
        return self._checked(ticket, now, solved=False)

    def _checked(self, ticket: Ticket, now: SimTime, *, solved: bool) -> TicketChecked:
        pen, billing = self.writers.pen(ticket), ticket.topic == "billing"
        if solved:
            declined = billing and ticket.amount > 0
            return self._closed(ticket, threads.gave_up(pen) if declined else threads.thanks(pen, ticket.topic))
        broken = ticket.broken(now)
        if broken is not None:
            ticket.promise = None
        if billing:
            body = threads.money_missing(pen)
        else:
            body = threads.still_wrong(pen, ticket.reopened, ticket.sight, ticket.last, broken)
        ticket.last = None
        return TicketChecked(
            agent=self._agent(ticket.row),
            customer=self._customer(ticket.row),
            ticket=ticket.ident,
            solved=False,
            body=body,
        )

    def _dispute(self, ticket: Ticket) -> list[Event]:
        self._hurt(ticket, "broken_promise", 1.0)
        dispute = ChargeDisputed(
            agent=self._agent(ticket.row),
            customer=self._customer(ticket.row),
            invoice=ticket.invoice,
            reason="charged twice and not paid back",
        )
        return [dispute, self._closed(ticket, threads.at_the_bank(self.writers.pen(ticket)))]

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
        wishes = self._unasked(row, self.wishes(row))
        wish = draw.random() < WISHES and bool(wishes)
        asked = draw.choice(wishes if wish else self._unasked(row, self.product.asks) or self.product.asks)
        self._asked.add((row, asked[1]))
        ident = derive_id("t", "question", self._customer(row), *name)
        ticket = Ticket(ident, row, "request" if wish else "question", at)
        return self._ask(ticket, letters.question(self.writers.pen(ticket), asked, wish=wish))

    def _unasked(self, row: int, asks: Sequence[letters.Ask]) -> Sequence[letters.Ask]:
        return [ask for ask in asks if (row, ask[1]) not in self._asked]

    def _claim(self, ticket: Ticket) -> TicketAsked:
        return self._ask(ticket, letters.double_charge(self.writers.pen(ticket), ticket.amount))

    def _says(self, ticket: Ticket, body: str) -> TicketSaid:
        return TicketSaid(
            agent=self._agent(ticket.row), customer=self._customer(ticket.row), ticket=ticket.ident, body=body
        )

    def _ask(self, ticket: Ticket, letter: letters.Letter) -> TicketAsked:
        ticket.own_words = f"{letter.subject} {letter.body}"
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

    def _agent(self, row: int) -> str:
        return self.population.agents[int(self.population.customers.agent[row])].ident

    def _customer(self, row: int) -> str:
        return self.population.customers.ident[row]
