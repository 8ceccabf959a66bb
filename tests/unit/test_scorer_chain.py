"""The chain's last words, its key, and the record it goes on from."""

import stat
from pathlib import Path

import pytest
from scorer_stream import EPISODE, chain, draft

from bus.messages.base import Delivered
from bus.messages.clock import Control
from bus.messages.reward import RewardStatus
from services.scorer.chain import Chain, Head, ScorerError
from services.scorer.signing import open_key, public_hex
from services.scorer.store import Store


def status(delivered: Delivered) -> RewardStatus:
    assert isinstance(delivered.event, RewardStatus)
    return delivered.event


def test_settlement_tells_count_sum_and_head() -> None:
    made = chain()
    made.started(0)
    for number in (1, 2):
        made.entry(draft(number, -30))
    before = made.head
    ended, settled = (status(each) for each in made.closed(7, Control(state="ending", outcome="terminated")))
    assert (ended.state, ended.index) == ("terminated", before.index + 1)
    assert (settled.count, settled.sum, settled.last_index) == (2, -60, ended.index)
    assert settled.sha256 == settled.prev_hash != ended.prev_hash


@pytest.mark.parametrize("control", [None, Control(state="started"), Control(state="ended", outcome="voided")])
def test_nothing_is_settled_without_an_outcome(control: Control | None) -> None:
    with pytest.raises(ScorerError, match="without an outcome"):
        chain().closed(7, control)


def test_nothing_follows_the_last_word() -> None:
    made = chain()
    made.started(0)
    made.voided(1, "service_died", "desk")
    with pytest.raises(ScorerError, match="last word"):
        made.entry(draft(1, 5))


def test_the_key_is_secret_kept_and_published(tmp_path: Path) -> None:
    directory = tmp_path / "scorer"
    directory.mkdir()
    key = open_key(directory, tmp_path)
    assert stat.S_IMODE((directory / "reward.key").stat().st_mode) == 0o600
    assert (tmp_path / "reward.pub").read_text() == public_hex(key) + "\n"
    assert public_hex(open_key(directory, tmp_path)) == public_hex(key)


def test_a_stored_stream_gives_the_head_to_go_on_from(tmp_path: Path) -> None:
    made, store = chain(), Store(tmp_path / "scorer.db")
    store.save([made.started(0), made.entry(draft(1, 5)), made.heartbeat(24)])
    store.close()
    again, head = Store(tmp_path / "scorer.db"), Head()
    for delivered in again.messages():
        head = head.after(delivered)
    assert head == made.head
    resumed = Chain(made.key, EPISODE, "full", head)
    assert resumed.entry(draft(2, 5)).envelope.seq == 4
    again.close()


def test_pending_is_what_was_not_published() -> None:
    made, store = chain(), Store(None)
    store.save([made.started(0), made.heartbeat(24)])
    assert [each.envelope.seq for each in store.pending()] == [1, 2]
    store.mark_published(1)
    assert [each.envelope.seq for each in store.pending()] == [2]
    store.close()
