"""The scripts about the product that people run by hand: its benchmark, its pictures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    everything = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=everything, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_benchmark_ends_well_below_its_bound_and_badly_above() -> None:
    quick = ("benchmarks/product_pages.py", "--tasks", "4000", "--round", "10")
    good = run(*quick, "--bound=1000")
    assert good.returncode == 0, good.stderr
    assert "search, in vain" in good.stdout
    assert "/api/v1/tasks?limit=100" in good.stdout
    assert good.stdout.rstrip().endswith("0 above 1000 ms")
    bad = run(*quick, "--bound=-1")
    assert bad.returncode == 1
    assert bad.stdout.count("SLOW") == good.stdout.count(" ms\n") - 1


def test_pictures_need_a_browser_and_say_how_to_get_one(tmp_path: Path) -> None:
    done = run("docs/screenshots/take.py", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr
