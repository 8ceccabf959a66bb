"""Lines of text for the panes: numbers aligned, money signed, foreign words made harmless.

Colour only repeats what signs and words already say: everything reads without it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from bus.money import Micros, dollars
from bus.simtime import DAY, HOUR, MINUTE, SimTime, day_of

GOOD = "$success"
BAD = "$error"
WARN = "$warning"
DIM = "$secondary"
STRONG = "bold"
UNKNOWN = "—"

_RISING = " ▁▂▃▄▅▆▇█"
_HANGING = " ▔▀█"

Span = str | tuple[str, str]
"""Text, or text with its style."""

T = TypeVar("T")


def clean(text: str) -> str:
    """Foreign text on one line, without control or direction characters, which could rewrite the screen."""
    return "".join(character if character.isprintable() else " " for character in text)


def words(name: str) -> str:
    """`out_of_memory` as people write it."""
    return clean(name).replace("_", " ")


def money(amount: Micros | None) -> str:
    """An amount in dollars and cents, or a dash if unknown."""
    return UNKNOWN if amount is None else dollars(amount)


def signed(amount: Micros | None) -> tuple[str, str]:
    """An amount that was won or lost, with its sign; nothing at all has neither sign nor colour."""
    if not amount:
        return (money(amount), "")
    return (f"+{dollars(amount)}", GOOD) if amount > 0 else (dollars(amount), BAD)


def percent(share: float | None, *, places: int = 0) -> str:
    """A share of 1, or a dash if unknown."""
    return UNKNOWN if share is None else f"{share * 100:.{places}f} %"


def clock(at: SimTime) -> str:
    """Hour and minute; what was before the episode is `before`."""
    return "before" if at < 0 else f"{at // HOUR % 24:02d}:{at // MINUTE % 60:02d}"


def moment(at: SimTime) -> str:
    """Day and hour, days counted from 1: `day 3 07:15`."""
    return "before" if at < 0 else f"day {day_of(at) + 1} {clock(at)}"


def days_text(at: SimTime) -> str:
    """How long: `14 days`, `9.3 days`."""
    return f"{at / DAY:.1f}".removesuffix(".0") + " days"


def pair(left: Iterable[Span] | Content, right: Iterable[Span] | Content, width: int) -> Content:
    """`left` at the left edge, `right` at the right one; `left` is cut if both do not fit."""
    end = right if isinstance(right, Content) else Content.assemble(*right)
    begin = left if isinstance(left, Content) else Content.assemble(*left)
    room = max(0, width - end.cell_length - 1)
    return Content.assemble(begin.truncate(room, ellipsis=True, pad=True), " ", end)


def cell(text: str, width: int, style: str = "", *, right: bool = False) -> tuple[str, str]:
    """`text` in exactly `width` cells, and its style."""
    length = cell_len(text)
    if length > width:
        text = set_cell_size(text, width - 1) + "…"
    elif right:
        text = " " * (width - length) + text
    else:
        text += " " * (width - length)
    return text, style


def line(*cells: Span) -> Content:
    """Cells side by side, a space between them."""
    spans: list[Span] = []
    for one in cells:
        spans += [one, " "]
    return Content.assemble(*spans[:-1])


def bar(share: float | None, width: int, style: str = GOOD) -> Content:
    """A share of 1 as a bar of `width` cells; heavy against light, so that it reads without colour."""
    full = 0 if share is None else round(max(0.0, min(1.0, share)) * width)
    return Content.assemble(("━" * full, style), ("─" * (width - full), DIM))


def spark(values: Sequence[float], width: int, style: str = "") -> Content:
    """Shares of 1 as columns one line high, oldest at the left."""
    levels = (1 + round(max(0.0, min(1.0, value)) * 7) for value in values[-width:])
    return Content.styled("".join(_RISING[level] for level in levels), style)


def signed_spark(values: Sequence[int], width: int) -> tuple[Content, Content]:
    """Amounts as columns about a middle line: gains stand on it, losses hang from it. Scaled to the largest."""
    shown = values[-width:]
    largest = max((abs(value) for value in shown), default=0) or 1
    above = "".join(_RISING[_level(value, largest, 8)] for value in shown)
    below = "".join(_HANGING[_level(-value, largest, 3)] for value in shown)
    return Content.styled(above, GOOD), Content.styled(below, BAD)


def _level(value: int, largest: int, levels: int) -> int:
    # The smallest gain or loss still shows as one step.
    return max(1, round(levels * value / largest)) if value > 0 else 0


def by_day(
    items: Iterable[T], at: Callable[[T], SimTime], draw: Callable[[T], Content], width: int
) -> Iterator[Content]:
    """One line an item, newest first, with a rule where an earlier day begins."""
    day: int | None = None
    for item in items:
        moment = at(item)
        of_item = day_of(moment) if moment >= 0 else -1
        if of_item != day and day is not None:
            yield _rule(of_item, width)
        day = of_item
        yield draw(item)


def _rule(day: int, width: int) -> Content:
    name = f"day {day + 1} " if day >= 0 else "before "
    return Content.styled(name + "┈" * max(0, width - len(name)), DIM)
