"""The market's pure parts: activity, outcomes, feelings, decisions, tickets and claims."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from market_setting import days, of

from agents.users import activity, lots
from agents.users.activity import HOURS, Sessions
from agents.users.claims import disputed, false_claim, inherited_claim, refunded
from agents.users.constants import PAIN_KINDS, Tuning, draw_tuning
from agents.users.experience import hurt, live_through
from agents.users.growth import Standing, arrivals, begin, dearness, hourly_joins, spoken
from agents.users.history import history, probe_plan
from agents.users.newcomers import Door
from agents.users.nonces import reference, references, stranger, tag_of
from agents.users.outcomes import FINE, OUTAGE, Pool, conditions, draw_outcomes
from agents.users.population.draw import MONTH, draw
from agents.users.products import product_named
from agents.users.tickets import Ticket, TicketBook
from agents.users.voices.reading import Reading
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


def sessions_of(customer: list[int], journey: list[int] | None = None) -> Sessions:
    rows = np.array(customer, np.int32)
    kinds = np.array(journey or [0] * len(rows), np.int32)
    keys = lots.keys(np.uint64(7), np.arange(len(rows)))
    return Sessions(rows, rows, kinds, np.arange(len(rows), dtype=np.int32), rows * 0, keys)


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
    assert set(customers.stratum[customers.panel].tolist()) == set(customers.stratum.tolist())
    everybody = draw(of(scenario, panel="all"), Chance(1)).customers
    assert everybody.panel.all()
    assert (everybody.usual == customers.usual).all()


def test_a_day_has_the_known_shape() -> None:
    assert HOURS.mean() == pytest.approx(1)
    assert 1.6 <= HOURS.max() <= 1.75
    assert 3 <= HOURS.max() / HOURS.min() <= 4


def test_sessions_come_at_the_wanted_rate_and_never_from_those_who_left(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    mix = activity.journey_mix(population.agents, JOURNEYS)
    gone = population.customers.segment == 0
    population.customers.alive[gone] = False
    total = 0
    for hour in range(24):
        stream = lots.stream(Chance(1), "t", hour)
        found = activity.offered(population, mix, MONDAY.replace(hour=hour), stream)
        assert not gone[found.customer].any()
        assert (
            np.diff(found.customer[np.argsort(population.customers.agent[found.customer], kind="stable")]) >= 0
        ).all()
        total += len(found)
    rates = np.bincount(population.people.customer, population.people.rate)[~gone].sum()
    assert total == pytest.approx(rates, rel=0.1)


def test_activity_is_a_poisson_process_with_the_days_peak(scenario: Scenario) -> None:
    """Counts of an hour have their mean as variance, and the busiest hour of the world has 1.2-1.7 of the mean."""
    population = draw(scenario, Chance(1))
    population.customers.zone[:] = 0
    mix = activity.journey_mix(population.agents, JOURNEYS)
    counts = np.array(
        [
            [
                len(activity.offered(population, mix, MONDAY.replace(hour=hour), lots.stream(Chance(1), day, hour)))
                for hour in range(24)
            ]
            for day in range(200)
        ]
    )
    means = counts.mean(axis=0)
    assert 1.6 <= means.max() / means.mean() <= 1.75
    assert 3 <= means.max() / means.min() <= 4.2
    assert (counts.var(axis=0) / means).mean() == pytest.approx(1, abs=0.08)


def test_newcomers_change_nobody_elses_hour(scenario: Scenario) -> None:
    population, crowded = draw(scenario, Chance(1)), draw(scenario, Chance(1))
    guests = draw(of(scenario, customers=20), Chance(2))
    crowded.add(guests.customers, guests.people)
    mix = activity.journey_mix(population.agents, JOURNEYS)
    now, stream = MONDAY.replace(hour=10), lots.stream(Chance(1), "x")
    one = activity.offered(population, mix, now, stream)
    other = activity.offered(crowded, mix, now, stream)
    old = other.customer < len(population.customers)
    assert 0 < (~old).sum() < old.sum()
    assert one.customer.tolist() == other.customer[old].tolist()
    assert one.journey.tolist() == other.journey[old].tolist()
    assert one.key.tolist() == other.key[old].tolist()


def test_journeys_follow_the_mix_and_solo_customers_never_need_a_crowd(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    customers = population.customers
    mix = activity.journey_mix(population.agents, JOURNEYS)
    share = mix.shares(customers, np.arange(len(customers)))
    assert share.sum(axis=1) == pytest.approx(1, abs=1e-5)
    crowd = [place for place, journey in enumerate(JOURNEYS) if journey.crowd]
    assert share[customers.seats < 3][:, crowd].max() == pytest.approx(0, abs=1e-6)
    luck = Chance(1).numpy("mix").random((2, 40_000))
    row = int(customers.seats.argmax())
    chosen = mix.choose(customers, np.full(40_000, row, np.int32), luck[0], luck[1])
    assert np.bincount(chosen, minlength=len(JOURNEYS)) / 40_000 == pytest.approx(share[row], abs=0.01)


def test_a_release_turns_what_was_known_into_a_weak_prior() -> None:
    error = PAIN_KINDS.index("error")
    pool = Pool(np.ones((2, 1)), prior_sessions=2.0, daily=10)
    assert pool.burst > 1
    pool.observe(0, 0, error, 8)
    assert pool.shares()[0].sum() == pytest.approx(0.8)
    pool.observe(0, 0, OUTAGE)
    assert pool.shares()[0].sum() == pytest.approx(0.8)
    pool.new_release()
    assert pool.shares()[0].sum() == pytest.approx(0.8)
    pool.observe(0, 0, FINE, 6)
    assert pool.shares()[0].sum() == pytest.approx(0.2)
    assert pool.shares()[1].sum() == 0
    pool.observe(1, 0, FINE, 4)
    assert pool.burst == 1
    half = Pool(np.ones((1, 2)), prior_sessions=2.0, daily=10)
    half.observe(0, 0, error, 10)
    half.observe(0, 1, FINE, 10)
    assert half.shares()[0, :, error] == pytest.approx([10 / 11, 0])


def test_thin_cells_are_pooled_by_weight_and_others_stand_alone() -> None:
    error = PAIN_KINDS.index("error")
    pool = Pool(np.array([[1.0, 1.0, 9.0]]), prior_sessions=1e-9, daily=10)
    pool.observe(0, 0, FINE, 40)
    pool.observe(0, 1, error, 3)
    pool.observe(0, 2, FINE, 3)
    assert pool.shares()[0, :, error] == pytest.approx([0, 0.1, 0.1], abs=1e-6)
    alone = Pool(np.ones((1, 2)), prior_sessions=1e-9, daily=10)
    alone.observe(0, 0, error, 10)
    alone.observe(0, 0, FINE, 30)
    assert alone.shares()[0, :, error] == pytest.approx([0.25, 0.25])


def test_outcomes_follow_shares_and_what_was_seen() -> None:
    sessions = sessions_of([0] * 4000)
    shares = np.zeros((1, 1, len(PAIN_KINDS)), np.float32)
    shares[0, 0, PAIN_KINDS.index("lost_item")] = 0.25
    never = np.zeros(1, np.float32)
    drawn = draw_outcomes(sessions, shares, never, {0: FINE, 1: 3})
    assert (drawn == PAIN_KINDS.index("lost_item")).mean() == pytest.approx(0.25, abs=0.03)
    assert (drawn[0], drawn[1]) == (FINE, 3)
    down = draw_outcomes(sessions, shares * 0, never + 1, {})
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
    first = np.array([0])
    state = conditions(None, JOURNEYS, Tuning())
    outcomes = np.array([FINE, FINE, PAIN_KINDS.index("error")], np.int32)
    felt = live_through(population, sessions_of([0, 0, 0]), outcomes, state, Tuning())
    assert felt[:2].tolist() == [0, 0]
    assert felt[2] == pytest.approx(float(population.felt(first).sum()))
    assert felt[2] > 0
    assert 0 < population.customers.quality[0] < 1
    assert population.customers.quality[1] == 1
    assert population.customers.content[0] < 1
    population.hour += population.half_life_hours
    assert float(population.felt(first).sum()) == pytest.approx(float(felt[2]) / 2, rel=0.01)
    hurt(population, 0, "error", 1.0, Tuning())
    assert float(population.felt(first).sum()) > felt[2] / 2


def test_joins_follow_the_bass_curve(scenario: Scenario) -> None:
    """The closed solution of Bass (1969) at full reputation, from the same start."""
    tuning = Tuning(market_size=10)
    alive, size = 240.0, 2400.0
    path = []
    for _ in range(24 * 30 * 30):
        alive += hourly_joins(Standing(int(alive)), scenario, tuning)
        path.append(alive)
    wanted = scenario.users.joins_per_month * 240 / (size - 240)
    p, q = wanted * (1 - tuning.imitation), wanted * tuning.imitation * size / 240
    begun = np.log((1 + 240 / size * q / p) / (1 - 240 / size)) / (p + q)
    for month in (3, 12, 24):
        decay = np.exp(-(p + q) * (begun + month))
        assert path[24 * 30 * month - 1] == pytest.approx(size * (1 - decay) / (1 + q / p * decay), rel=0.02)
    assert path[24 * 30 * 30 - 1] < size


def test_a_bad_name_keeps_customers_away(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))

    def month(reputation: float) -> int:
        expected = hourly_joins(Standing(240, reputation, reputation), scenario, Tuning())
        return sum(int(arrivals(population, expected, days(1, tick)).sum()) for tick in range(7200))

    assert month(1.0) == pytest.approx(10 * 0.06 * 240, rel=0.2)
    assert month(0.2) < month(1.0) * 0.4


def test_fewer_come_when_it_is_dearer_and_they_pay_what_is_listed() -> None:
    scenario, chance, tuning = load_scenario("viral"), Chance(1), Tuning()
    population, standing = draw(scenario, chance), begin(scenario)
    before = scenario.billing.price_per_seat
    assert dearness(scenario, before) == 1.0  # exactly: nothing has changed for anybody
    dearer = {plan: round(price * 1.2) for plan, price in before.items()}
    assert dearness(scenario, dearer) == pytest.approx(1.2)
    free = dearness(scenario, dict.fromkeys(before, 0))
    usual = hourly_joins(standing, scenario, tuning)
    assert usual < hourly_joins(standing, scenario, tuning, free) < np.inf
    assert hourly_joins(standing, scenario, tuning, 1.2) == pytest.approx(usual * 1.2**-tuning.newcomer_elasticity)
    listed = np.array([dearer[plan] for plan in population.customers.plans], np.int64)
    door = Door(scenario, tuning, chance, (), np.zeros(len(population.agents), np.int64))
    came = [one for tick in range(48) for one in door.arrive(population, standing, listed, tick)]
    assert came
    for one in came:
        seat = dearer[one.customers.plan[0]]
        assert one.customers.price[0] == seat * one.customers.seats[0]
        assert one.customers.reference[0] == seat


def test_word_of_mouth_comes_late_and_bad_news_faster() -> None:
    now = Standing(100)
    day = spoken(now, 100, 0.5, 24, Tuning())
    assert day.reputation > 0.98  # nobody has talked about it yet
    month = spoken(day, 100, 0.5, 24 * 30, Tuning())
    assert month.reputation < 0.65
    healed = spoken(Standing(100, 0.5, 0.5), 100, 1.0, 24 * 30, Tuning())
    assert 1 - month.reputation > healed.reputation - 0.5
    assert spoken(now, 0, 1.0, 1, Tuning()) == Standing(0, 0.0, 0.0)


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
    book.answered("t", SimTime(10 * HOUR), Reading(fits=True))
    assert 0 < book.waiting_hours(one, SimTime(20 * HOUR), 6, status_posted=False) < 1
    assert book.to_remind(SimTime(9 * DAY), 1.0) == []


def test_people_look_again_after_a_release_or_after_some_time() -> None:
    book = TicketBook()
    one = ticket()
    book.add(one)
    assert book.to_look(SimTime(3 * HOUR), SimTime(2 * HOUR), 1.0) == []
    book.answered("t", SimTime(3 * HOUR), Reading(fits=True))
    assert book.to_look(SimTime(3 * HOUR), SimTime(2 * HOUR), 1.0) == [one]
    assert book.to_look(SimTime(3 * HOUR), SimTime(-1), 1.0) == []
    assert book.to_look(SimTime(DAY), SimTime(-1), 1.0) == [one]
    assert not book.may_ask(0, "x")
    assert book.may_ask(0, "y")


def test_owed_money_is_refunded_or_disputed_and_false_claims_are_dropped(scenario: Scenario) -> None:
    population = draw(scenario, Chance(1))
    book = TicketBook()
    one = inherited_claim(population, 0, 10)
    book.add(one)
    part = InvoiceRefunded(
        invoice=one.invoice, customer="c", amount=Micros(one.amount - 1), by="operator", reason="half"
    )
    assert refunded(book, part) is None
    assert disputed(book, SimTime(20 * DAY), Tuning()) == [one]
    assert refunded(book, part.model_copy(update={"amount": Micros(1), "by": "cancellation"})) is None
    assert refunded(book, part.model_copy(update={"amount": Micros(1)})) is one
    invented = false_claim(population, 0, SimTime(DAY))
    assert not invented.owed
    assert invented.amount == population.customers.price[0]
    book.add(invented)
    assert disputed(book, SimTime(20 * DAY), Tuning()) == [one]


def test_a_bad_month_is_remembered_by_everybody_and_by_the_market(scenario: Scenario) -> None:
    worse = of(scenario, inherited_quality=0.9, inherited_pain=0.1)
    here, there = draw(scenario, Chance(2)), draw(worse, Chance(2))
    assert here.customers.quality.min() == here.customers.content.min() == 1
    assert there.customers.quality.mean() == pytest.approx(0.9, abs=0.02)
    assert there.burden(np.arange(len(there.customers))).mean() == pytest.approx(0.1, abs=0.03)
    assert there.customers.content.mean() < there.customers.quality.mean()
    assert (here.customers.price == there.customers.price).all()
    assert begin(worse).reputation == 0.9 < begin(scenario).reputation
    assert hourly_joins(begin(worse), worse, Tuning()) < hourly_joins(begin(scenario), scenario, Tuning())


def test_paid_months_have_not_run_out(scenario: Scenario) -> None:
    paid = draw(scenario, Chance(9)).customers.paid_from
    assert paid.max() <= 0
    assert paid.min() > -MONTH
