"""A running business as an OpenEnv server: reset, step and state over its WebSocket, one business for each session.

    python adapters/openenv/business.py --scenario short --port 8000

Going Concern must be importable; it is only imported when the server starts, so that everything else here can be tried
without it.
"""

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import anyio.to_thread
import uvicorn
from fastapi import FastAPI
from openenv.core.env_server.http_server import create_app
from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import Action, ConcurrencyConfig, Observation, State

IDLE_S = 3600.0
"""Real seconds without a word after which a session is closed, and its business with it."""


class Business(Protocol):
    """What is needed of `concern.BusinessEnv`."""

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]: ...
    def step(self, action: Mapping[str, Any]) -> tuple[dict[str, Any], float | None, bool, bool, dict[str, Any]]: ...
    def close(self) -> None: ...


class OpAction(Action):
    """One call of one of the operator's tools."""

    tool: str
    arguments: dict[str, Any] = {}
    usage: dict[str, int] = {}
    """`prompt_tokens` and `completion_tokens` that deciding on it took: charged to the company."""


class OpObservation(Observation):
    """What the operator sees; `reward` is dollars since the last step, None where the episode was voided."""

    truncated: bool = False
    """OpenEnv knows only `done`: whether it ended by the horizon or a segment, and not by the company's end."""
    voided: bool = False
    """A failure of ours: drop the episode, it is no zero."""
    seen: dict[str, Any] = {}


class OpState(State):
    """Which business this is."""

    seed: int | None = None


class BusinessServer(Environment[OpAction, OpObservation, OpState]):
    """A handle on one business. Cheap until `reset`: frameworks make instances only to look at them."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, make: Callable[[], Business]) -> None:
        super().__init__()
        self._make = make
        self._business: Business | None = None
        self._state = OpState()

    def reset(self, seed: int | None = None, episode_id: str | None = None, **options: Any) -> OpObservation:
        """A new business; the one before is ended. Options: `days`, `segment_hours`."""
        self._business = self._business or self._make()
        seen, info = self._business.reset(seed=seed, options=options)
        self._state = OpState(episode_id=str(info["episode"]), step_count=0, seed=seed)
        return OpObservation(seen=seen)

    def step(self, action: OpAction, timeout_s: float | None = None, **_: Any) -> OpObservation:
        """One tool call. `timeout_s` is not heeded: an answer that is not waited for would have been given all the same."""
        if self._business is None:
            raise RuntimeError("there is no business yet: reset first")
        given = action.model_dump(exclude={"metadata"})
        seen, reward, terminated, truncated, info = self._business.step(given)
        self._state = self._state.model_copy(update={"step_count": self._state.step_count + 1})
        voided = info.get("voided") is not None
        return OpObservation(seen=seen, reward=reward, done=terminated or truncated, truncated=truncated, voided=voided)

    async def reset_async(
        self, seed: int | None = None, episode_id: str | None = None, **options: Any
    ) -> OpObservation:
        return await anyio.to_thread.run_sync(partial(self.reset, seed, episode_id, **options))

    async def step_async(self, action: OpAction, timeout_s: float | None = None, **_: Any) -> OpObservation:
        return await anyio.to_thread.run_sync(partial(self.step, action, timeout_s))

    @property
    def state(self) -> OpState:
        return self._state

    def close(self) -> None:
        """The session is over, and its business with it."""
        if self._business is not None:
            self._business.close()
            self._business = None


def app(make: Callable[[], Business], worlds: int) -> FastAPI:
    """The server: at most so many businesses at a time, each closed when its session is silent for too long."""
    return create_app(
        partial(BusinessServer, make),
        OpAction,
        OpObservation,
        env_name="going-concern",
        state_cls=OpState,
        concurrency_config=ConcurrencyConfig(max_concurrent_envs=worlds, session_timeout=IDLE_S),
    )


def main() -> None:
    from concern import BusinessEnv

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="short")
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    args = parser.parse_args()
    uvicorn.run(app(partial(BusinessEnv, args.scenario), args.worlds), host=args.host, port=args.port)


if __name__ == "__main__":
    main()
