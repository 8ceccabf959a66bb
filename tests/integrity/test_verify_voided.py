"""Runs without a settled end: voided ones are told as such, and a record that merely stops is a difference."""

from pathlib import Path

import anyio
import pytest
import small_business
from small_business import play

from bus.context import Context
from bus.journal import comparable_digest
from bus.messages.clock import Void
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.world import World
from concern.verify import render, verify_run

JOURNAL = Path("recorder") / "journal.db"


async def voider(ctx: Context) -> None:
    """A gateway that has the episode voided in tick 9."""
    async for step in ctx.steps():
        if step.tick == 9:
            await ctx.ask(Void(failure_kind="service_died", reason="desk: RuntimeError"))


def test_a_voided_run_verifies_and_has_no_reward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(small_business.NEIGHBOURS, "gateway", (voider, {"asks": (Void,)}))
    anyio.run(play, tmp_path)
    report = verify_run(tmp_path)
    assert (report.ok, report.state, report.reward) == (True, "voided", None), render(report)
    assert "the run is voided: it has no reward" in render(report)


def test_a_killed_run_is_cut_short(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    async def kill(world: World, broker: MemoryBroker) -> None:
        async with MemoryTransport(broker, "viewer").subscribe("clock.>") as letters:
            async for letter in letters:
                if b'"clock.tick/1","tick":5' in letter.data:
                    raise Killed

    with pytest.RaisesGroup(Killed, flatten_subgroups=True):
        anyio.run(play, tmp_path, (kill,))
    report = verify_run(tmp_path)
    assert report.state == "cut short"
    assert [finding.place for finding in report.findings] == ["last row"], render(report)
    assert "NOT VERIFIED" in render(report)


def test_equal_worlds_give_equal_records(tmp_path: Path) -> None:
    for name in ("a", "b"):
        anyio.run(play, tmp_path / name)
    ours, theirs = (comparable_digest(tmp_path / name / JOURNAL) for name in ("a", "b"))
    assert ours == theirs
    assert (tmp_path / "a" / JOURNAL).read_bytes() != (tmp_path / "b" / JOURNAL).read_bytes()  # the keys differ
    assert (tmp_path / "a" / "reward.pub").read_text() != (tmp_path / "b" / "reward.pub").read_text()
    ledgers = [(tmp_path / name / "billing" / "ledger.db").read_bytes() for name in ("a", "b")]
    assert ledgers[0] == ledgers[1]
