"""Decisions that are taken once: how the product is hosted, and what it costs."""

from dataclasses import dataclass

from agents.operator.duties import Duty
from agents.operator.tools import Tools
from bus.messages.gateway import Turn
from bus.money import Micros, share
from bus.simtime import SimTime

INFRA = "/workspace/deploy/infra.toml"


@dataclass
class DecideHosting:
    """Write the hosting down, commit it and apply it, in the first turn."""

    infra: str
    """The text of `deploy/infra.toml`."""
    _done: bool = False

    async def tend(self, tools: Tools, turn: Turn) -> None:
        if self._done:
            return
        self._done = True
        await tools.call("write_file", path=INFRA, content=self.infra)
        await tools.bash(f"git add {INFRA} && git commit -q -m 'Hosting as decided'")
        await tools.call("apply", ref="HEAD")


@dataclass
class DecidePrices:
    """Announce other prices in the first turn: a raise with the notice that contracts ask for, a cut for now."""

    percent: int
    """Of the old ones."""
    _done: bool = False

    async def tend(self, tools: Tools, turn: Turn) -> None:
        if self._done:
            return
        self._done = True
        now = await tools.finances()
        new = {plan: share(Micros(price), self.percent, 100) for plan, price in now.price_per_seat.items()}
        await tools.call(
            "set_plans", price_per_seat=new, notice_days=now.price_notice_days if self.percent > 100 else 0
        )


@dataclass(frozen=True)
class Later:
    """A duty that is taken up after some time."""

    duty: Duty
    begins: SimTime

    async def tend(self, tools: Tools, turn: Turn) -> None:
        if tools.now >= self.begins:
            await self.duty.tend(tools, turn)
