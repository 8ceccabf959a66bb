"""The verifier of the Harbor task on real short runs: what it writes, and that it writes nothing where there is no reward."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
import small_business
from small_business import play
from test_verify_tamper import JOURNAL, change
from test_verify_voided import voider

from bus.messages.clock import Void
from concern.verify import seal_run, verify_run

ROOT = Path(__file__).resolve().parents[2]
ASKED = 'scenario = "short"\nseed = 3\noperator = "scripted"\n'


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("finished") / "run"
    anyio.run(play, root)
    return root


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def verify(run: Path, asked: str = ASKED) -> tuple[int, dict[str, float] | None, str]:
    """Status, what Harbor finds, and what people are told; a reward from before must not stay."""
    tests = run.parent / "tests"
    tests.mkdir()
    shutil.copy(ROOT / "adapters" / "harbor" / "tests" / "reward.py", tests)
    (tests / "world.toml").write_text(asked)
    out = run.parent / "reward.json"
    out.write_text('{"reward": 1000000.0}')
    argv = [sys.executable, tests / "reward.py", run, out]
    done = subprocess.run(argv, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    said = json.loads(out.read_text()) if out.exists() else None
    return done.returncode, said, done.stderr


def test_a_sealed_run_is_worth_what_its_journal_says(run: Path) -> None:
    assert seal_run(run)
    earned = verify_run(run)
    assert earned.reward is not None
    net = earned.reward / 1e6
    expected = {"reward": net, "net_usd": net, "entries": float(earned.entries), "isolation_full": 0.0}
    assert verify(run) == (0, expected, "")


def test_an_altered_journal_is_worth_nothing(run: Path) -> None:
    assert seal_run(run)
    text = "CAST(data AS TEXT)"
    forged = f"CAST(replace({text}, '20000000', '90000000') AS BLOB)"
    change(run / JOURNAL, f"UPDATE events SET data = {forged} WHERE {text} LIKE '%20000000%'")
    status, said, told = verify(run)
    assert (status, said, told) == (1, None, "no reward: the record does not verify\n")


def test_a_run_whose_end_was_not_seen_is_worth_nothing(run: Path) -> None:
    status, said, told = verify(run)
    assert (status, said) == (1, None)
    assert "not sealed" in told


def test_a_missing_run_is_worth_nothing(tmp_path: Path) -> None:
    assert verify(tmp_path / "run") == (1, None, "no reward: the record does not verify\n")


@pytest.mark.parametrize(("name", "other"), [("seed", "seed = 4"), ("operator", 'operator = "mcp"')])
def test_another_business_is_worth_nothing(name: str, other: str, run: Path) -> None:
    assert seal_run(run)
    lines = [other if line.startswith(name) else line for line in ASKED.splitlines()]
    assert verify(run, "\n".join(lines)) == (1, None, f"no reward: it is another business: {name} differ\n")


def test_a_voided_run_is_no_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(small_business.NEIGHBOURS, "gateway", (voider, {"asks": (Void,)}))
    anyio.run(play, tmp_path / "run")
    assert seal_run(tmp_path / "run")
    assert verify(tmp_path / "run") == (1, None, "no reward: the episode is voided\n")
