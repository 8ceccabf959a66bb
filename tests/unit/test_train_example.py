"""examples/train without any world: the gradients are right, groups are judged by themselves, macros survive refusals."""

import importlib.util
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bus.simtime import SimTime
from concern.client.acts import Observation, Step

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "train"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The example's modules, which import each other by name as scripts do."""
    loaded: dict[str, ModuleType] = {}
    for name in ("policy", "business", "train"):
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        loaded[name] = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, loaded[name])
        spec.loader.exec_module(loaded[name])
    return loaded


def test_gradients_are_those_of_the_objective(example: dict[str, ModuleType]) -> None:
    chance = np.random.default_rng(1)  # noqa: TID251 (the trainer's own)
    policy = example["policy"].Policy.new(5, 4, 3, chance)
    policy.weights["w2"] = chance.normal(size=(3, 4))
    batch = (chance.normal(size=(6, 5)), chance.integers(4, size=6), chance.normal(size=6), 0.3)
    slopes = policy.gradients(*batch)
    for name, weights in policy.weights.items():
        for place in np.ndindex(weights.shape):
            kept, measured = weights[place], []
            for difference in (1e-6, -1e-6):
                weights[place] = kept + difference
                measured.append(policy.objective(*batch))
            weights[place] = kept
            assert slopes[name][place] == pytest.approx((measured[0] - measured[1]) / 2e-6, abs=1e-7)


def test_it_learns_what_pays(example: dict[str, ModuleType]) -> None:
    chance = np.random.default_rng(2)  # noqa: TID251 (the trainer's own)
    policy = example["policy"].Policy.new(2, 3, 8, chance)
    features = np.array([[1.0, 0.0], [0.0, 1.0]])
    for _ in range(60):
        rows = chance.integers(2, size=16)
        actions = np.array([chance.choice(3, p=policy.probabilities(features[row])) for row in rows])
        returns = [1.0 if action == row else 0.0 for row, action in zip(rows, actions, strict=True)]
        advantages = np.array(example["policy"].relative(returns))
        policy.climb(policy.gradients(features[rows], actions, advantages, 0.001), 0.1)
    p = policy.probabilities(features)
    assert p[0, 0] > 0.9
    assert p[1, 1] > 0.9


def test_a_void_member_of_a_group_counts_for_nothing(example: dict[str, ModuleType]) -> None:
    relative = example["policy"].relative
    assert relative([1.0, None, 3.0]) == [-1.0, None, 1.0]
    assert relative([2.0, 2.0, None]) == [0.0, 0.0, None]
    assert relative([None]) == [None]


@dataclass
class Refusing:
    """An episode that answers some tools and refuses the rest."""

    answers: dict[str, Any]
    steps: int = 0
    over: bool = False
    segment_over: bool = False
    called: list[str] = field(default_factory=list)
    observation: Observation = field(
        default_factory=lambda: Observation(tick=3, sim_time=SimTime(0), seconds_left=3600, wake=(), alerts=(), news=())
    )

    async def step(self, action: dict[str, Any]) -> Step:
        self.called.append(action["tool"])
        answer = self.answers.get(action["tool"])
        content = json.dumps(answer or {"code": "refused", "detail": "no"})
        self.observation = self.observation.model_copy(update={"ok": answer is not None, "content": content})
        return Step(self.observation, 0.0, terminated=False, truncated=False, info={})


BILLING = {"ticket": "t_1", "customer": "c_1", "topic": "billing"}
TWICE = {"invoice": "in_2", "amount": 5, "refunded": 0, "service_from": 7, "service_to": 7}


@pytest.mark.anyio
@pytest.mark.parametrize("answered", [True, False])
async def test_every_macro_is_done_and_survives_refusals(example: dict[str, ModuleType], answered: bool) -> None:
    business = example["business"]
    answers = {
        "instances": {"instances": [{}, {}], "utilisation": 0.2},
        "inbox": {"tickets": [BILLING, {"ticket": "t_2", "customer": "c_2", "topic": "question"}]},
        "finances": {"invoices": [TWICE], "price_per_seat": {"team": 10}},
        "access_log": {"address": ["203.0.113.1"]},
    }
    episode = Refusing(answers if answered else {})
    desk = business.Desk(episode)
    for macro in business.MACROS:
        features = await desk.look()
        assert len(features) == example["train"].FEATURES
        assert all(np.isfinite(features))
        await desk.act(macro)
    assert episode.called.count("wait") == len(business.MACROS)
    assert ("refund" in episode.called) is answered
    assert ("set_plans" in episode.called) is answered


@pytest.mark.anyio
async def test_nothing_is_done_after_the_end(example: dict[str, ModuleType]) -> None:
    episode = Refusing({}, over=True)
    desk = example["business"].Desk(episode)
    await desk.act("refund")
    assert episode.called == []
