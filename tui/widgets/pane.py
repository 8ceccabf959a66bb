"""What all panes are: a titled, scrolling list of lines drawn from the business."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.state import Business


class Pane(VerticalScroll):
    """One part of the business. A subclass gives `TITLE` and `lines`."""

    TITLE: ClassVar[str]
    ROWS_OF_SUMMARY: ClassVar[int] = 60
    """Lines drawn at most in the overview, where little of them can be seen."""

    def __init__(self) -> None:
        super().__init__(id=type(self).__name__.lower())
        self.border_title = f" {self.TITLE} "
        self.detailed = False
        """Whether there is room for everything: in the pane's own view, not in the overview."""
        self._business = Business()
        self._drawn: Content | None = None

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def lines(self, business: Business, width: int) -> Sequence[Content]:
        """The pane's text in `width` cells; the most important lines first."""
        raise NotImplementedError(type(self).__name__)

    def show(self, business: Business) -> None:
        """Draw `business`, now or when the pane is next seen."""
        self._business = business
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_show(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if not self.is_mounted or not self.display or width < 1:
            return
        drawn = self.lines(self._business, width)
        if not self.detailed:
            drawn = drawn[: self.ROWS_OF_SUMMARY]
        content = Content("\n").join(row.truncate(width) for row in drawn)
        if self._drawn is None or not self._drawn.is_same(content):
            self._drawn = content
            self.query_one(Static).update(content)
