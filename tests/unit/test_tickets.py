"""Threads as a person would read them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Envelope, Event
from bus.messages.desk import TicketClosed, TicketMessage, TicketOpened, TicketReopened
from bus.simtime import HOUR, SimTime
from concern.cli import app
from concern.tickets import Thread, spread, threads_of, told

START = datetime(2026, 3, 2, tzinfo=UTC)


def story() -> list[Delivered]:
    opened = TicketOpened(
        ticket="t_1", customer="c_1", customer_name="Ada Lovelace", topic="problem", subject="Lost", body="Hello,\nit is gone.",
        at=SimTime(-2 * HOUR),
    )  # fmt: skip
    events: list[Event] = [
        opened,
        TicketMessage(ticket="t_1", customer="c_1", author="company", body="It is back. " + "Really. " * 30),
        TicketMessage(ticket="t_1", customer="c_1", author="customer", body="It is still gone."),
        TicketReopened(ticket="t_1", customer="c_1", times=1),
        TicketMessage(ticket="t_1", customer="c_1", author="customer", body="Any news?"),
        TicketClosed(ticket="t_1", customer="c_1", hours_open=7.0),
        TicketMessage(ticket="t_gone", customer="c_2", author="company", body="of no thread that is known"),
    ]
    return [
        Delivered(Envelope(id=f"m{n}", episode=EpisodeId("e_aaaaaaaaaaaa"), sim_time=SimTime(n * HOUR), seq=n), event)
        for n, event in enumerate(events)
    ]


def test_a_thread_reads_from_the_first_word_to_its_end() -> None:
    (thread,) = threads_of(story())
    lines = list(told([thread], START))
    assert lines[0] == "t_1  problem: Lost  (solved)"
    assert lines[1:4] == ["  Sun 01 Mar 22:00  Ada Lovelace:", "    Hello,", "    it is gone."]
    assert "  Mon 02 Mar 01:00  the company:" in lines
    assert "  Mon 02 Mar 03:00  -- open again --" in lines
    assert [line for line in lines if "Ada Lovelace:" in line][1:] == [
        "  Mon 02 Mar 02:00  Ada Lovelace:",
        "  Mon 02 Mar 04:00  Ada Lovelace:",
    ]
    assert lines[-2:] == ["  Mon 02 Mar 05:00  -- solved after 7 hours --", ""]
    assert all(len(line) <= 100 for line in lines)


@pytest.mark.parametrize(("most", "shown"), [(1, [0]), (3, [0, 3, 6]), (9, [*range(9)]), (20, [*range(9)])])
def test_a_few_threads_are_taken_from_all_over_a_run(most: int, shown: list[int]) -> None:
    threads = [Thread(f"t_{number}", "Ada", "Lost", "problem") for number in range(9)]
    assert spread(threads, most) == [threads[number] for number in shown]
    assert spread([], most) == []


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["tickets", str(tmp_path)])
    assert done.exit_code == 2
    assert "is no run with a journal" in done.output
