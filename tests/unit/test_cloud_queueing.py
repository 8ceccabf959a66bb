"""The queue model: what must hold whatever the constants are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cloud.queueing import PATIENCE_S, Capacity, KindDemand, assess, erlang_c, memory_mb

DEMAND = {"read": KindDemand(2.0), "write": KindDemand(3.0, write_ms=1.0)}
POLICY = st.sampled_from(["least_connections", "round_robin", "sticky"])


def serve(
    read: int, write: int = 0, *, instances: float = 4, policy="round_robin", ratio=None, backlog=0.0, db="basic"
):
    capacity = Capacity(instances, 1 / 40, policy, db)
    return assess({"read": read, "write": write}, DEMAND, ratio or {}, capacity, backlog_s=backlog, seconds=3600)


def test_utilisation_is_work_over_capacity() -> None:
    assert serve(90_000).utilisation == pytest.approx(90_000 * 0.002 / (4 / 40 * 3600))


@given(st.integers(1, 400_000), st.integers(0, 100_000), POLICY)
def test_more_load_is_never_faster(read: int, write: int, policy: str) -> None:
    one, two = serve(read, write, policy=policy), serve(read * 2, write * 2, policy=policy)
    assert two.utilisation >= one.utilisation
    assert two.database >= one.database
    assert two.timed_out >= one.timed_out
    assert all(two.latency_ms[kind] >= one.latency_ms[kind] for kind in one.latency_ms)
    assert all(0 < ms <= PATIENCE_S * 1000 for ms in two.latency_ms.values())
    assert 0 <= two.timed_out < 1


@given(st.integers(1, 150_000), st.floats(1.0, 8.0))
def test_a_dearer_release_and_fewer_instances_are_never_faster(read: int, ratio: float) -> None:
    base = serve(read)
    assert serve(read, ratio={"read": ratio}).latency_ms["read"] >= base.latency_ms["read"]
    assert serve(read, instances=2).latency_ms["read"] >= base.latency_ms["read"]


def test_one_queue_beats_one_for_each() -> None:
    assert serve(140_000, policy="least_connections").latency_ms["read"] < serve(140_000).latency_ms["read"]
    alone = {"instances": 1}
    assert serve(30_000, policy="least_connections", **alone).latency_ms == serve(30_000, **alone).latency_ms


def test_writes_wait_for_the_database_and_a_bigger_plan_helps() -> None:
    basic, standard = serve(0, 250_000, instances=40), serve(0, 250_000, instances=40, db="standard")
    assert standard.latency_ms["write"] < basic.latency_ms["write"]
    assert basic.latency_ms["read"] < basic.latency_ms["write"]
    assert basic.database == pytest.approx(250_000 * 0.001 / (1 / 10 * 3600))
    assert standard.database == pytest.approx(basic.database / 2.5, abs=1e-6)


def test_a_full_writer_gives_up_however_many_instances_there_are() -> None:
    full, twice = serve(0, 500_000, instances=40), serve(0, 500_000, instances=80)
    assert full.database > 1 > full.utilisation > twice.utilisation
    assert full.timed_out == twice.timed_out == pytest.approx(1 - 1 / full.database, abs=1e-5)


def test_overload_gives_up_and_leaves_a_bounded_backlog() -> None:
    over = serve(400_000)
    assert over.timed_out == pytest.approx(1 - 1 / over.utilisation, abs=1e-5)
    assert over.backlog_s == pytest.approx(PATIENCE_S * 4 / 40)
    assert serve(0, backlog=over.backlog_s).backlog_s == 0


def test_nothing_offered_and_nothing_rented() -> None:
    assert assess({}, {}, {}, Capacity(1, 1, "sticky", "basic"), backlog_s=0, seconds=3600).utilisation == 0
    assert serve(10, instances=0).timed_out == 1


def test_erlang_c_against_known_values() -> None:
    assert erlang_c(1, 0.5) == pytest.approx(0.5)
    assert erlang_c(2, 0.5) == pytest.approx(1 / 3)
    assert erlang_c(10, 0.8) == pytest.approx(0.4092, abs=1e-4)


def test_memory_grows_by_what_leaks() -> None:
    assert memory_mb({"read": 1024.0}, {}) == memory_mb({}, {"read": 4096})
    assert memory_mb({"read": 1024.0}, {"read": 4096}) == memory_mb({}, {}) + 4
