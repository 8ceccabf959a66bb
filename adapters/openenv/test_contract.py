"""The server against OpenEnv's own client over a real socket, with a made-up business. Runs in the adapter's environment."""

import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from business import app
from openenv.core.generic_client import GenericEnvClient


@dataclass
class MadeUp:
    """Ends after three steps; with seed 13 by a failure of ours."""

    seed: int | None = None
    acts: list[Mapping[str, Any]] = field(default_factory=list)
    closed: bool = False

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[dict, dict]:
        self.seed, self.acts = seed, []
        return {"tick": 0, "options": dict(options or {})}, {"episode": f"e_{seed}"}

    def step(self, action: Mapping[str, Any]) -> tuple[dict, float | None, bool, bool, dict]:
        self.acts.append(action)
        over = len(self.acts) == 3
        voided = over and self.seed == 13
        info = {"voided": "world_gone" if voided else None}
        return {"tick": len(self.acts)}, None if voided else -0.5, False, over, info

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def server() -> Iterator[tuple[str, list[MadeUp]]]:
    made: list[MadeUp] = []

    def make() -> MadeUp:
        made.append(MadeUp())
        return made[-1]

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        running = uvicorn.Server(uvicorn.Config(app(make, 2), log_level="error"))
        thread = threading.Thread(target=running.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", made
        running.should_exit = True
        thread.join()


def wait(hours: int) -> dict[str, Any]:
    return {"tool": "wait", "arguments": {"hours": hours}, "usage": {"prompt_tokens": 5}}


def test_a_session_plays_one_business_to_its_end(server: tuple[str, list[MadeUp]]) -> None:
    url, made = server
    with GenericEnvClient(base_url=url).sync() as client:
        first = client.reset(seed=7, segment_hours=24)
        assert first.observation["seen"] == {"tick": 0, "options": {"segment_hours": 24}}
        assert client.state()["episode_id"] == "e_7"
        results = [client.step(wait(hours)) for hours in (1, 2, 3)]
    assert [(each.reward, each.done) for each in results] == [(-0.5, False), (-0.5, False), (-0.5, True)]
    assert results[-1].observation["truncated"] is True
    played = [each for each in made if each.acts]
    assert [act["arguments"]["hours"] for act in played[0].acts] == [1, 2, 3]
    assert played[0].acts[0]["usage"] == {"prompt_tokens": 5}


def test_a_voided_business_has_no_reward(server: tuple[str, list[MadeUp]]) -> None:
    with GenericEnvClient(base_url=server[0]).sync() as client:
        client.reset(seed=13)
        last = [client.step(wait(1)) for _ in range(3)][-1]
    assert (last.reward, last.done, last.observation["voided"]) == (None, True, True)


def test_sessions_have_businesses_of_their_own(server: tuple[str, list[MadeUp]]) -> None:
    url, made = server
    with GenericEnvClient(base_url=url).sync() as one, GenericEnvClient(base_url=url).sync() as other:
        one.reset(seed=1)
        other.reset(seed=2)
        one.step(wait(1))
        assert (one.state()["episode_id"], other.state()["episode_id"]) == ("e_1", "e_2")
    assert {each.seed for each in made if each.seed is not None} == {1, 2}


def test_a_step_before_a_reset_is_an_error(server: tuple[str, list[MadeUp]]) -> None:
    with GenericEnvClient(base_url=server[0]).sync() as client, pytest.raises(Exception, match="reset"):
        client.step(wait(1))
