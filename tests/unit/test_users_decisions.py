"""Who stays, who leaves, and who takes another plan or another number of seats."""

from typing import Any

import numpy as np
import pytest
from market_setting import NO_WISHES, NOTHING_COMES, days, of

from agents.users import choices, decisions
from agents.users.constants import Tuning
from agents.users.experience import hurt
from agents.users.population.columns import SEGMENTS, Population
from agents.users.population.draw import draw
from agents.users.wants import Wish, Works
from bus.chance import Chance
from bus.money import Micros
from bus.scenario import MOST_SEATS, Scenario
from bus.simtime import DAY, HOUR, SimTime
from catalog.products import PRODUCTS
from services.world.loading import ScenarioError, load_scenario


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("default")


def churned(scenario: Scenario, seed: int, hours: int = 30 * 24) -> tuple[Population, list[decisions.Leaving]]:
    population = draw(scenario, Chance(seed))
    found: list[decisions.Leaving] = []
    for tick in range(hours):
        now, stream = SimTime(tick * HOUR), days(seed, tick // 24)
        for one in decisions.leaving(population, scenario, NOTHING_COMES, NO_WISHES, now, Tuning(), stream):
            population.customers.alive[one.row] = False
            found.append(one)
    return population, found


def test_ordinary_churn_is_the_base_rate(scenario: Scenario) -> None:
    """ECONOMY.md 3.5: without any pain, each segment leaves at its own rate (plus failed payments)."""
    big = of(scenario, customers=6_000)
    population, found = churned(big, 2)
    begun = np.bincount(population.customers.segment, minlength=3)
    left = 1 - np.bincount(population.customers.segment[population.customers.alive], minlength=3) / begun
    for code, segment in enumerate(SEGMENTS):
        expected = big.users.segments[segment].monthly_churn + Tuning().failed_payment_month
        error = 3 * (expected / begun[code]) ** 0.5
        assert left[code] == pytest.approx(expected, abs=error + 0.1 * expected)
    failed = sum(one.reason == "payment_failed" for one in found) / 6_000
    assert failed == pytest.approx(Tuning().failed_payment_month, rel=0.3)


def test_pain_beyond_tolerance_ends_it_at_once(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    row = int(np.flatnonzero(population.customers.decides_at == 5)[0])
    hurt(population, row, "foreign_item", 100.0, Tuning())
    now = SimTime(5 * HOUR)
    found = decisions.leaving(population, scenario, NOTHING_COMES, NO_WISHES, now, Tuning(), days(1))
    assert [one.reason for one in found if one.row == row] == ["breach"]


def test_dearer_plans_push_people_out_and_are_remembered_for_a_while(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    customers = population.customers
    rows = np.arange(len(customers))
    starter = customers.plans.index("starter")
    starters = customers.plan_code == starter

    def price(coming: float = 0.0) -> Any:
        told = np.zeros(3, np.float32)
        told[starter] = coming
        return decisions.pressure(population, rows, told, NO_WISHES, Tuning()).price

    assert price().max() == pytest.approx(0, abs=1e-5)
    noticed = price(16_000_000)
    customers.price[starters] *= 2
    paid = price()
    assert (paid[starters] > noticed[starters]).all()
    assert (noticed[starters] > 0).all()
    assert paid[~starters].max() == pytest.approx(0, abs=1e-5)
    for _ in range(120):
        decisions.get_used(population, rows, Tuning())
    assert (price()[starters] < 0.6 * paid[starters]).all()


def test_the_hazard_rises_with_every_burden() -> None:
    calm = decisions.hazard(np.full(3, 0.002, np.float32), np.array([0.0, 1.0, 3.0], np.float32))
    assert calm[0] == pytest.approx(0.002, rel=1e-4)
    assert (np.diff(calm) > 0).all()
    assert Tuning().tenure_factor(np.array([0.0, 270.0, 900.0], np.float32))[1] == pytest.approx(1)


def test_wishes_change_nobody(scenario: Scenario) -> None:
    wishes = (Wish("calendar", {"team": Micros(9_000_000)}),)
    without, wishing = draw(scenario, Chance(1)).customers, draw(scenario, Chance(1), wishes).customers
    assert wishing.wants.shape[1] == 1
    for name in ("panel", "seats", "patience", "paid_from", "decides_at", "tenure_days"):
        assert (getattr(without, name) == getattr(wishing, name)).all(), name
    assert without.ident == wishing.ident


def test_wants_weigh_until_they_work_and_again_when_they_break(scenario: Scenario) -> None:
    wishes = (Wish("calendar", {"team": Micros(9_000_000)}), Wish("export", {"solo": Micros(4_000_000)}, {"solo": 0.5}))
    population = draw(scenario, Chance(1), wishes)
    customers = population.customers
    rows, works = np.arange(len(customers)), Works(wishes)
    teams = customers.segment == 1
    assert (customers.wants[teams, 0] > 0).all()
    assert customers.wants[~teams, 0].max() == 0
    assert customers.wants[teams, 0].mean() == pytest.approx(9_000_000, rel=0.2)
    assert 0.3 < (customers.wants[customers.segment == 0, 1] > 0).mean() < 0.7
    missing = decisions.pressure(population, rows, NOTHING_COMES, works, Tuning()).wants
    works.tell("calendar", True)
    there = decisions.pressure(population, rows, NOTHING_COMES, works, Tuning()).wants
    assert (missing[teams] > 0).all()
    assert (there[teams] < 0).all()
    works.tell("calendar", False)
    assert (decisions.pressure(population, rows, NOTHING_COMES, works, Tuning()).wants == missing).all()
    with pytest.raises(ValueError, match="calendar, export"):
        works.tell("teleport", True)


def test_who_came_when_it_was_free_does_not_leave_for_that(scenario: Scenario) -> None:
    """An operator may ask nothing for a while: nobody then divides by what people are used to."""
    population = draw(scenario, Chance(1))
    customers, works = population.customers, Works(())
    rows = np.arange(len(customers))
    customers.price[:] = 0
    customers.reference[:] = 0
    assert (decisions.pressure(population, rows, NOTHING_COMES, works, Tuning()).price == 0).all()
    customers.price[:] = 12_000_000 * customers.seats
    asked = decisions.pressure(population, rows, NOTHING_COMES, works, Tuning()).price
    assert np.isfinite(asked).all()
    assert (asked > 0).all()


def test_plans_are_chosen_by_price_and_rarely_without_a_reason(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    customers = population.customers
    rows = np.flatnonzero(customers.plan_code == customers.plans.index("team"))
    at_start = np.array([scenario.billing.price_per_seat[plan] for plan in customers.plans], np.int64)
    chance = choices.shares(choices.utilities(population, rows, at_start, at_start, Tuning()))
    assert chance.sum(axis=1) == pytest.approx(1)
    assert chance[:, choices.PLANS :].sum(axis=1).max() < 0.03
    assert 0.05 < chance[:, [choices.GROW, choices.SHRINK]].sum(axis=1).mean() < 0.2
    down = [chance[:, choices.PLANS + customers.plans.index("starter")].mean()]
    for factor in (1.25, 1.5, 2.0):
        customers.price[rows] = (at_start[customers.plans.index("team")] * factor * customers.seats[rows]).astype(int)
        dear = choices.shares(choices.utilities(population, rows, at_start, at_start, Tuning()))
        down.append(dear[:, choices.PLANS + customers.plans.index("starter")].mean())
    assert (np.diff(down) > 0).all()
    assert down[-1] > 10 * down[0]
    single = customers.seats[rows] == 1
    assert (chance[single, choices.SHRINK] == 0).all()
    customers.seats[rows] = MOST_SEATS
    full = choices.shares(choices.utilities(population, rows, at_start, at_start, Tuning()))
    assert (full[:, choices.GROW] == 0).all()


def test_no_scenario_sells_more_seats_than_the_product_allows() -> None:
    billing = (PRODUCTS / "tracker" / "tracker" / "billing.py").read_text(encoding="utf-8")
    assert f"MOST_SEATS = {MOST_SEATS}\n" in billing
    too_many = {"users": {"segments": {"team": {"seats": [3, MOST_SEATS + 1]}}}}
    with pytest.raises(ScenarioError, match=r"segments\.team\.seats.*less than or equal to 500"):
        load_scenario("short", overrides=too_many)


def test_changes_come_at_renewals_only(scenario: Scenario) -> None:
    population = draw(of(scenario, customers=3_000), Chance(1))
    at_start = np.array([scenario.billing.price_per_seat[plan] for plan in population.customers.plans], np.int64)
    found = [
        change
        for hour in range(24)
        for change in choices.changes(population, SimTime(hour * HOUR), at_start, at_start, Tuning(), days(1))
    ]
    assert 3 <= len(found) <= 40
    for change in found:
        assert decisions.renewing(population, np.array([change.row]), SimTime(DAY - HOUR))[0]
        assert change.seats >= 1
