"""Blocking abusers: addresses that are refused again and again, and get nothing else done. Others may be customers'."""

from dataclasses import dataclass, field

from agents.operator.tools import Tools
from bus.messages.cloud import FailedLogins
from bus.messages.gateway import Turn

HOURS = 6
"""How far back refusals are counted."""
MANY = 30
"""Refused requests: more than anybody forgets a password."""
WORKED_SHARE = 0.1
"""Requests that served some other purpose, for each refused one, at most."""
LINES = 500
"""Of the access log, for one address."""
WORTHLESS = ("/login", "/static/", "/favicon")
"""Beginnings of paths that a guesser is answered, too: the form that it fills in, and what comes with it."""
REFUSALS = ("401", "403", "404", "429")


@dataclass(frozen=True)
class Suspect:
    """An address that was refused often."""

    address: str
    refused: int
    answered: int

    @property
    def surely(self) -> bool:
        """Whether hardly anything was answered at all."""
        return self.answered <= self.refused * WORKED_SHARE


def suspects(seen: FailedLogins) -> list[Suspect]:
    """Addresses that were refused often, worst first."""
    rows = zip(seen.address, seen.refused, seen.answered, strict=True)
    return [Suspect(address, refused, answered) for address, refused, answered in rows if refused >= MANY]


def gets_nothing_done(address: str, access_log: str) -> bool:
    """Whether an address's requests in the access log are refusals and log-in forms, nearly all of them."""
    refused = worked = 0
    for line in access_log.splitlines():
        words = line.split()  # day 3 07:00:05 ADDRESS METHOD PATH STATUS ...
        if len(words) < 7 or words[3] != address:
            continue
        if words[6] in REFUSALS:
            refused += 1
        elif not words[5].startswith(WORTHLESS):
            worked += 1
    return refused >= MANY and worked <= refused * WORKED_SHARE


@dataclass
class BlockAbusers:
    """Blocks each address once, after a look at what else it did."""

    _blocked: set[str] = field(default_factory=set[str])
    _spared: dict[str, int] = field(default_factory=dict[str, int])
    """How often an address that also worked had been refused when it was looked at: it is looked at again when
    that has doubled."""

    async def tend(self, tools: Tools, turn: Turn) -> None:
        for suspect in suspects(await tools.top_refused(HOURS)):
            if suspect.address in self._blocked or suspect.refused < 2 * self._spared.get(suspect.address, 0):
                continue
            if suspect.surely or await self._look(tools, suspect.address):
                self._blocked.add(suspect.address)
                await tools.firewall(block=(suspect.address,))
            else:
                self._spared[suspect.address] = suspect.refused

    async def _look(self, tools: Tools, address: str) -> bool:
        page = await tools.call("access_log", address=address, lines=LINES)
        return gets_nothing_done(address, page["text"])
