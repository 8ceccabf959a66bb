"""What scripted operators do: each duty is one small habit, and a policy is a list of them."""

from typing import Protocol

from agents.operator.tools import ToolRefused, Tools
from bus.messages.gateway import Turn


class Duty(Protocol):
    """Something to look after once in every turn."""

    async def tend(self, tools: Tools, turn: Turn) -> None:
        """Do what is due. A refusal of a tool ends this duty's turn, and no other's."""
        ...


async def attend(tools: Tools, duties: tuple[Duty, ...]) -> None:
    """Tend all duties every hour, in order, until the episode is over."""
    turn = await tools.begin()
    while True:
        for duty in duties:
            try:
                await duty.tend(tools, turn)
            except ToolRefused as refusal:
                tools.log.warning("a tool refused", duty=type(duty).__name__, problem=str(refusal))
        turn = await tools.wait()
