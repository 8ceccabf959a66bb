"""The model's endpoint is away: the world's clock is held, and past the host's patience the episode is void."""

from contextlib import suppress
from dataclasses import dataclass

from bus.codec import RequestHead
from bus.context import Context, EpisodeOver
from bus.messages.base import Done, Refused
from bus.messages.clock import AskStatus, Regulate, Void
from bus.messages.gateway import Outage

FAILURE = "model_endpoint"
"""Why such an episode is void, for trainers."""


@dataclass
class Outages:
    """Holds the clock as long as the operator's host says that nobody answers it."""

    ctx: Context
    _held: bool = False
    """Whether the clock is held by us: what somebody else has paused stays paused."""

    async def on_outage(self, head: RequestHead, command: Outage) -> Done | Refused:
        self.ctx.log.warning("model endpoint", state=command.state, reason=command.reason)
        match command.state:
            case "down":
                status = await self.ctx.ask(AskStatus())
                if not self._held and not isinstance(status, Refused) and status.state == "running":
                    self._held = not isinstance(await self.ctx.ask(Regulate(action="pause")), Refused)
            case "up":
                if self._held:
                    await self.ctx.ask(Regulate(action="resume"))
                self._held = False
            case "lost":
                with suppress(EpisodeOver):  # it may end before that is answered
                    await self.ctx.ask(Void(failure_kind=FAILURE, reason=command.reason))
        return Done()
