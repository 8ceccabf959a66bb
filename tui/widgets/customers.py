"""How many customers there are, who came and went, and how content they are."""

from collections.abc import Iterator, Mapping

from textual.content import Content

from tui.state import Business
from tui.text import BAD, DIM, GOOD, UNKNOWN, WARN, Span, bar, money, pair, percent, words
from tui.widgets.pane import Pane

CONTENT_FROM, UNHAPPY_BELOW = 0.8, 0.6
"""Shares of satisfaction at which the bar's colour changes; for the eye only."""


class Customers(Pane):
    """The market."""

    TITLE = "Customers"

    def lines(self, business: Business, width: int) -> Iterator[Content]:
        market = business.market
        yield pair(_size(business), [], width)
        yield pair(_moves(business), [("active ", DIM), f"{market.active:,}"], width)
        yield _satisfaction(market.satisfaction, width)
        yield pair([("sessions ", DIM), f"{market.sessions:,}"], _failed(business), width)
        yield pair([("pain felt ", DIM), money(market.pain)], _wishes(business), width)
        yield from _counts("left: ", market.churned, width)
        yield from _counts("hurt: ", market.pains, width)


def _size(business: Business) -> list[Span]:
    closed = business.books.closed
    count = closed.customers if closed else business.market.customers
    seats = closed.seats if closed else None
    return [
        UNKNOWN if count is None else f"{count:,}",
        (" customers  ", DIM),
        UNKNOWN if seats is None else f"{seats:,}",
        (" seats", DIM),
    ]


def _moves(business: Business) -> list[Span]:
    market = business.market
    return [
        (f"+{market.joined:,}", GOOD if market.joined else ""),
        (" joined  ", DIM),
        (f"-{market.left:,}", BAD if market.left else ""),
        (" left", DIM),
    ]


def _satisfaction(share: float | None, width: int) -> Content:
    style = GOOD
    if share is not None and share < CONTENT_FROM:
        style = BAD if share < UNHAPPY_BELOW else WARN
    name = "satisfaction "
    drawn = bar(share, max(0, min(24, width - len(name) - 7)), style)
    return pair(Content.assemble((name, DIM), drawn), [percent(share)], width)


def _failed(business: Business) -> list[Span]:
    market = business.market
    if not market.sessions:
        return []
    return [("failed ", DIM), percent(market.failed_sessions / market.sessions, places=1)]


def _wishes(business: Business) -> list[Span]:
    """How much of what customers looked for they have found."""
    requests = business.market.requests
    return [("wishes met ", DIM), f"{sum(requests.values())} of {len(requests)}"] if requests else []


def _counts(name: str, counts: Mapping[str, int], width: int) -> Iterator[Content]:
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield pair([(name, DIM), words(key)], [f"{count:,}"], width)
