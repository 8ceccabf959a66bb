"""The cloud's pure decisions: times, bills, alerts, and the demand grid."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.messages.cloud import DemandProfiled
from bus.money import Micros
from bus.scenario import CloudSection
from bus.simtime import DAY, HOUR, MINUTE, SimTime
from services.cloud.demand import DemandCache, is_clear, leak, quantised, ratio, ratios, size_bucket
from services.cloud.infra import Job, monthly_cost, parse
from services.cloud.model import CloudJob, Signs, State, Used, alerts, backoff, coarse, due_runs, ready_time, usage

INFRA = parse(b'[app]\ncommand = "x"\n')
CALM = Signs({"200": 100}, (), (), 0.5, 0.2, ("read", 100.0), ("", 0), 0, ())


def test_long_work_is_done_one_after_the_other() -> None:
    state = State(INFRA)
    assert ready_time(state, SimTime(0), 6) == 6 * MINUTE
    state.jobs["j"] = CloudJob("j", "deploy", "c", SimTime(6 * MINUTE))
    assert ready_time(state, SimTime(MINUTE), 6) == 12 * MINUTE
    state.jobs["j"].state = "failed"
    assert ready_time(state, SimTime(MINUTE), 6) == 7 * MINUTE


def test_scheduled_runs_are_counted_from_midnight() -> None:
    jobs = [Job(name="b", every="30m", command=("x",)), Job(name="a", every="1d", command=("x",))]
    runs = due_runs(jobs, SimTime(DAY - HOUR), SimTime(DAY))
    assert [(at, job.name) for at, job in runs] == [(DAY - 30 * MINUTE, "b"), (DAY, "a"), (DAY, "b")]
    assert due_runs(jobs, SimTime(DAY), SimTime(DAY)) == []


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_no_run_is_lost_or_doubled_at_a_boundary(one: int, two: int, three: int) -> None:
    first, middle, last = sorted((one, two, three))
    jobs = [Job(name="a", every="15m", command=("x",))]
    whole = due_runs(jobs, SimTime(first), SimTime(last))
    assert whole == due_runs(jobs, SimTime(first), SimTime(middle)) + due_runs(jobs, SimTime(middle), SimTime(last))


def test_backoff_doubles_to_a_limit() -> None:
    assert [backoff(restarts, 2) // MINUTE for restarts in (0, 1, 2, 9)] == [2, 4, 8, 60]


def test_the_bill_is_integer_and_by_the_hour() -> None:
    used = Used(members=3, egress_bytes=10**9, storage_bytes=1, backup_bytes=0)
    costs = {line.item: line.cost for line in usage(used, INFRA, CloudSection())}
    assert costs["instances"] == 3 * 90_000
    assert costs["database"] == 72_000
    assert costs["egress"] == 90_000
    assert 0 < costs["storage"] < 20
    assert costs["backups"] == 0
    assert all(isinstance(cost, int) for cost in costs.values())


def test_watching_costs_by_instance_however_large() -> None:
    used = Used(members=8, egress_bytes=0, storage_bytes=0, backup_bytes=0)
    prices = CloudSection(watched_month=Micros(14_600_000))
    costs = {line.item: line.cost for line in usage(used, INFRA, prices)}
    assert costs["instances"] == 8 * (90_000 + 20_000)
    assert monthly_cost(INFRA, prices) - monthly_cost(INFRA, CloudSection()) == INFRA.instances.count * 14_600_000


@given(st.floats(100, 1e6), st.floats(0.98, 1.02))
def test_small_differences_of_sizes_never_reach_the_bill(mean: float, noise: float) -> None:
    settled = coarse(mean, 0.0)
    assert coarse(mean * noise, settled) == settled
    assert settled / 1.5 < mean < settled * 1.5
    assert coarse(0.0, settled) == settled


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"answers": {"200": 100, "500": 12}}, "errors"),
        ({"answers": {"200": 100, "no_instance": 12}}, "errors"),
        ({"down": ("i_1",)}, "instance_down"),
        ({"out_of_memory": ("i_1",)}, "out_of_memory"),
        ({"utilisation": 0.95}, "overload"),
        ({"database": 0.95}, "database"),
        ({"slowest": ("read", 1200.0)}, "slow"),
        ({"refused": ("a", 50)}, "login_failures"),
        ({"storage_bytes": 19 << 30}, "disk"),
        ({"failed_jobs": ("digest",)}, "job_failed"),
    ],
)
def test_each_alert_has_its_sign(change: dict[str, object], kind: str) -> None:
    assert alerts(CALM, INFRA) == {}
    assert list(alerts(Signs(**(vars(CALM) | change)), INFRA)) == [kind]


def test_blocked_requests_are_no_errors() -> None:
    assert alerts(Signs(**(vars(CALM) | {"answers": {"blocked": 500, "rate_limited": 500, "404": 90}})), INFRA) == {}


def test_ratios_near_one_are_one_and_others_lie_on_the_grid() -> None:
    assert [quantised(value) for value in (0.75, 1.0, 1.09, 1.35)] == [1.0] * 4
    assert quantised(2.1) == 2.0
    assert quantised(1.45) == quantised(1.5) == pytest.approx(2**0.5)
    assert quantised(0.45) == 0.5
    assert ratio(ratios([200, 210, 900], [100, 100, 100])) == 2.0
    assert ratio(ratios([0, 0], [1, 1])) == 1.0


def test_more_pairs_are_asked_for_until_the_median_lies_within_one_step() -> None:
    assert is_clear([0.9, 1.0, 1.1, 1.0, 0.95, 1.05, 1.3, 0.8])
    assert is_clear([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 5.0])  # one burst of a neighbour
    assert not is_clear([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.0])
    assert not is_clear([1.0, 3.0])
    assert is_clear([1.0] * 40 + [2.0] * 20)
    assert not is_clear([1.0] * 32 + [2.0] * 28)
    assert is_clear([])  # nothing can be measured: asking again will not help


@given(st.floats(0.02, 50))
def test_the_grid_is_close(value: float) -> None:
    assert 0.74 < quantised(value) / value < 1.36


def test_leaks_and_sizes() -> None:
    assert leak([100 * 1000, 100 * 1000], 100) == 0
    assert leak([100 * 5000, 100 * 4000], 100) == 4096
    assert leak([100 * 50_000, 0], 100) == 0
    assert size_bucket(0) == size_bucket(1 << 20) == 0
    assert size_bucket(64 << 20) == 3


def test_the_first_measurement_stays(tmp_path: Path) -> None:
    cache = DemandCache(tmp_path / "demand.sqlite")
    one = DemandProfiled(release="r", ratio={"read": 2.0}, leak_bytes={}, cached=False)
    assert cache.get("k") is None
    assert cache.put("k", one) == one
    assert cache.put("k", one.model_copy(update={"ratio": {"read": 4.0}})) == one
    cache.close()
    again = DemandCache(tmp_path / "demand.sqlite")
    assert again.get("k") == one.model_copy(update={"cached": True})
    again.close()
