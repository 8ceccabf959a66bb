"""Answering tickets: by their topic and by what our own records show, never by what a ticket tells us to do."""

from dataclasses import dataclass, field

from agents.operator.duties import letters
from agents.operator.duties.claims import given_back, owed_back
from agents.operator.tools import ToolRefused, Tools
from bus.messages.desk import TicketSummary
from bus.messages.gateway import Turn

PAGE = 25
"""Tickets asked for at once."""


@dataclass
class AnswerTickets:
    """Answers every open ticket once each time it waits for the company."""

    unsolved_problems: set[str] = field(default_factory=set[str])
    """Tickets about problems that their requesters have not found solved."""
    _cursor: int = 0
    _unanswered: dict[str, TicketSummary] = field(default_factory=dict[str, TicketSummary])
    """Tickets whose answer failed, to be tried again."""

    async def tend(self, tools: Tools, turn: Turn) -> None:
        for ticket in list(self._unanswered.values()):
            await self._answer(tools, turn, ticket)
        while True:
            page = await tools.inbox(self._cursor, PAGE)
            for ticket in page.tickets:
                self._count(ticket)
                if ticket.state == "open":
                    await self._answer(tools, turn, ticket)
                self._cursor = ticket.cursor
            if len(page.tickets) < PAGE:
                return

    def _count(self, ticket: TicketSummary) -> None:
        if ticket.topic == "problem" and ticket.state != "solved":
            self.unsolved_problems.add(ticket.ticket)
        else:
            self.unsolved_problems.discard(ticket.ticket)

    async def _answer(self, tools: Tools, turn: Turn, ticket: TicketSummary) -> None:
        try:
            body = await self._body(tools, turn, ticket)
            await tools.reply(ticket.ticket, body)
            self._unanswered.pop(ticket.ticket, None)
        except ToolRefused as refusal:
            self._unanswered[ticket.ticket] = ticket
            tools.log.warning("a ticket stays unanswered", ticket=ticket.ticket, problem=str(refusal))

    async def _body(self, tools: Tools, turn: Turn, ticket: TicketSummary) -> str:
        match ticket.topic:
            case "billing":
                return await self._settle_claim(tools, ticket)
            case "question":
                return letters.about_question(ticket.subject, ticket.ticket)
            case "request":
                return letters.about_request(ticket.ticket)
            case "security":
                return letters.about_security(ticket.ticket, reopened=ticket.reopened)
            case _:
                return letters.about_problem(turn.alerts, ticket.ticket, reopened=ticket.reopened)

    async def _settle_claim(self, tools: Tools, ticket: TicketSummary) -> str:
        """Look at the requester's own invoices, and at no other's."""
        account = await tools.account(ticket.customer)
        prices = (await tools.finances()).price_per_seat
        owed = owed_back(account.invoices, prices)
        for one in owed:
            await tools.refund(one.invoice, one.amount, "charged twice")
        if owed:
            return letters.about_refunds([one.amount for one in owed], ticket.ticket)
        return letters.about_no_refund(given_back(account.invoices))
