"""Guide tables find what a search finds; people are put in where `np.insert` puts them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.users.population.columns import _put_in  # pyright: ignore[reportPrivateUsage]
from agents.users.running import Line, Table
from bus.messages.users import CohortWorked

WEIGHTS = st.lists(st.integers(1, 5_000), min_size=1, max_size=40)


@given(WEIGHTS, st.integers(0, 14), st.data())
def test_a_line_tells_whose_piece_lies_at_a_place(weights: list[int], shift: int, data: st.DataObject) -> None:
    bounds = np.cumsum(weights, dtype=np.int64)
    places = np.array(data.draw(st.lists(st.integers(0, int(bounds[-1]) - 1))), np.int64)
    found = Line.of(bounds, shift).find(places)
    assert found.tolist() == np.searchsorted(bounds, places, side="right").tolist()


def test_a_line_of_nobody_has_no_places() -> None:
    assert Line.of(np.zeros(0, np.int64), 20).find(np.zeros(0, np.int64)).tolist() == []


@given(st.lists(st.lists(st.sampled_from([0.0, 0.1, 1.0, 7.0, 1e-9]), min_size=3, max_size=3), min_size=1), st.data())
def test_a_table_tells_the_column_of_a_number(weights: list[list[float]], data: st.DataObject) -> None:
    table = Table.of(np.array(weights))
    edges = sorted({float(each) for each in table.shares.ravel() if each < 1} | {0.0})
    numbers = st.floats(0, 1, exclude_max=True) | st.sampled_from(edges)
    wanted = data.draw(st.lists(st.tuples(st.integers(0, len(weights) - 1), numbers), min_size=1))
    rows, luck = np.array([row for row, _ in wanted]), np.array([each for _, each in wanted])
    by_search = [int(np.flatnonzero(table.shares[row] > each)[0]) for row, each in wanted]
    assert table.find(rows, luck).tolist() == by_search


@pytest.mark.parametrize("columns", [255, 256, 300])
def test_a_table_may_have_more_columns_than_a_byte_counts(columns: int) -> None:
    table = Table.of(np.array([[1.0] * columns, [0.0] * (columns - 1) + [1.0]]))
    found = table.find(np.array([0, 0, 1, 1]), np.array([0.0, 1 - 2**-53, 0.0, 1 - 2**-53]))
    assert found.tolist() == [0, columns - 1, columns - 1, columns - 1]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12).map(sorted), st.integers(9, 20))
def test_people_are_put_in_where_their_cohort_ends(places: list[int], size: int) -> None:
    column, values = np.arange(size, dtype=np.int32), np.arange(100, 100 + len(places), dtype=np.int32)
    at = np.array(places, np.intp)
    assert _put_in(column, at, values).tolist() == np.insert(column, at, values).tolist()


def test_a_made_message_is_a_validated_one() -> None:
    values = {
        "type": "users.cohort.worked/2", "agent": "ua_1", "tick": 3, "customers": 2, "users": 9, "active": 1,
        "journey": ("browse", "sync"), "sessions": (4, 1), "executed": (0, 1), "failed": (1, 0), "satisfaction": 0.98, "pain": 7,
    }  # fmt: skip
    made, checked = CohortWorked.made(values), CohortWorked.model_validate(values)
    assert made == checked
    assert made.model_dump_json() == checked.model_dump_json()
    assert made.model_fields_set == checked.model_fields_set
    with pytest.raises(ValueError, match="frozen"):
        made.tick = 4  # pyright: ignore[reportAttributeAccessIssue]
