"""The running product: release, instances, load, latency, alerts and what happened to it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from textual.content import Content

from bus.simtime import day_of
from tui.state import Business
from tui.state.hosting import Happening, Hosting
from tui.text import (
    BAD,
    DIM,
    GOOD,
    UNKNOWN,
    WARN,
    Span,
    bar,
    by_day,
    cell,
    clean,
    clock,
    line,
    money,
    pair,
    percent,
    spark,
    words,
)
from tui.widgets.pane import Pane

BUSY_FROM, OVERLOADED_FROM = 0.7, 0.9
"""Utilisation at which the bar's colour changes; for the eye only."""
HOURS_A_MONTH = 730


class Product(Pane):
    """The product in service."""

    TITLE = "Product"

    def lines(self, business: Business, width: int) -> Sequence[Content]:
        hosting = business.hosting
        rows = [
            pair(_release(hosting), _instances(hosting), width),
            _load(hosting, width),
            pair(_service(hosting), _uptime(hosting), width),
            *_alerts(hosting, width),
            *_cost(hosting, width),
        ]
        if self.detailed or width >= 60:
            rows += _latencies(hosting, width)
        rows += _history(hosting, width)
        return rows


def _release(hosting: Hosting) -> list[Span]:
    if hosting.release is None:
        return [("release ", DIM), UNKNOWN]
    since = [] if hosting.live_since is None else [(f" since day {day_of(hosting.live_since) + 1}", DIM)]
    return [("release ", DIM), clean(hosting.release)[:10], *since]


def _instances(hosting: Hosting) -> list[Span]:
    if not hosting.instances:
        count = hosting.measured.instances if hosting.measured else None
        return [UNKNOWN if count is None else f"{count:,}", (" instances", DIM)]
    states = Counter(instance.state for instance in hosting.instances.values())
    spans: list[Span] = []
    for state, count in sorted(states.items(), key=lambda item: (item[0] != "ready", item[0])):
        style = GOOD if state == "ready" else BAD if state in ("crashed", "out_of_memory") else WARN
        spans += [" " if spans else "", (f"{count} {words(state)}", style)]
    return spans


def _load(hosting: Hosting, width: int) -> Content:
    load = hosting.measured.utilisation if hosting.measured else None
    style = GOOD
    if load is not None and load >= BUSY_FROM:
        style = BAD if load >= OVERLOADED_FROM else WARN
    name = "utilisation  "
    room = max(0, min(24, width - len(name) - 7))
    return pair(Content.assemble((name, DIM), bar(load, room, style)), [percent(load)], width)


def _service(hosting: Hosting) -> list[Span]:
    measured = hosting.measured
    if measured is None or not measured.latency_ms:
        return [("latency ", DIM), UNKNOWN]
    worst = max(measured.latency_ms.values())
    late: list[Span] = [(f"  {percent(measured.timed_out, places=1)} gave up", BAD)] if measured.timed_out else []
    return [("latency ", DIM), f"{worst:,.0f} ms", *late]


def _uptime(hosting: Hosting) -> list[Span]:
    down = hosting.measured is not None and hosting.measured.available < 1
    return [("DOWN  ", BAD) if down else "", ("up ", DIM), percent(hosting.uptime, places=2)]


def _alerts(hosting: Hosting, width: int) -> Iterator[Content]:
    if not hosting.alerts:
        yield Content.styled("no alerts", DIM)
    for alert in [*hosting.alerts.values()][::-1]:
        left: list[Span] = [("! ", BAD), (words(alert.kind), BAD), f"  {clean(alert.detail)}"]
        yield pair(left, [(clock(alert.at), DIM)], width)


def _cost(hosting: Hosting, width: int) -> Iterator[Content]:
    if hosting.cost_per_tick is not None:
        yield pair([("hosting, an hour", DIM)], [money(hosting.cost_per_tick)], width)
    if hosting.loads:
        drawn = spark(list(reversed(hosting.loads)), max(1, width - 18), DIM)
        yield pair([("load by hour", DIM)], drawn, width)


def _latencies(hosting: Hosting, width: int) -> Iterator[Content]:
    if hosting.measured is None:
        return
    for kind, latency in sorted(hosting.measured.latency_ms.items()):
        yield pair([("  " + words(kind), DIM)], [f"{latency:,.1f} ms"], min(width, 44))


def _history(hosting: Hosting, width: int) -> Iterator[Content]:
    def draw(happening: Happening) -> Content:
        return line(
            cell(clock(happening.at), 6, DIM),
            cell(clean(happening.text), max(1, width - 7), "" if happening.good else WARN),
        )

    yield from by_day(hosting.happenings, lambda happening: happening.at, draw, width)
