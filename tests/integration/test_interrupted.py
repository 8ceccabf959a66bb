"""Somebody presses Ctrl-C: the episode ends void with a word, the directory is readable, and nothing is left running."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_world import SMALL

from concern.verify import verify_run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_cache")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_ends_void_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    root = tmp_path / "run"
    argv = [sys.executable, "-m", "concern", "run", "short", "--operator", "noop", "--seed", "3"]
    argv += ["--headless", "--out", str(root)]
    argv += [word for key, value in SMALL.items() for word in ("--set", f"users.{key}={value}")]
    # A shell's background jobs, such as a test run's, may ignore SIGINT: a person's terminal does not.
    script = f"import os, signal; signal.signal({number.value}, signal.SIG_DFL); os.execv({argv[0]!r}, {argv!r})"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if line.startswith("day   1"):
                break
        run.send_signal(number)
        told = run.communicate(timeout=60)[0]
    assert run.returncode == 1
    assert f"voided: stopped: interrupted by {number.name}" in told
    assert subprocess.run(["pgrep", "-f", str(root)], capture_output=True, check=False).stdout == b""
    report = verify_run(root)
    assert report.ok, report.findings


def test_a_ladder_that_is_told_to_end_ends_its_worlds(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "concern", "ladder", "examples/train/lab.toml", "--seeds", "1"]
    argv += ["--runs", str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as ladder:
        while not any(tmp_path.glob("*/recorder/journal.db")):
            assert ladder.poll() is None
            os.sched_yield()
        ladder.terminate()
        ladder.communicate(timeout=60)
    assert ladder.returncode == 128 + signal.SIGTERM
    assert subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, check=False).stdout == b""
