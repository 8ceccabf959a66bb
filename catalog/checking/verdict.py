"""What a check finds: safe, a defect with its evidence, or broken, when its positive control failed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from agents.web.browser import Browser
from agents.web.failure import JourneyFailed

Outcome = Literal["safe", "defect", "broken"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one check on one product."""

    outcome: Outcome
    evidence: str = ""
    """What was seen, for people; empty if safe."""


class ControlFailed(Exception):
    """The positive control did not hold: nothing can be said about the defect."""


def safe() -> Verdict:
    """The defect is not there, and the control held."""
    return Verdict("safe")


def defect(evidence: str) -> Verdict:
    """The defect is there; `evidence` says what was done and what came of it."""
    return Verdict("defect", evidence)


def control(holds: bool, what: str) -> None:
    """The positive control: what must work on every product, whether it has the defect or not."""
    if not holds:
        raise ControlFailed(what)


async def failing(step: Awaitable[object]) -> JourneyFailed | None:
    """How a step failed, or None: for steps whose failure is the defect itself."""
    try:
        await step
    except JourneyFailed as error:
        return error
    return None


async def at_once(*steps: Awaitable[object]) -> list[JourneyFailed | None]:
    """Start all steps before any has ended, as two people (or one with two tabs) do; how each failed, or None."""
    return await asyncio.gather(*(failing(step) for step in steps))


def missing(tab: Browser, step: str, detail: str, *, item: str | None = None) -> NoReturn:
    """End an acceptance journey: the page does not show what it should."""
    raise tab.failure("lost_item", step, detail, item=item)


async def judged(check: Callable[[Any], Awaitable[Verdict]], scene: object) -> Verdict:
    """A check's verdict, where any failure outside its own judgement means broken."""
    try:
        return await check(scene)
    except JourneyFailed as error:
        return Verdict("broken", str(error))
    except ControlFailed as error:
        return Verdict("broken", f"the control failed: {error}")
