"""Runs that ended before, found again: a long comparison goes on where it was stopped, and more seeds cost only themselves.

A run counts if it was the same trial under the same code: with a scripted operator and the same cache of demand profiles, it
would earn the same again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from concern.measuring.trials import Trial

NOTE_FILE = "trial.json"
"""In a run's directory: what was tried, and under which code."""
_ROOT = Path(__file__).parents[2]
_DECIDING = ("agents", "bus", "catalog", "concern", "saas_clone", "scenarios", "services", "requirements.lock")
"""What decides a run, from the project's root."""
_BESIDE, _BEGINS = "concern/measuring", "trials.py"
"""What asks for runs and compares them changes none, by a question more or another word in a report, but for the one that begins
them. What was asked of each run stands in its note."""


@cache
def code_digest() -> str:
    """SHA-256 over all files that decide a run, by path and content, in hexadecimal."""
    digest = hashlib.sha256()
    for name in _DECIDING:
        place = _ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts and not _is_beside(path):
                digest.update(f"{path.relative_to(_ROOT)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_beside(path: Path) -> bool:
    return path.is_relative_to(_ROOT / _BESIDE) and path.name != _BEGINS


def note(trial: "Trial", root: Path) -> None:
    """Write beside a run that ended well what it was."""
    (root / NOTE_FILE).write_bytes(_content(trial))


def ended_before(trials: Sequence["Trial"], runs: Path) -> dict["Trial", Path]:
    """Which of the trials have ended well below `runs`, and in which directory."""
    wanted = {_content(trial): trial for trial in trials}
    found = {wanted.get(path.read_bytes()): path.parent for path in sorted(runs.glob(f"*/{NOTE_FILE}"))}
    return {trial: root for trial, root in found.items() if trial is not None}


def _content(trial: "Trial") -> bytes:
    file = Path(trial.scenario)
    scenario = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None
    told = {"trial": asdict(trial), "scenario": scenario, "code": code_digest()}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)
