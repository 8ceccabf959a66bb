"""Numbers and foreign words on the screen."""

import pytest
from rich.cells import cell_len
from textual.content import Content

from bus.money import usd
from bus.simtime import DAY, HOUR, MINUTE
from tui.text import bar, by_day, cell, clean, clock, days_text, moment, pair, signed, signed_spark, spark


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[2Jgone", " [2Jgone"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("right\u202eto left", "right to left"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        ("Grüße 你好", "Grüße 你好"),
    ],
)
def test_foreign_text_cannot_move_the_cursor(foreign, shown):
    assert clean(foreign) == shown


def test_amounts_carry_their_sign_without_colour():
    assert [signed(amount)[0] for amount in (usd("1.5"), usd("-1.5"), usd(0), None)] == [
        "+$1.50",
        "-$1.50",
        "$0.00",
        "—",
    ]


def test_moments():
    assert (clock(3 * DAY + 7 * HOUR + 5 * MINUTE), moment(DAY), moment(-1)) == ("07:05", "day 2 00:00", "before")
    assert (days_text(14 * DAY), days_text(9 * DAY + 8 * HOUR)) == ("14 days", "9.3 days")


@pytest.mark.parametrize("width", [1, 2, 5, 9])
@pytest.mark.parametrize("text", ["", "short", "你好你好你好"])
def test_a_cell_has_exactly_its_width(text, width):
    assert cell_len(cell(text, width)[0]) == width
    assert cell_len(cell(text, width, right=True)[0]) == width


def test_a_pair_is_as_wide_as_asked_and_cuts_the_left():
    assert pair(["a long name"], ["$1.00"], 12).plain == "a lon… $1.00"
    assert pair(["cash"], ["$1.00"], 14).plain == "cash     $1.00"


def test_bars_and_columns():
    assert bar(0.5, 4).plain == "━━──"
    assert bar(None, 4).plain == "────"
    assert bar(7.0, 2).plain == "━━"
    assert spark([0.0, 1.0], 9).plain == "▁█"
    above, below = signed_spark([80, -80, 1, -1, 0], 5)
    assert (above.plain, below.plain) == ("█ ▁  ", " █ ▔ ")
    assert signed_spark([1, 2, 3], 2)[0].plain == "▅█"


def test_a_rule_stands_where_an_earlier_day_begins():
    rows = [row.plain for row in by_day([DAY + 1, DAY, HOUR, -HOUR], lambda at: at, lambda at: Content(str(at)), 9)]
    assert rows == ["86400001", "86400000", "day 1 ┈┈┈", "3600000", "before ┈┈", "-3600000"]
