"""Firewall, rate limits and routing: pure, and the same whatever order clients come in."""

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bus.simtime import MINUTE, SimTime
from services.cloud.edge.access import AccessLog, Line, bucket
from services.cloud.edge.policy import Balancer, Firewall, RateLimit


def test_addresses_networks_and_paths_are_blocked() -> None:
    wall = Firewall(["198.51.100.7", "203.0.113.0/24", "2001:db8::/32", "/admin"])
    assert wall.blocks("198.51.100.7", b"/")
    assert not wall.blocks("198.51.100.8", b"/")
    assert wall.blocks("203.0.113.200", b"/")
    assert wall.blocks("2001:db8::1", b"/")
    assert wall.blocks("192.0.2.1", b"/admin/users")
    assert not wall.blocks("not an address", b"/")


def test_rates_are_counted_per_client_and_simulated_minute() -> None:
    limit = RateLimit(2)
    assert [limit.allows("a", SimTime(0)) for _ in range(3)] == [True, True, False]
    assert limit.allows("b", SimTime(0))
    assert limit.allows("a", SimTime(MINUTE))
    assert RateLimit(0).allows("a", SimTime(0))


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(0, 2**32))
def test_who_is_refused_and_where_it_goes_hangs_on_no_order_between_clients(clients: list[str], seed: int) -> None:
    shuffled = list(clients)
    random.Random(seed).shuffle(shuffled)

    def outcome(order: list[str]) -> dict[str, list[tuple[bool, int]]]:
        limit, balancer = RateLimit(3), Balancer("round_robin")
        seen: dict[str, list[tuple[bool, int]]] = {}
        for client in order:
            seen.setdefault(client, []).append((limit.allows(client, SimTime(0)), balancer.choose(client, 3)))
        return seen

    assert outcome(clients) == outcome(shuffled)


def test_round_robin_is_fair_and_sticky_stays() -> None:
    balancer = Balancer("round_robin")
    assert sorted(balancer.choose("a", 3) for _ in range(6)) == [0, 0, 1, 1, 2, 2]
    sticky = Balancer("sticky")
    assert len({sticky.choose("a", 3) for _ in range(6)}) == 1


def test_the_log_is_searched_and_written_in_a_stable_order(tmp_path: Path) -> None:
    def log(order: list[int]) -> bytes:
        path = tmp_path / f"{order}.jsonl"
        kept = AccessLog(path)
        for n in order:
            kept.add(Line(SimTime(n), f"10.0.0.{n}", "GET", f"/{n}", 401 if n else 200, 5, bucket(0.001), "i_1", ""))
        kept.flush()
        kept.flush()
        assert kept.refused(SimTime(0)) == [("10.0.0.1", 1, 0), ("10.0.0.2", 1, 0)]
        assert [line.split()[3] for line in kept.search("10.0.0.2", "/2", 401, 5)] == ["10.0.0.2"]
        return path.read_bytes()

    written = log([0, 1, 2])
    assert written == log([2, 0, 1])
    assert written.count(b"\n") == 3


@given(st.lists(st.integers(0, 20), max_size=60), st.integers(0, 21))
def test_refusals_since_a_time_are_found_in_whatever_order_requests_ended(times: list[int], since: int) -> None:
    log = AccessLog(Path("never-flushed.jsonl"))
    for n, at in enumerate(times):
        log.add(Line(SimTime(at), f"10.0.0.{n % 3}", "GET", "/", 401 if n % 2 else 200, 5, bucket(0.001), "i_1", ""))
    wanted: dict[str, list[int]] = {}
    for n, at in enumerate(times):
        if at >= since:
            wanted.setdefault(f"10.0.0.{n % 3}", [0, 0])[0 if n % 2 else 1] += 1
    found = {client: [refused, answered] for client, refused, answered in log.refused(SimTime(since))}
    assert found == {client: counts for client, counts in wanted.items() if counts[0]}
