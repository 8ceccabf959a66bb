"""The running product: release, instances, load, latency, alerts and what happened to it."""

from collections import Counter
from collections.abc import Iterator

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

    def lines(self, business: Business, width: int) -> Iterator[Content]:
        hosting = business.hosting
        instances = Content.assemble(*_instances(hosting))
        yield pair(_release(hosting, width - instances.cell_length - 1), instances, width)
        yield _load(hosting, width)
        yield pair(_latency(hosting), _uptime(hosting), width)
        yield from _alerts(hosting, width)
        yield from _lost(hosting, width)
        yield from _cost(hosting, width)
        if self.detailed:
            yield from _latencies(hosting, width)
        yield from _history(hosting, width)


def _release(hosting: Hosting, room: int) -> Content:
    if hosting.release is None:
        return Content.assemble(("release ", DIM), UNKNOWN)
    short = Content.assemble(("release ", DIM), clean(hosting.release)[:10])
    if hosting.live_since is None:
        return short
    long = short.append_text(f" since day {day_of(hosting.live_since) + 1}", DIM)
    return long if long.cell_length <= room else short


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
    """The busiest part: the instances, or the database's writer where that is fuller."""
    measured = hosting.measured
    writer = measured is not None and measured.database > measured.utilisation
    load = None if measured is None else measured.database if writer else measured.utilisation
    style = GOOD
    if load is not None and load >= BUSY_FROM:
        style = BAD if load >= OVERLOADED_FROM else WARN
    name = "database     " if writer else "utilisation  "
    room = max(0, min(24, width - len(name) - 7))
    places = 1 if load is not None and load < 0.1 else 0
    return pair(Content.assemble((name, DIM), bar(load, room, style)), [percent(load, places=places)], width)


def _latency(hosting: Hosting) -> list[Span]:
    measured = hosting.measured
    if measured is None or not measured.latency_ms:
        return [("latency ", DIM), UNKNOWN]
    return [("latency ", DIM), f"{max(measured.latency_ms.values()):,.0f} ms"]


def _uptime(hosting: Hosting) -> list[Span]:
    measured = hosting.measured
    now: list[Span] = []
    if measured is not None and measured.available < 1:
        now = [(f"now {percent(measured.available)}", BAD), "  "]
    return [*now, ("up ", DIM), percent(hosting.uptime, places=2)]


def _lost(hosting: Hosting, width: int) -> Iterator[Content]:
    if hosting.measured is not None and hosting.measured.timed_out:
        yield pair([("requests that gave up", DIM)], [(percent(hosting.measured.timed_out, places=1), BAD)], width)


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
