"""The oracle in charge of the running company, by the tools that any agent has; solution/solve.sh starts it.

It knows what is planted, so it runs as the account that owns the business, which only the task's solution can do.
"""

from typing import Any

import uvloop
from start import RUN

from agents.operator.policies import find_policy, noop
from agents.operator.tools import Tools
from bus.context import Context, EpisodeOver
from bus.host import host, log_to
from bus.messages.base import Command, Done, Part, Refused
from bus.messages.gateway import BeginTurn, CallTool, EndTurn, ToolAnswer, Turn
from bus.simtime import SimTime
from bus.world import load_world
from catalog.builds import work_for
from services.gateway.mcp.service import foreign_operator

NAME = "oracle"
FIRST = Turn(turn_id="first", tick=0, sim_time=SimTime(0), wake=("tick",), seconds_left=3600)


class ByTools:
    """What a policy asks, said with tools alone: a turn ends by `wait`, whose answer is the next."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.log = ctx.log
        self._turn = FIRST

    async def ask(self, command: Command[Any], *, deadline_s: float) -> Part:
        if isinstance(command, BeginTurn):
            return self._turn
        if not isinstance(command, EndTurn):
            return await self._ctx.ask(command, deadline_s=deadline_s)
        wish = {"until": command.wait_until, "wake_on": list(command.wake_on)}
        answer = await self._ctx.ask(CallTool(tool="wait", arguments=wish), deadline_s=deadline_s)
        if isinstance(answer, ToolAnswer) and answer.ok:
            self._turn = Turn.model_validate_json(answer.content)
            return Done()
        if isinstance(answer, Refused) and answer.code != "episode_over":
            return answer
        raise EpisodeOver("the company's episode is over")


async def operate(ctx: Context, **_: object) -> None:
    """Until the episode is over."""
    file, scenario = ctx.world.file, ctx.world.scenario
    known = work_for(NAME, scenario.world.product, file.planted, scenario.users.wishes, load_world(RUN).chance)
    tools = Tools(ByTools(ctx))  # type: ignore[arg-type]
    try:
        await find_policy(NAME, known)(tools)
        await noop(tools)
    except EpisodeOver:
        ctx.log.info("the oracle is done")


if __name__ == "__main__":
    log_to(None)
    uvloop.run(host(foreign_operator(operate), RUN, RUN / "credentials" / "operator.json"))
