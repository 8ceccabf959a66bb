"""Whatever the product sends, and whatever happens, people read on and numbers stay in their bounds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.users import lots
from agents.users.activity import Sessions
from agents.users.constants import PAIN_KINDS, Tuning
from agents.users.experience import live_through
from agents.users.outcomes import FINE, Pool, conditions
from agents.users.population.draw import draw
from agents.users.products import product_named
from agents.web.page import Page
from bus.chance import Chance
from services.world.loading import load_scenario

MARKUP = st.text(st.sampled_from("<>/\"'= abform inputselect&;!-é\n"), max_size=400)
JOURNEYS = product_named("tracker").journeys
SCENARIO = load_scenario("short")


@given(MARKUP)
def test_any_markup_can_be_read(html: str) -> None:
    page = Page(html)
    assert isinstance(page.text + page.heading, str)
    assert page.link("no such link, ever") is None
    form = page.form("a")
    assert form is None or form.buttons


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=60))
def test_what_is_escaped_is_read_back(text: str) -> None:
    from html import escape

    page = Page(
        f'<main><h1>{escape(text)}</h1><form><label for="x">T</label><input id="x" name="x" '
        f'value="{escape(text)}"><button>Go</button></form></main>'
    )
    form = page.form("Go")
    assert form is not None
    assert form.fields[0].value == text
    assert page.heading == " ".join(text.split())


CELLS = st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(FINE, len(PAIN_KINDS) - 1), st.booleans())


@given(st.lists(CELLS, max_size=60))
def test_shares_are_shares(seen: list[tuple[int, int, int, bool]]) -> None:
    pool = Pool(np.array([[1.0, 3.0], [2.0, 1.0], [5.0, 9.0]]), 2.0, 10.0)
    for journey, stratum, kind, release in seen:
        if release:
            pool.new_release()
        pool.observe(journey, stratum, kind)
        assert (pool.shares() >= 0).all()
        assert (pool.shares().sum(axis=2) <= 1 + 1e-5).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_quality_and_pain_stay_in_bounds(seed: int) -> None:
    population = draw(SCENARIO, Chance(seed))
    rng = Chance(seed).numpy("happenings")
    people = np.sort(rng.integers(len(population.people.customer), size=50))
    sessions = Sessions(
        population.people.customer[people],
        people.astype(np.int32),
        rng.integers(len(JOURNEYS), size=50).astype(np.int32),
        np.arange(50, dtype=np.int32),
        population.customers.stratum[population.people.customer[people]],
        lots.keys(np.uint64(seed), people),
    )
    kinds = rng.integers(FINE, len(PAIN_KINDS), size=50).astype(np.int32)
    felt = live_through(population, sessions, kinds, conditions(None, JOURNEYS, Tuning()), Tuning())
    everybody = np.arange(len(population.customers))
    assert np.isclose(float(population.felt(everybody).sum()), float(felt.sum()), rtol=1e-5)
    population.hour += 24
    assert (population.felt(everybody) >= 0).all()
    assert ((population.customers.quality >= 0) & (population.customers.quality <= 1)).all()
    assert ((population.satisfaction(everybody) >= 0) & (population.satisfaction(everybody) <= 1)).all()
