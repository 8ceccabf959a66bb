"""examples/train on real worlds, as small as it goes: it learns from one group, compares on one seed, and plots.

Needs PyTorch (examples/train/requirements.txt), and is left out where that is not installed.
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the trainer's own environment has PyTorch"),
]


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
