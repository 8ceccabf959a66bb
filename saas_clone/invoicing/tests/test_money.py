"""The arithmetic: integers, two roundings, half up."""

import pytest

from invoicing import money
from invoicing.drafts import LineInput
from invoicing.money import RateTotal


def line(quantity: int = 1000, price: int = 100, discount: int = 0, tax: int = 1900) -> LineInput:
    return LineInput("Parts", "", quantity, price, discount, tax)


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [(5, 10, 1), (4, 10, 0), (15, 10, 2), (-5, 10, -1), (-4, 10, 0), (0, 7, 0), (10**30 + 5, 10, 10**29 + 1)],
)
def test_half_up(numerator: int, denominator: int, whole: int) -> None:
    assert money.half_up(numerator, denominator) == whole


def test_a_line_is_rounded_once() -> None:
    assert money.line_net(line(quantity=333, price=999)) == 333  # 3.32667
    assert money.line_net(line(quantity=1500, price=333)) == 500  # 4.995, and not 4.99
    assert money.line_net(line(price=105, discount=5000)) == 53  # 0.525
    assert money.line_net(line(price=-105, discount=5000)) == -53


def test_tax_is_rounded_once_per_rate_and_not_per_line() -> None:
    lines = [line(price=13, tax=1900) for _ in range(10)]  # 0.0247 each: by line, it would be 0.20
    assert money.totals(lines).rates == (RateTotal(1900, 130, 25),)
    mixed = money.totals([*lines, line(price=1000, tax=700), line(price=250, tax=0)])
    assert [rate.tax_cents for rate in mixed.rates] == [0, 70, 25]
    assert mixed.total_cents == 130 + 1000 + 250 + 95


def test_nothing_comes_to_nothing() -> None:
    assert money.totals([]).total_cents == 0


@pytest.mark.parametrize(
    ("text", "places", "value"),
    [
        ("12", 2, 1200),
        ("12.5", 2, 1250),
        ("12,50", 2, 1250),
        ("-0.01", 2, -1),
        ("0.125", 3, 125),
        ("0.125", 2, None),
        ("1e3", 2, None),
        ("", 2, None),
        ("١٢", 2, None),
    ],
)
def test_parsing(text: str, places: int, value: int | None) -> None:
    assert money.parse(text, places) == value


def test_writing() -> None:
    assert money.amount(123456789) == "1,234,567.89"
    assert money.amount(-5) == "-0.05"
    assert money.exact(-123456) == "-1234.56"
    assert [money.plain(value, 3) for value in (1500, 2000, 1, -250)] == ["1.5", "2", "0.001", "-0.25"]
