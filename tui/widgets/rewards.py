"""The reward stream: what was earned and lost, when, and by whose doing."""

from collections.abc import Iterator

from textual.content import Content

from bus.money import Micros
from tui.state import Business
from tui.state.rewards import Batch, Earned
from tui.state.rewards import Rewards as Stream
from tui.text import BAD, DIM, GOOD, by_day, cell, clean, clock, line, pair, signed, words
from tui.widgets.pane import Pane


class Rewards(Pane):
    """In the overview one line for what a tick earned by one kind of entry; in full every signed entry."""

    TITLE = "Reward stream"

    def lines(self, business: Business, width: int) -> Iterator[Content]:
        stream = business.rewards
        if not stream.count:
            yield Content.styled("nothing earned or lost yet", DIM)
        elif self.detailed:
            yield _summary(stream, width)
            yield from _kinds(stream, width)
            yield _heading(width)
            yield from _entries(stream, width)
        else:
            yield from by_day(stream.batches, lambda batch: batch.at, lambda batch: _batch(batch, width), width)


def _batch(batch: Batch, width: int) -> Content:
    count = f"x{batch.count:,}" if batch.count > 1 else ""
    return line(
        cell(clock(batch.at), 5, DIM),
        cell(_named(batch.kind, batch.actor), max(1, width - 24)),
        cell(count, 5, DIM, right=True),
        cell(*_fitting(batch.amount), right=True),
    )


def _fitting(amount: Micros) -> tuple[str, int, str]:
    text, style = signed(amount)
    return text, 11, style


def _named(kind: str, actor: str) -> str:
    return f"{words(kind)}, {words(actor)}" if actor == "operator" else words(kind)


def _summary(stream: Stream, width: int) -> Content:
    since = "" if stream.whole else f"  heard from number {stream.first_index or 0:,} on"
    return pair([f"{stream.count:,}", (f" signed entries{since}", DIM)], [("sum ", DIM), signed(stream.total)], width)


def _kinds(stream: Stream, width: int) -> Iterator[Content]:
    for kind, (count, total) in sorted(stream.kinds.items(), key=lambda item: (-abs(item[1][1]), item[0])):
        if total:
            yield pair([("  " + words(kind), DIM)], [(f"x{count:,}  ", DIM), signed(total)], width)


def _columns(width: int) -> tuple[int, int, int, int]:
    """Time, kind, amount, cause."""
    kind = 12 if width < 60 else 18
    amount = 13
    return 5, kind, amount, max(1, width - 8 - kind - amount)


def _heading(width: int) -> Content:
    at, kind, amount, cause = _columns(width)
    return line(
        cell("at", at, DIM), cell("kind", kind, DIM), cell("amount", amount, DIM, right=True), cell("cause", cause, DIM)
    )


def _entries(stream: Stream, width: int) -> Iterator[Content]:
    def draw(entry: Earned) -> Content:
        at, kind, amount, cause = _columns(width)
        return line(
            cell(clock(entry.at), at, DIM),
            cell(words(entry.kind), kind),
            cell(*_exact(entry.amount, amount), right=True),
            cell(_cause(entry), cause, DIM),
        )

    yield from by_day(stream.entries, lambda entry: entry.at, draw, width)


def _cause(entry: Earned) -> str:
    """Who, what if that is not the entry's kind, on which account, and by which action."""
    what = words(entry.cause) if entry.cause != entry.kind else ""
    parts = (clean(entry.actor), what, clean(entry.account), clean(entry.action or ""))
    return "  ".join(part for part in parts if part)


def _exact(amount: Micros, width: int) -> tuple[str, int, str]:
    """To a hundredth of a cent: what one seat's hour earns is less than a cent."""
    style = GOOD if amount > 0 else BAD if amount < 0 else ""
    whole, part = divmod(abs(amount) // 100, 10_000)
    return f"{'-' if amount < 0 else '+'}${whole:,}.{part:04d}", width, style
