"""Who writes for a customer, what they have before their eyes, and how they read what comes back. Words only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.users.journeys import Failure, Journey
from agents.users.population.columns import Population
from agents.users.population.names import identity
from agents.users.tickets import Ticket
from agents.users.voices.persona import Pen, persona
from agents.users.voices.reading import Reader, Reading
from agents.users.voices.sight import Sight, seen_page
from bus.chance import Chance
from bus.messages.users import PainKind
from bus.simtime import SimTime, calendar


@dataclass(frozen=True)
class Writers:
    """The people of a population who write to support: one of each customer, always the same."""

    population: Population
    start: datetime
    """The calendar's first moment."""
    chance: Chance

    def pen(self, ticket: Ticket) -> Pen:
        """The requester of a ticket, about to write their next message in it."""
        customers = self.population.customers
        ident = customers.ident[ticket.row]
        owner = identity(ident, customers.name[ticket.row], 0, self.chance)
        who = persona(ident, owner.name, owner.user_agent, self.chance)
        draw = self.chance.python("users", "words", ticket.ident, ticket.written)
        ticket.written += 1
        return Pen(who.after(ticket.reopened), draw, ticket.used)

    def sight(self, row: int, journey: Journey, kind: PainKind, failure: Failure | None, now: SimTime) -> Sight:
        """What somebody saw of a session that went wrong; without a failure they only know what they wanted."""
        when = calendar(self.start, now) + timedelta(hours=self._zone(row))
        if failure is None:
            return Sight(when, kind, journey.words)
        page = seen_page(failure.request)
        return Sight(when, kind, journey.words, failure.step, failure.detail, page, failure.item or "")

    def read(self, ticket: Ticket, answer: str, at: SimTime) -> Reading:
        """How the requester understands an answer."""
        return Reader(self.start, self._zone(ticket.row)).read(answer, ticket.topic, ticket.own_words, at)

    def _zone(self, row: int) -> int:
        return int(self.population.customers.zone[row])
