from decimal import InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.money import Micros, dollars, share, usd


@pytest.mark.parametrize(
    ("text", "micros"), [("1", 1_000_000), ("0.000001", 1), ("-2.50", -2_500_000), ("0.0000005", 0), ("0.0000015", 2)]
)
def test_dollars_become_whole_micros(text: str, micros: int) -> None:
    assert usd(text) == micros


def test_text_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidOperation):
        usd("twelve")


@given(st.integers(-(10**15), 10**15), st.integers(1, 400))
def test_shares_of_all_parts_differ_from_the_whole_by_less_than_a_micro_each(amount: int, parts: int) -> None:
    assert abs(share(Micros(amount), 1, parts) * parts - amount) <= parts


def test_a_share_needs_a_positive_denominator() -> None:
    with pytest.raises(ValueError, match="positive"):
        share(Micros(1), 1, 0)


def test_money_for_people() -> None:
    assert dollars(Micros(-1_234_500_000)) == "-$1,234.50"
    assert dollars(Micros(999_999_999), cents=False) == "$1,000"
