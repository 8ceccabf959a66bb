"""Who probes the product, and how it stood up to them."""

from collections.abc import Iterator

from textual.content import Content

from tui.state import Business
from tui.state.attacks import Attacks, Attempt
from tui.text import BAD, DIM, GOOD, Span, by_day, cell, clean, clock, line, pair, words
from tui.widgets.pane import Pane


class Attackers(Pane):
    """Attempts, newest first. The operator does not see these."""

    TITLE = "Attackers"

    def lines(self, business: Business, width: int) -> Iterator[Content]:
        attacks = business.attacks
        yield _summary(attacks, width)
        if attacks.total:
            yield _outcomes(attacks, width)
        yield from by_day(attacks.attempts, lambda attempt: attempt.at, lambda attempt: _attempt(attempt, width), width)


def _summary(attacks: Attacks, width: int) -> Content:
    through = attacks.outcomes.get("succeeded", 0)
    spans: list[Span] = [
        f"{attacks.total:,}",
        (" tried  ", DIM),
        (f"{through:,}", BAD if through else ""),
        (" succeeded", DIM),
    ]
    if attacks.records:
        spans += [(f"  {attacks.records:,}", BAD), (" records", DIM)]
    return pair(spans, [], width)


def _outcomes(attacks: Attacks, width: int) -> Content:
    kept_out = sorted((name, count) for name, count in attacks.outcomes.items() if name != "succeeded")
    return pair([("  ".join(f"{count:,} {name}" for name, count in kept_out), DIM)], [], width)


def _attempt(attempt: Attempt, width: int) -> Content:
    through = attempt.outcome == "succeeded"
    taken = f"{attempt.records:,} rec" if attempt.records else f"x{attempt.requests:,}"
    cells = [
        cell(clock(attempt.at), 5, DIM),
        cell(attempt.outcome, 9, BAD if through else GOOD),
        cell(words(attempt.kind), max(1, min(14, width - 23))),
        cell(taken, 6, "" if through else DIM, right=True),
    ]
    if width >= 56:
        cells.append(cell(f"by {clean(attempt.attacker)}", width - 38, DIM))
    return line(*cells)
