"""What the operator is told when a turn opens: open alerts, and what happened since the last one.

Words of customers never stand here: a line names a ticket, and its content is read as data with the `ticket` tool.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bus.messages.base import Delivered, Event
from bus.messages.cloud import AlertCleared, AlertRaised, InstanceChanged, JobEnded, ReleaseFailed, ReleaseLive
from bus.messages.desk import TicketClosed, TicketMessage, TicketOpened, TicketReopened
from bus.messages.gateway import OpenAlert
from services.gateway.model import WakeOn

MAX_LINES = 30
MAX_LINE = 300
"""Characters of a line: details come from the product's own output."""


@dataclass
class Board:
    """What is known and not yet told."""

    alerts: dict[str, OpenAlert] = field(default_factory=dict[str, OpenAlert])
    lines: list[str] = field(default_factory=list[str])

    def hear(self, messages: Iterable[Delivered]) -> frozenset[WakeOn]:
        """Take in events; which of the operator's wake reasons are among them."""
        woken: set[WakeOn] = set()
        for delivered in messages:
            event = delivered.event
            if isinstance(event, AlertRaised):
                self.alerts[event.alert] = OpenAlert(
                    alert=event.alert,
                    kind=event.kind,
                    detail=event.detail[:MAX_LINE],
                    raised_at=delivered.envelope.sim_time,
                )
                woken.add("alert")
            elif isinstance(event, AlertCleared):
                self.alerts.pop(event.alert, None)
            elif isinstance(event, (TicketOpened, TicketReopened)) or _from_customer(event):
                woken.add("inbox")
            tell = _LINES.get(type(event))
            line = tell(event) if tell else None
            if line is not None:
                self.lines.append(line[:MAX_LINE])
        return frozenset(woken)

    def tell(self) -> tuple[str, ...]:
        """The lines since the last time, newest last; of many, the newest."""
        earlier = len(self.lines) - MAX_LINES
        told = [f"({earlier} earlier events left out)"] if earlier > 0 else []
        told += self.lines[-MAX_LINES:]
        self.lines.clear()
        return tuple(told)


def _from_customer(event: Event) -> bool:
    return isinstance(event, TicketMessage) and event.author == "customer"


def _live(event: ReleaseLive) -> str:
    how = "rolled back to" if event.rolled_back else "live:"
    return f"release {how} {event.release} (commit {event.commit[:12]})"


def _instance(event: InstanceChanged) -> str | None:
    died = event.state in ("crashed", "out_of_memory")
    return f"instance {event.instance}: {event.state}" if died else None


def _job(event: JobEnded) -> str | None:
    return f"job {event.job} ended with {event.exit_code}: {event.detail}" if event.exit_code else None


_LINES: dict[type[Event], Callable[[Any], str | None]] = {
    AlertRaised: lambda event: f"alert {event.kind}: {event.detail}",
    AlertCleared: lambda event: f"alert {event.kind} cleared",
    ReleaseLive: _live,
    ReleaseFailed: lambda event: f"deploy of commit {event.commit[:12]} failed at {event.step}: {event.detail}",
    InstanceChanged: _instance,
    JobEnded: _job,
    TicketOpened: lambda event: f"ticket {event.ticket} opened ({event.topic})",
    TicketMessage: lambda event: f"ticket {event.ticket}: the customer wrote" if _from_customer(event) else None,
    TicketReopened: lambda event: f"ticket {event.ticket} reopened",
    TicketClosed: lambda event: f"ticket {event.ticket} found solved by the customer",
}
"""How an event is told; others are not."""
