"""The bottom line: what the keys do, and whether the screen follows."""

from textual.content import Content
from textual.widgets import Static

from tui.text import DIM, STRONG, WARN, Span, pair

KEYS = (("q", "quit"), ("p", "pause"), ("n", "step"), ("+-", "speed"), ("h", "hold"), ("1-5", "views"), ("?", "help"))


class Keys(Static):
    """One line."""

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, heard: int, behind: int | None, pace: str = "") -> None:
        """`heard` events so far; `behind` of them not shown, or None while the screen follows; the clock's pace,
        once a hand has moved it."""
        left: list[Span] = []
        for key, does in KEYS:
            left += [(key, STRONG), (f" {does}  ", DIM)]
        right: list[Span] = [(f"{heard:,} events", DIM)]
        if behind is not None:
            right = [(f"held, {behind:,} behind", WARN)]
        elif pace:
            right = [(pace, WARN)]
        self.update(pair(left, right, self.content_region.width or 80), layout=False)


def tabs(views: tuple[str, ...], current: str) -> Content:
    """The line of views, the current one marked."""
    spans: list[Span] = []
    for number, view in enumerate(views, 1):
        style = "reverse bold" if view == current else DIM
        spans += [(f" {number} {view.capitalize()} ", style), " "]
    return Content.assemble(*spans)
