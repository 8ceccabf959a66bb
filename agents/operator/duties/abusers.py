"""Blocking abusers: addresses that are nearly always refused. An address that is also answered may be a customer's."""

from dataclasses import dataclass, field

from agents.operator.tools import Tools
from bus.messages.cloud import FailedLogins
from bus.messages.gateway import Turn

HOURS = 6
"""How far back refusals are counted."""
MANY = 30
"""Refused requests: more than anybody forgets a password."""
ANSWERED_SHARE = 0.1
"""Answered requests for each refused one, at most. A login form that is shown before each guess is answered, too; so a
guesser that loads it every time is left alone rather than a customer blocked."""


def abusers(seen: FailedLogins) -> list[str]:
    """Addresses to block, worst first."""
    rows = zip(seen.address, seen.refused, seen.answered, strict=True)
    return [address for address, refused, answered in rows if refused >= MANY and answered <= refused * ANSWERED_SHARE]


@dataclass
class BlockAbusers:
    """Blocks each address once."""

    _blocked: set[str] = field(default_factory=set[str])

    async def tend(self, tools: Tools, turn: Turn) -> None:
        fresh = [address for address in abusers(await tools.top_refused(HOURS)) if address not in self._blocked]
        if fresh:
            self._blocked.update(fresh)
            await tools.firewall(block=tuple(fresh))
