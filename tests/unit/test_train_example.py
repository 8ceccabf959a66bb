"""examples/train without any world: groups are judged by themselves, macros survive refusals, it learns what pays.

What needs PyTorch is left out where that is not installed (examples/train/requirements.txt).
"""

import importlib.util
import json
import math
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bus.simtime import SimTime
from concern.client.acts import Observation, Step

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "train"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """One of the example's modules, which import each other by name as scripts do."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    return {name: load(name, monkeypatch) for name in ("learning", "business", "telling")}


@pytest.fixture
def policy(example: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    pytest.importorskip("torch", reason="the trainer's own environment has it")
    assert "learning" in example
    return load("policy", monkeypatch)


def test_it_learns_what_pays(example: dict[str, ModuleType], policy: ModuleType, tmp_path: Path) -> None:
    learner = policy.Policy(2, 3, 8, 0.1, 1)
    features = [[1.0, 0.0], [0.0, 1.0]]
    assert learner.probabilities(features[0]) == pytest.approx([1 / 3] * 3)
    for _ in range(30):
        rows = [row for row in (0, 1) for _ in range(8)]
        actions = [learner.sample(features[row]) for row in rows]
        better = example["learning"].relative(
            [1.0 if act == row else 0.0 for act, row in zip(actions, rows, strict=True)]
        )
        learner.learn(
            example["learning"].Batch([features[row] for row in rows], actions, better),
            passes=8,
            clip=0.3,
            entropy=0.001,
        )
    assert learner.probabilities(features[0])[0] > 0.9
    assert learner.probabilities(features[1])[1] > 0.9
    learner.save(tmp_path / "policy.pt")
    other = policy.Policy(2, 3, 8, 0.1, 2)
    other.load(tmp_path / "policy.pt")
    assert [other.best(each) for each in features] == [0, 1]


def test_a_clipped_step_does_not_run_away(example: dict[str, ModuleType], policy: ModuleType) -> None:
    learner = policy.Policy(1, 2, 4, 0.005, 1)
    one = example["learning"].Batch([[1.0], [1.0]], [0, 1], [1.0, -1.0])
    learner.learn(one, passes=200, clip=0.2, entropy=0.0)
    assert 0.5 < learner.probabilities([1.0])[0] < 0.8


def test_a_decision_is_judged_by_what_comes_after_it(example: dict[str, ModuleType]) -> None:
    life = example["learning"].Life
    rich = life([[0.0], [1.0]], [0, 1], [5.0, 1.0], 6.0)
    poor = life([[0.0], [1.0]], [0, 2], [1.0, 3.0], 4.0)
    void = life([[0.0], [1.0]], [0, 3], [9.0, 9.0], None)
    assert rich.to_come() == [6.0, 1.0]
    taught = example["learning"].batch([rich, poor, void])
    assert taught.features == [[0.0], [0.0], [1.0], [1.0]]
    assert taught.actions == [0, 0, 1, 2]
    assert taught.advantages == [1.0, -1.0, -1.0, 1.0]


def test_a_group_that_shows_no_difference_teaches_nothing(example: dict[str, ModuleType]) -> None:
    life, batch = example["learning"].Life, example["learning"].batch
    equal = [life([[0.0]], [act], [2.0], 2.0) for act in (0, 1)]
    assert batch(equal) is None
    assert batch([equal[0], life([[0.0]], [1], [3.0], None)]) is None
    assert batch([]) is None


def test_a_comparison_is_made_in_pairs_without_the_void(
    example: dict[str, ModuleType], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = {
        "learned": {1: 12.0, 2: 15.0, 3: None, 4: 9.0},
        "noop": {1: 2.0, 2: 3.0, 3: 4.0, 4: None},
        "random": {1: None, 2: None, 3: 1.0, 4: None},
    }
    leads = example["telling"].compare(table, random.Random(1))
    assert leads == {"noop": {"mean": 11.0, "low": 10.0, "high": 12.0, "seeds": 2}}
    told = capsys.readouterr().out
    assert "void" in told
    assert "learned - noop       $+11.00, 95 % [+10.00, +12.00], 2 seeds" in told
    curve = [{"seed": 1, "idle": 1.0, "returns": [2.0, 3.0], "lead": 1.5}, {"idle": None, "returns": [], "lead": None}]
    example["telling"].plot(curve, leads, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


@dataclass
class Refusing:
    """An episode that answers some tools and refuses the rest."""

    answers: dict[str, Any]
    steps: int = 0
    over: bool = False
    segment_over: bool = False
    called: list[str] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    observation: Observation = field(
        default_factory=lambda: Observation(tick=3, sim_time=SimTime(0), seconds_left=3600, wake=(), alerts=(), news=())
    )

    async def step(self, action: dict[str, Any]) -> Step:
        self.called.append(action["tool"])
        self.given.append(action["arguments"])
        answer = self.answers.get(action["tool"])
        content = json.dumps(answer or {"code": "refused", "detail": "no"})
        self.observation = self.observation.model_copy(update={"ok": answer is not None, "content": content})
        return Step(self.observation, 0.5, terminated=False, truncated=False, info={})


BILLING = {"ticket": "t_1", "customer": "c_1", "topic": "billing"}
TWICE = {"invoice": "in_2", "amount": 40, "refunded": 0, "plan": "team", "seats": 2}
ONCE = TWICE | {"invoice": "in_1", "amount": 20}


@pytest.mark.anyio
@pytest.mark.parametrize("answered", [True, False])
async def test_every_macro_is_done_and_survives_refusals(example: dict[str, ModuleType], answered: bool) -> None:
    business = example["business"]
    answers = {
        "instances": {"instances": [{}, {}], "utilisation": 0.2},
        "inbox": {"tickets": [BILLING, {"ticket": "t_2", "customer": "c_2", "topic": "question"}]},
        "finances": {"invoices": [ONCE, TWICE], "price_per_seat": {"team": 10}},
        "access_log": {"address": ["203.0.113.1"]},
    }
    episode = Refusing(answers if answered else {})
    desk = business.Desk(episode)
    for macro in business.MACROS:
        features = await desk.look()
        assert len(features) == business.FEATURES
        assert all(math.isfinite(each) for each in features)
        await desk.act(macro)
    assert episode.called.count("wait") == len(business.MACROS)
    refunds = [given for tool, given in zip(episode.called, episode.given, strict=True) if tool == "refund"]
    assert [(each["invoice"], each["amount"]) for each in refunds] == ([("in_2", 20)] if answered else [])
    assert desk.earned == 0.5 * len(episode.called)
    assert ("set_plans" in episode.called) is answered


@pytest.mark.anyio
async def test_nothing_is_done_after_the_end(example: dict[str, ModuleType]) -> None:
    episode = Refusing({}, over=True)
    desk = example["business"].Desk(episode)
    await desk.act("refund")
    assert episode.called == []
