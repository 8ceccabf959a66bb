"""The market's pure parts: activity, outcomes, feelings, decisions, tickets and claims."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from agents.users import activity, decisions
from agents.users.activity import HOURS, Sessions
from agents.users.claims import disputed, false_claims, inherited_claims, refunded
from agents.users.constants import PAIN_KINDS, Tuning, draw_tuning
from agents.users.experience import fade, hurt, live_through
from agents.users.history import history, probe_plan
from agents.users.nonces import reference, references, stranger, tag_of
from agents.users.outcomes import FINE, OUTAGE, Pool, conditions, draw_outcomes
from agents.users.population.columns import SEGMENTS
from agents.users.population.draw import MONTH, draw
from agents.users.products import product_named
from agents.users.tickets import Ticket, TicketBook
from bus.chance import Chance
from bus.messages.billing import InvoiceRefunded
from bus.messages.cloud import ServiceMeasured
from bus.money import Micros
from bus.scenario import Scenario
from bus.simtime import DAY, HOUR, SimTime
from services.cloud.demand import ProbePlan
from services.world.loading import load_scenario

JOURNEYS = product_named("tracker").journeys
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("default")


def of(scenario: Scenario, **users: Any) -> Scenario:
    return scenario.model_copy(update={"users": scenario.users.model_copy(update=users)})


@pytest.mark.parametrize("name", ["default", "folio"])
def test_the_same_seed_draws_the_same_world(name: str) -> None:
    small = of(load_scenario(name), customers=30, panel=8, history_tasks=500)
    assert history(small, Chance(3)) == history(small, Chance(3))
    assert history(small, Chance(3)) != history(small, Chance(4))


def test_history_holds_everybody_and_about_the_wanted_tasks(scenario: Scenario) -> None:
    small = of(scenario, customers=30, panel=8, history_tasks=9_000)
    made = history(small, Chance(3))["organisations"]
    emails = [user["email"] for organisation in made for user in organisation["users"]]
    assert len(made) == 30
    assert len(set(emails)) == len(emails)
    tasks = sum(
        len(project.get("tasks", ())) + project.get("bulk_tasks", {"count": 0})["count"]
        for organisation in made
        for project in organisation["projects"]
    )
    assert 9_000 <= tasks < 11_500


@pytest.mark.parametrize("name", ["default", "folio"])
def test_the_probe_plan_is_one(name: str) -> None:
    world = load_scenario(name)
    product = product_named(world.world.product)
    plan = ProbePlan.model_validate(probe_plan(world, Chance(1)))
    worked = {kind for journey in (*product.journeys, product.sign_up) for kind in journey.work}
    assert worked == {kind.kind for kind in plan.kinds}


def test_the_panel_has_every_stratum_that_there_is(scenario: Scenario) -> None:
    customers = draw(scenario, Chance(1)).customers
    assert customers.panel.sum() == scenario.users.panel
    strata = set(zip(customers.agent.tolist(), customers.segment.tolist(), strict=True))
    seen = set(zip(customers.agent[customers.panel].tolist(), customers.segment[customers.panel].tolist(), strict=True))
    assert seen == strata


def test_a_day_has_the_known_shape() -> None:
    assert HOURS.mean() == pytest.approx(1)
    assert 1.6 <= HOURS.max() <= 1.75
    assert 3 <= HOURS.max() / HOURS.min() <= 4


def test_sessions_come_at_the_wanted_rate_and_never_from_those_who_left(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    mix = activity.journey_mix(population.customers, population.agents, JOURNEYS)
    gone = population.customers.segment == 0
    population.customers.alive[gone] = False
    total = 0
    for hour in range(24):
        found = activity.offered(population, mix, MONDAY.replace(hour=hour), Chance(1).numpy("t", hour))
        assert not gone[found.customer].any()
        total += len(found)
    rates = np.bincount(population.people.customer, population.people.rate)[~gone].sum()
    assert total == pytest.approx(rates, rel=0.1)


def test_solo_customers_never_need_a_crowd(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    mix = activity.journey_mix(population.customers, population.agents, JOURNEYS)
    share = np.diff(mix, axis=1, prepend=0)
    crowd = [place for place, journey in enumerate(JOURNEYS) if journey.crowd]
    assert share[population.customers.seats < 3][:, crowd].max() == pytest.approx(0, abs=1e-6)


def test_rare_journeys_are_executed_more_often_than_their_share(scenario: Scenario) -> None:
    del scenario
    journey = np.array([0] * 900 + [1] * 100, np.int32)
    sessions = Sessions(np.zeros(1000, np.int32), np.zeros(1000, np.int32), journey)
    common = np.array([0.9, 0.1], np.float32)
    chosen = activity.executed(sessions, np.array([True]), 100.0, common, Chance(1).numpy("x"))
    assert len(chosen) == 100
    assert 15 <= (journey[chosen] == 1).sum() <= 45
    assert len(activity.executed(sessions, np.array([True]), None, common, Chance(1).numpy("x"))) == 1000


def test_a_release_turns_what_was_known_into_a_weak_prior() -> None:
    pool = Pool(2, prior_sessions=2.0)
    for _ in range(8):
        pool.observe(0, "error")
    assert pool.shares()[0].sum() == pytest.approx(0.8)
    pool.observe(0, "outage")
    assert pool.shares()[0].sum() == pytest.approx(0.8)
    pool.new_release()
    assert pool.shares()[0].sum() == pytest.approx(0.8)
    for _ in range(6):
        pool.observe(0, None)
    assert pool.shares()[0].sum() == pytest.approx(0.2)
    assert pool.shares()[1].sum() == 0


def test_outcomes_follow_shares_and_what_was_seen() -> None:
    sessions = Sessions(np.zeros(4000, np.int32), np.zeros(4000, np.int32), np.zeros(4000, np.int32))
    shares = np.zeros((1, len(PAIN_KINDS)), np.float32)
    shares[0, PAIN_KINDS.index("lost_item")] = 0.25
    never = np.zeros(1, np.float32)
    drawn = draw_outcomes(sessions, shares, never, {0: FINE, 1: 3}, Chance(1).numpy("o"))
    assert (drawn == PAIN_KINDS.index("lost_item")).mean() == pytest.approx(0.25, abs=0.03)
    assert (drawn[0], drawn[1]) == (FINE, 3)
    down = draw_outcomes(sessions, shares * 0, never + 1, {}, Chance(1).numpy("o"))
    assert (down == OUTAGE).all()


def measured(**values: Any) -> ServiceMeasured:
    base: dict[str, Any] = {"tick": 0, "release": "r", "instances": 1, "available": 1.0, "utilisation": 0.1}
    return ServiceMeasured.model_validate(base | {"latency_ms": {}, "timed_out": 0.0} | values)


def test_conditions_tell_slow_from_down() -> None:
    well = conditions(measured(), JOURNEYS, Tuning())
    assert well.outage.max() == 0
    assert well.discount.min() == 1
    kinds = {kind for journey in JOURNEYS for kind in journey.work}
    slow = conditions(measured(latency_ms=dict.fromkeys(kinds, 5_000.0)), JOURNEYS, Tuning())
    assert slow.discount.max() < 0.7
    assert slow.seconds.min() > 1
    down = conditions(measured(available=0.0), JOURNEYS, Tuning())
    assert down.outage.min() == 1


def test_pain_fades_and_quality_follows_success(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    sessions = Sessions(np.zeros(3, np.int32), np.zeros(3, np.int32), np.zeros(3, np.int32))
    state = conditions(None, JOURNEYS, Tuning())
    felt = live_through(population, sessions, np.array([FINE, FINE, PAIN_KINDS.index("error")]), state, Tuning())
    assert felt[:2].tolist() == [0, 0]
    assert felt[2] == population.customers.pain[0].sum() > 0
    assert 0 < population.customers.quality[0] < 1
    assert population.customers.quality[1] == 1
    before = int(population.customers.pain[0].sum())
    fade(population, Tuning().half_life_days * 24, Tuning())
    assert population.customers.pain[0].sum() == pytest.approx(before / 2, rel=0.01)


def test_ordinary_churn_is_the_base_rate(scenario: Scenario) -> None:
    """ECONOMY.md 3.5: without any pain, each segment leaves at its own rate (plus failed payments)."""
    big = of(scenario, customers=6_000)
    population = draw(big, Chance(2))
    begun = np.bincount(population.customers.segment, minlength=3)
    tuning = Tuning()
    for tick in range(30 * 24):
        now = SimTime(tick * HOUR)
        for one in decisions.leaving(population, big, {}, now, tuning, Chance(2).numpy("d", tick)):
            population.customers.alive[one.row] = False
    left = 1 - np.bincount(population.customers.segment[population.customers.alive], minlength=3) / begun
    for code, segment in enumerate(SEGMENTS):
        expected = big.users.segments[segment].monthly_churn + tuning.failed_payment_month
        error = 3 * (expected / begun[code]) ** 0.5
        assert left[code] == pytest.approx(expected, abs=error + 0.1 * expected)


def test_pain_beyond_tolerance_ends_it_at_once(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    row = int(np.flatnonzero(population.customers.decides_at == 5)[0])
    hurt(population, row, "foreign_item", 100.0, Tuning())
    found = decisions.leaving(population, scenario, {}, SimTime(5 * HOUR), Tuning(), Chance(1).numpy("x"))
    assert [one.reason for one in found if one.row == row] == ["breach"]


def test_dearer_plans_push_people_out(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    rows = np.arange(len(population.customers))
    calm = decisions.pressure(population, rows, {}, Tuning())
    dear = decisions.pressure(population, rows, {"starter": 2.0}, Tuning())
    starters = np.array([plan == "starter" for plan in population.customers.plan])
    assert calm.price.max() == 0
    assert (dear.price[starters] > 0).all()
    assert dear.price[~starters].max() == 0


def test_a_bad_name_keeps_customers_away(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))

    def month(reputation: float) -> int:
        population.reputation = reputation
        return sum(decisions.joins(population, scenario, Tuning(), Chance(1).numpy("j", tick)) for tick in range(7200))

    assert month(1.0) == pytest.approx(10 * 0.06 * 240, rel=0.2)
    assert month(0.2) < month(1.0) * 0.35


def test_tuning_varies_only_what_is_folklore() -> None:
    one, other = draw_tuning(Chance(1)), draw_tuning(Chance(2))
    assert one.pain_weight != other.pain_weight
    assert one.quality_days == other.quality_days == 30


def test_references_show_whose_they_are() -> None:
    mine, theirs = reference("cu_aaaaaabbbbbb", Chance(1), "x"), reference("cu_aaaaaacccccc", Chance(1), "x")
    text = f"<td>{mine}</td> and {theirs}, 2026-03 and urgent-decade"
    tags = {"bbbbbb", "cccccc"}
    assert references(text, "bbbbbb") == {mine}
    assert stranger(text, tag_of("cu_aaaaaabbbbbb"), tags) == theirs
    assert stranger(mine, "bbbbbb", tags) is None


def ticket(ident: str = "t", **fields: Any) -> Ticket:
    return Ticket(**({"ident": ident, "row": 0, "topic": "problem", "asked_at": SimTime(0), "journey": "x"} | fields))


def test_waiting_hurts_until_there_is_an_answer() -> None:
    book = TicketBook()
    one = ticket()
    book.add(one)
    assert book.waiting_hours(one, SimTime(3 * HOUR), 6, status_posted=False) == 0
    assert book.waiting_hours(one, SimTime(9 * HOUR), 6, status_posted=False) == 1
    assert 0 < book.waiting_hours(one, SimTime(9 * HOUR), 6, status_posted=True) < 1
    book.answered("t", SimTime(10 * HOUR))
    assert 0 < book.waiting_hours(one, SimTime(20 * HOUR), 6, status_posted=False) < 1
    assert book.to_remind(SimTime(9 * DAY), 1.0) == []


def test_people_look_again_after_a_release_or_after_some_time() -> None:
    book = TicketBook()
    one = ticket()
    book.add(one)
    assert book.to_look(SimTime(3 * HOUR), SimTime(2 * HOUR), 1.0) == []
    book.answered("t", SimTime(3 * HOUR))
    assert book.to_look(SimTime(3 * HOUR), SimTime(2 * HOUR), 1.0) == [one]
    assert book.to_look(SimTime(3 * HOUR), SimTime(-1), 1.0) == []
    assert book.to_look(SimTime(DAY), SimTime(-1), 1.0) == [one]
    assert not book.may_ask(0, "x")
    assert book.may_ask(0, "y")


def test_owed_money_is_refunded_or_disputed_and_false_claims_are_dropped(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    book = TicketBook()
    (one, *_) = inherited_claims(population, 3, Chance(1).python("c"))
    book.add(one)
    part = InvoiceRefunded(
        invoice=one.invoice, customer="c", amount=Micros(one.amount - 1), by="operator", reason="half"
    )
    assert refunded(book, part) is None
    assert disputed(book, SimTime(20 * DAY), Tuning()) == [one]
    assert refunded(book, part.model_copy(update={"amount": Micros(1), "by": "cancellation"})) is None
    assert refunded(book, part.model_copy(update={"amount": Micros(1)})) is one
    invented = [
        claim
        for tick in range(3_000)
        for claim in false_claims(population, SimTime(tick), Tuning(), Chance(1).numpy("f", tick))
    ]
    assert 0 < len(invented) < 60
    assert not any(claim.owed for claim in invented)


def test_paid_months_have_not_run_out(scenario: Scenario) -> None:
    paid = draw(scenario, Chance(9)).customers.paid_from
    assert paid.max() <= 0
    assert paid.min() > -MONTH
