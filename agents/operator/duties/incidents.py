"""The status page: an incident is announced when customers feel it, and resolved when it is over."""

from dataclasses import dataclass

from agents.operator.duties.letters import FELT, state_of_service
from agents.operator.duties.tickets import AnswerTickets
from agents.operator.tools import Tools
from bus.messages.gateway import Turn

MANY = 3
"""Unsolved reports of problems that make an incident, even if no alert shows it."""


@dataclass
class TellIncidents:
    """One incident at a time."""

    tickets: AnswerTickets
    _open: bool = False

    async def tend(self, tools: Tools, turn: Turn) -> None:
        felt = [alert for alert in turn.alerts if alert.kind in FELT]
        reports = len(self.tickets.unsolved_problems)
        wrong = bool(felt) or reports >= MANY
        if wrong and not self._open:
            body = (
                state_of_service(felt) if felt else f"{reports} customers told us of problems that are not solved yet."
            )
            await tools.post_status("investigating", "Problems in the service", f"{body} We are looking into it.")
            self._open = True
        elif self._open and not wrong:
            await tools.post_status("resolved", "Problems in the service", state_of_service(()))
            self._open = False
