"""Cash, the net reward, and where money came from and went."""

from collections.abc import Iterator, Mapping

from textual.content import Content

from bus.money import Micros
from tui.state import Business, net_reward
from tui.text import DIM, STRONG, UNKNOWN, Span, money, pair, signed, signed_spark, words
from tui.widgets.pane import Pane

WIDEST = 44
"""Cells: numbers farther from their names are hard to read."""


class Money(Pane):
    """The company's money."""

    TITLE = "Money"

    def lines(self, business: Business, width: int) -> Iterator[Content]:
        width = min(width, WIDEST)
        yield from _position(business, width)
        yield from _days(business, width)
        yield from _kinds(business, width)
        yield from _small_print(business, width)


def _position(business: Business, width: int) -> Iterator[Content]:
    amount, style = signed(net_reward(business))
    closed = business.books.closed
    yield pair([("net reward", STRONG)], [(amount, f"{STRONG} {style}")], width)
    yield pair(["cash"], [money(closed.cash if closed else None)], width)
    yield pair(["MRR"], _mrr(business), width)


def _mrr(business: Business) -> list[Span]:
    closed, first = business.books.closed, business.books.first_mrr
    if closed is None or first is None:
        return [UNKNOWN]
    if not first or closed.mrr == first:
        return [money(closed.mrr)]
    change = (closed.mrr - first) / first * 100
    return [(f"{change:+.1f} %  ", DIM), money(closed.mrr)]


def _days(business: Business, width: int) -> Iterator[Content]:
    days = business.rewards.days
    if not days:
        yield pair([("by day", DIM)], [UNKNOWN], width)
        return
    last = max(days)
    values = [days.get(day, 0) for day in range(max(0, last - width + 1), last + 1)]
    yield pair([("by day", DIM)], [("latest ", DIM), signed(Micros(days[last]))], width)
    yield from signed_spark(values, width)


def _kinds(business: Business, width: int) -> Iterator[Content]:
    closed = business.books.closed
    if closed is None:
        return
    yield pair(["revenue"], [money(business.books.revenue)], width)
    yield from _by_size(closed.revenue, width)
    yield pair(["costs"], [money(business.books.costs)], width)
    yield from _by_size(closed.costs, width)


def _by_size(kinds: Mapping[str, Micros], width: int) -> Iterator[Content]:
    for kind, amount in sorted(kinds.items(), key=lambda item: (-abs(item[1]), item[0])):
        if amount:
            yield pair([("  " + words(kind), DIM)], [(money(amount), DIM)], width)


def _small_print(business: Business, width: int) -> Iterator[Content]:
    books = business.books
    if books.closed is None:
        return
    yield pair(["prepaid"], [money(books.closed.deferred)], width)
    yield pair(["owed"], [money(books.closed.owed)], width)
    yield pair([f"refunds ({books.refunds:,})"], [money(books.refunded)], width)
    if books.plans is not None:
        for plan, price in sorted(books.plans.price_per_seat.items()):
            yield pair([("  new price " + words(plan), DIM)], [(money(price), DIM)], width)
