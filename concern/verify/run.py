"""Verifying one run: everything it says of itself, recomputed by code that shares nothing with billing and the scorer."""

import hashlib
from pathlib import Path
from typing import cast

import orjson
from pydantic import ValidationError

from bus.codec import MalformedMessage, decode_event
from bus.journal import JOURNAL
from bus.messages.clock import Control
from bus.messages.reward import RewardStatus
from bus.world import World, load_world
from concern.verify.books import Fold, fold
from concern.verify.credits import check_credits
from concern.verify.database import read_rows
from concern.verify.journal import Heard, Journal, check_journal
from concern.verify.ledger import check_ledger
from concern.verify.report import Report, State
from concern.verify.reward import check_reward
from concern.verify.seal import check_seal

SCORER = "scorer/scorer.db"
EPISODE = "recorder/episode.json"


def verify_run(root: Path) -> Report:
    """Verify a run's directory. Nothing in it is changed, and nothing in it can make this raise but a programming error.

    A run without a last word of the scorer is `cut short`, which is a difference; a voided one is told as such.
    """
    report = Report()
    world = _open_world(root, report)
    if world is None:
        return report
    report.episode = world.episode
    journal = check_journal(root, world.episode, report)
    folded = fold(journal, report)
    check_credits(world.scenario.billing, journal, folded, report)
    stream = _reward_stream(root, journal, report)
    report.state = _state(journal, stream)
    check_reward(root, stream, folded, world.file.isolation, report)
    whole = report.state == "settled"
    check_ledger(root, journal, folded, report, whole=whole)
    _check_end(root, world, journal, folded, report)
    check_seal(root, report)
    if not report.ok:
        report.reward = None
    return report


def _open_world(root: Path, report: Report) -> World | None:
    check = report.check("world.json")
    try:
        world = load_world(root)
    except (OSError, ValidationError) as error:
        check.must(False, "world.json", "file", f"unreadable: {str(error).splitlines()[0]}")
        return None
    check.must(True, "world.json", "file", "")
    return world


def _reward_stream(root: Path, journal: Journal, report: Report) -> list[Heard]:
    """The reward family: what the journal got, and what the scorer said after the journal had ended (`voided`)."""
    recorded = journal.families["reward"]
    check = report.check("scorer.db, against the journal")
    if not (root / SCORER).is_file():
        report.notes.append(f"no {SCORER}: the stream was taken from the journal alone")
        return recorded
    stream = list(recorded)
    rows = read_rows(root / SCORER, SCORER, check, "SELECT seq, data FROM messages ORDER BY seq")
    for number, (seq, data) in enumerate(rows, 1):
        check.equal(seq, number, SCORER, f"messages row {number}, seq")
        try:
            heard = Heard(number, decode_event(data), orjson.loads(data))
        except (MalformedMessage, TypeError, ValueError) as error:
            check.must(False, SCORER, f"messages row {number}, data", f"no message: {error}")
            continue
        if number <= len(recorded):
            check.equal(heard.fields, recorded[number - 1].fields, SCORER, f"messages row {number}, data")
        else:
            stream.append(heard)
    check.must(len(rows) >= len(recorded), SCORER, "messages", f"has {len(rows)} rows, the journal {len(recorded)}")
    return stream


def _state(journal: Journal, stream: list[Heard]) -> State:
    words = [heard.delivered.event for heard in stream if isinstance(heard.delivered.event, RewardStatus)]
    clock = [heard.delivered.event for heard in journal.families["clock"]]
    ended = any(isinstance(event, Control) and event.state == "ended" for event in clock)
    if words and words[-1].state == "settled" and ended:
        return "settled"
    if any(isinstance(event, Control) and event.outcome == "voided" for event in clock):
        return "voided"
    return "voided" if words and words[-1].state == "voided" else "cut short"


def _check_end(root: Path, world: World, journal: Journal, folded: Fold, report: Report) -> None:
    """The end of the record, and the page that sums it up."""
    check = report.check("the end, and episode.json")
    check.must(report.state != "cut short", JOURNAL.as_posix(), "last row", "no `settled` or `voided`, or no end")
    if not (root / EPISODE).is_file():
        check.must(report.state != "settled", EPISODE, "file", "missing")
        return
    try:
        page: object = orjson.loads((root / EPISODE).read_bytes())
    except orjson.JSONDecodeError as error:
        check.must(False, EPISODE, "file", f"not JSON: {error}")
        return
    for path, value in _expected_page(world, journal, folded, report.state).items():
        check.equal(_look_up(page, path), value, EPISODE, path)


def _expected_page(world: World, journal: Journal, folded: Fold, state: State) -> dict[str, object]:
    ends = [heard.delivered.event for heard in journal.families["clock"]]
    outcomes = [event.outcome for event in ends if isinstance(event, Control) and event.state == "ended"]
    written = _look_up(orjson.loads((world.root / "world.json").read_bytes()), "scenario")
    scenario = orjson.dumps(written, option=orjson.OPT_SORT_KEYS)  # as it was then: the model may have grown
    return {
        "episode": world.episode,
        "seed": world.file.seed,
        "operator": world.file.operator,
        "isolation": world.file.isolation,
        "outcome": outcomes[-1] if outcomes else None,
        "digests.scenario": hashlib.sha256(scenario).hexdigest(),
        "digests.journal": journal.head.hex(),
        "digests.ledger": folded.ticks[-1][1].ledger_hash if folded.ticks else None,
        "totals.events": len(journal.heard),
        "reward.sum": -folded.total("revenue:", "cost:") if state == "settled" else None,
    }


def _look_up(page: object, path: str) -> object:
    """The value at a dotted path, None where there is none."""
    for name in path.split("."):
        page = cast("dict[str, object]", page).get(name) if isinstance(page, dict) else None
    return page
