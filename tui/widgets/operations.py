"""What the operator does: its latest tool calls."""

from collections.abc import Iterator

from textual.content import Content

from bus.simtime import MINUTE, SECOND
from tui.state import Business
from tui.state.operator import Action, Operator
from tui.text import BAD, DIM, STRONG, by_day, cell, clean, clock, line, money, pair
from tui.widgets.pane import Pane


class Operations(Pane):
    """Tool calls, newest first."""

    TITLE = "Operator"

    def lines(self, business: Business, width: int) -> Iterator[Content]:
        operator = business.operator
        draw = _whole if self.detailed else _short
        yield _summary(operator, width)
        if self.detailed:
            yield _usage(operator, width)
        yield from by_day(operator.actions, lambda action: action.at, lambda action: draw(action, width), width)


def _summary(operator: Operator, width: int) -> Content:
    failed = (f"{operator.failed:,}", BAD if operator.failed else "")
    return pair(
        [f"{operator.calls:,}", (" calls  ", DIM), failed, (" failed  ", DIM), f"{operator.turns:,}", (" turns", DIM)],
        [f"{operator.tokens:,}", (" tokens", DIM)] if width >= 56 else [],
        width,
    )


def _usage(operator: Operator, width: int) -> Content:
    tools = sorted(operator.tools.items(), key=lambda item: (-item[1], item[0]))
    used = "  ".join(f"{clean(tool)} {count:,}" for tool, count in tools) or "no tool used yet"
    return pair([(used, DIM)], [("tokens cost ", DIM), money(operator.cost)], width)


def _short(action: Action, width: int) -> Content:
    return line(
        cell(clock(action.at), 5, DIM),
        cell(clean(action.tool), 11, STRONG if action.ok else BAD),
        cell(_told(action), max(1, width - 18)),
    )


def _whole(action: Action, width: int) -> Content:
    return line(
        cell(clock(action.at), 5, DIM),
        cell(clean(action.tool), 14, STRONG if action.ok else BAD),
        cell(_took(action.took), 7, DIM, right=True),
        cell(_told(action), max(1, width - 29)),
    )


def _told(action: Action) -> str:
    return clean(action.summary) if action.ok else f"failed: {clean(action.summary)}"


def _took(milliseconds: int) -> str:
    if milliseconds >= 2 * MINUTE:
        return f"{milliseconds // MINUTE} min"
    return f"{milliseconds // SECOND} s"
