"""What an operator does, as the client sends it: actions, what is seen of them, and the record of all of them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bus.messages.base import Part
from bus.messages.gateway import OpenAlert, Turn
from bus.messages.reward import Usage
from bus.simtime import SimTime

ACTS = "acts.jsonl"
"""In the run's directory: every action that was sent, one a line, closed to other users."""
WAIT = "wait"
"""The one tool that lets time pass; it ends the turn."""


class Action(Part):
    """One call of one of the operator's tools."""

    tool: str
    arguments: dict[str, Any] = {}
    usage: Usage = Usage()
    """Tokens that deciding on it took: charged, as time and as money, when the turn ends."""


class Observation(Part):
    """What the operator sees after an action."""

    tick: int
    sim_time: SimTime
    seconds_left: int
    """Of the hour."""
    wake: tuple[str, ...]
    """Why the turn began."""
    alerts: tuple[OpenAlert, ...]
    news: tuple[str, ...]
    """Told at the beginning of a turn, and only then."""
    ok: bool | None = None
    """Whether the tool did what it was asked; None where no tool was called."""
    content: str = ""
    """The tool's answer: JSON, at most 16 kB, longer ones in pages."""


class Step(NamedTuple):
    """Gymnasium's five."""

    observation: Observation
    reward: float | None
    """Dollars since the last step; None where the episode was voided, which is not zero."""
    terminated: bool
    truncated: bool
    info: dict[str, Any]


def observed(turn: Turn, at: SimTime, left: int, ok: bool | None, content: str, *, fresh: bool) -> Observation:
    """An observation; a turn's news are told once."""
    return Observation(
        tick=turn.tick,
        sim_time=at,
        seconds_left=left,
        wake=turn.wake,
        alerts=turn.alerts,
        news=turn.news if fresh else (),
        ok=ok,
        content=content,
    )


def as_action(given: Action | Mapping[str, Any]) -> Action:
    """An action from what a trainer passes. `ValueError` (pydantic's) if it is none."""
    return given if isinstance(given, Action) else Action.model_validate(dict(given))


class Record:
    """The acts of one episode, kept in its directory so that another handle can go on with them."""

    def __init__(self, root: Path) -> None:
        self._path = root / ACTS
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        self.acts = [Action.model_validate_json(line) for line in lines]

    def add(self, action: Action) -> None:
        """Note an action that is about to be sent."""
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as target:
            target.write(orjson.dumps(action.model_dump(mode="json", exclude_defaults=True)) + b"\n")
        self.acts.append(action)
