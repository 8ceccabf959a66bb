"""Who tries which request when, and who may still wish for it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from agents.users.journeys import Journey
from agents.users.population.draw import draw
from agents.users.requests import Trials, Wanted, wanted
from agents.users.wants import Wish, Works
from bus.chance import Chance
from bus.messages.users import ContractMet, CustomerChurned, RequestTried
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime
from catalog.builds import builds_for, work_for
from catalog.reading import CatalogError
from catalog.requests import chain, drawn, load_requests
from services.world.loading import load_scenario

EVERYBODY = {"solo": Micros(5_000_000), "team": Micros(5_000_000), "business": Micros(5_000_000)}


async def nowhere(visit: object) -> None:
    raise AssertionError("nobody walks here")


def one(name: str, *after: str) -> Wanted:
    journey = Journey(f"try {name}", "requests", {}, {}, nowhere, name)
    return Wanted(Wish(name, EVERYBODY), after, (f"{name}, please", name), journey)  # type: ignore[arg-type]


def anew(*wanted: Wanted) -> Trials:
    """A world that wants these."""
    wishes, chance = tuple(each.wish for each in wanted), Chance(1)
    return Trials(wanted, Works(wishes), draw(load_scenario("short"), chance, wishes), chance)


@pytest.fixture
def trials() -> Trials:
    return anew(one("calendar"), one("printed calendar", "calendar"))


def names(found: Sequence[tuple[Wanted, str]]) -> list[str]:
    return [each.name for each, _ in found]


def tried(trials: Trials, name: str, now: SimTime, *, works: bool) -> None:
    trials.learn(RequestTried(agent="ua_1", customer="cu_1", request=name, works=works), now)


def test_a_release_makes_people_look_once(trials: Trials) -> None:
    trials.released(SimTime(0))  # what the company was taken over with
    assert trials.due(SimTime(0)) == []
    trials.released(SimTime(HOUR))
    assert names(trials.due(SimTime(HOUR))) == ["calendar"]
    tried(trials, "calendar", SimTime(HOUR), works=False)
    assert trials.due(SimTime(30 * DAY)) == []


def test_what_works_is_used_again_and_lets_others_wish_for_more(trials: Trials) -> None:
    wants = [1.0, 1.0]
    assert [subject for _, subject in trials.askable(wants)] == ["calendar"]
    assert trials.askable([0.0, 1.0]) == []
    trials.released(SimTime(HOUR))
    tried(trials, "calendar", SimTime(HOUR), works=True)
    assert [subject for _, subject in trials.askable(wants)] == ["printed calendar"]
    assert names(trials.due(SimTime(2 * HOUR))) == ["printed calendar"]
    tried(trials, "printed calendar", SimTime(2 * HOUR), works=False)
    assert trials.due(SimTime(2 * DAY)) == []
    assert names(trials.due(SimTime(3 * DAY + HOUR))) == ["calendar"]
    tried(trials, "calendar", SimTime(3 * DAY + HOUR), works=False)  # a regression
    assert [subject for _, subject in trials.askable(wants)] == ["calendar"]


def test_whoever_has_left_tries_nothing(trials: Trials) -> None:
    trials.released(SimTime(HOUR))
    ((_, first),) = trials.due(SimTime(HOUR))
    trials.learn(CustomerChurned(agent="ua_1", customer=first, reason="price"), SimTime(HOUR))
    ((_, second),) = trials.due(SimTime(HOUR))
    assert second != first


def test_a_world_draws_its_requests_with_what_they_build_on() -> None:
    for seed in range(1, 20):
        found = wanted("tracker", 6, Chance(seed))
        for place, each in enumerate(found):
            assert {before.name for before in found[:place]}.issuperset(each.after)
            assert all(0 < share < 1 for share in each.wish.share.values())
    assert wanted("tracker", 0, Chance(1)) == ()
    assert [each.name for each in wanted("tracker", 6, Chance(3))] == list(drawn("tracker", 6, Chance(3)))


def test_larger_companies_value_and_pay_a_multiple() -> None:
    plain, large = (wanted("tracker", 40, Chance(3), scale) for scale in (1.0, 7.0))
    for one, other in zip(plain, large, strict=True):
        assert other.wish.share == one.wish.share
        assert other.wish.value == {segment: 7 * value for segment, value in one.wish.value.items()}
        assert other.contract_sum == 7 * one.contract_sum
    assert any(one.contract_sum for one in plain)


def test_large_companies_agree_to_pay_for_what_the_catalog_has_no_sum_for() -> None:
    plain, paid = (wanted("tracker", 40, Chance(3), 2.0, months) for months in (0.0, 12.0))
    for one, other in zip(plain, paid, strict=True):
        assert other.contract_sum == (one.contract_sum or 12 * one.wish.value["business"])
    assert not all(one.contract_sum for one in plain)


def test_requests_by_name_come_with_their_predecessors_first() -> None:
    named = ("hours-summed", "project-note", "hours-on-a-task")
    assert list(drawn("tracker", named, Chance(1))) == ["project-note", "hours-on-a-task", "hours-summed"]
    assert [each.name for each in wanted("tracker", named, Chance(1))] == list(drawn("tracker", named, Chance(2)))
    assert chain("tracker", "time-tracking")[:2] == ("hours-on-a-task", "hours-summed")
    with pytest.raises(CatalogError, match="no request 'nope' for tracker; there are: "):
        drawn("tracker", ("nope",), Chance(1))
    with pytest.raises(CatalogError, match="one that is not asked for: .'hours-summed'"):
        drawn("tracker", ("hours-summed",), Chance(1))
    with pytest.raises(CatalogError, match="no arc 'nope' for tracker; there are: absence, "):
        chain("tracker", "nope")


def test_the_arcs_of_invoicing_can_all_be_built_in_one_product() -> None:
    requests = load_requests("invoicing")
    arcs = {one.about.arc for one in requests.values()}
    for order in (list(requests), sorted(requests, key=lambda name: (len(requests[name].about.after), name))):
        for manner in ("clean", "quick"):
            assert [each.defect for each in builds_for("invoicing", order, manner)] == order
    assert len(arcs) >= 4


def test_who_knows_the_catalog_builds_in_an_order_that_applies() -> None:
    order = ["hours-on-a-task", "project-note", "hours-summed", "checklist-on-a-task"]
    clean, quick = builds_for("tracker", order), builds_for("tracker", order, "quick")
    assert [each.defect for each in clean][:1] == ["hours-on-a-task"]
    assert {each.defect for each in clean} >= {"hours-on-a-task", "hours-summed"}
    assert [each.patch for each in clean] != [each.patch for each in quick]
    below = [line for each in clean for line in each.patch.splitlines() if line.startswith("+down_revision")]
    assert len(set(below)) == len(below)  # in a row
    assert builds_for("tracker", ["hours-summed"]) == ()  # not without what it stands on
    assert work_for("reactive", "tracker", (), 6, Chance(1)) == ()
    assert work_for("oracle", "tracker", (), 6, Chance(1)) != work_for("hasty", "tracker", (), 6, Chance(1))


def test_what_comes_too_late_is_worth_nothing_and_missed_by_nobody() -> None:
    urgent = replace(one("invoice"), deadline_days=30, contract_sum=Micros(900_000_000))
    late = anew(urgent)
    late.pass_time(SimTime(0))
    late.pass_time(SimTime(31 * DAY))
    assert late.askable([1.0]) == []
    late.released(SimTime(32 * DAY))
    ((_, customer),) = late.due(SimTime(32 * DAY))
    tried(late, "invoice", SimTime(32 * DAY), works=True)
    late.pass_time(SimTime(32 * DAY))
    assert late.agreed(urgent, customer) == 0
    assert late.works.late.tolist() == [True]


def test_a_contract_is_paid_once_by_a_business_that_has_found_it() -> None:
    agreed = replace(one("invoice"), deadline_days=30, contract_sum=Micros(900_000_000))
    fresh = anew(agreed)
    fresh.pass_time(SimTime(0))
    fresh.released(SimTime(DAY))
    ((_, customer),) = fresh.due(SimTime(DAY))
    assert fresh.agreed(agreed, customer) == 900_000_000
    fresh.learn(
        ContractMet(agent="ua_1", customer=customer, request="invoice", amount=Micros(900_000_000)), SimTime(DAY)
    )
    assert fresh.agreed(agreed, customer) == 0
    assert anew(agreed).agreed(agreed, "cu_of_two_people") == 0
