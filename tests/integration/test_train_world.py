"""examples/train on real worlds, as small as it goes: a life in which every macro is done; a training of one group.

The training needs PyTorch (examples/train/requirements.txt), and is left out where that is not installed.
"""

import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from concern import Episode

pytestmark = [pytest.mark.slow, pytest.mark.anyio, pytest.mark.usefixtures("shared_cache")]
FOLDER = Path("examples/train").resolve()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_life_in_which_every_macro_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    business = importlib.import_module("business")
    for name in ("business", "learning"):
        monkeypatch.setitem(sys.modules, name, sys.modules[name])
    numbers = itertools.count()
    episode = await Episode.start(str(FOLDER / "lab.toml"), seed=1, runs=tmp_path)
    life = await business.live(episode, lambda features: next(numbers) % len(business.NAMES))
    assert life.actions == list(range(len(life.actions)))
    assert len(life.actions) >= len(business.NAMES) - 1
    assert {len(row) for row in life.features} == {business.FEATURES}
    assert sum(life.earned) == pytest.approx(life.dollars)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the trainer's own environment has PyTorch")
def test_a_tiny_training_runs_to_its_end(tmp_path: Path) -> None:
    argv = [sys.executable, "examples/train/train.py", "--groups", "1", "--size", "2", "--held-out", "1"]
    done = subprocess.run([*argv, "--out", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "learned - noop" in done.stdout
    results = json.loads((tmp_path / "results.json").read_text())
    assert len(results["curve"][0]["returns"]) == 2
    assert set(results["held_out"]) == {"learned", "random", "noop", "restarter"}
    assert all(None not in earned.values() for earned in results["held_out"].values())
    assert set(results["leads"]) == {"random", "noop", "restarter"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curve.png", "policy.pt", "results.json"]
