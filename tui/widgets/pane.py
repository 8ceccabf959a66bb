"""What all panes are: a titled, scrolling list of lines drawn from the business."""

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tui.state import Business


class Pane(ScrollView, can_focus=True):
    """One part of the business. A subclass gives `TITLE` and `lines`.

    Lines are made only as far as they can be seen, and a page more to scroll to: on a small machine the screen
    shares its processor with the world.
    """

    TITLE: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(id=type(self).__name__.lower())
        self.border_title = f" {self.TITLE} "
        self.detailed = False
        """Whether there is room for everything: in the pane's own view, not in the overview."""
        self._business = Business()
        self._rows: list[Content] = []

    def lines(self, business: Business, width: int) -> Iterator[Content]:
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

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._draw()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        if number >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        (strip,) = Visual.to_strips(self, self._rows[number], width, 1, self.visual_style, pad=True)
        return strip

    def _draw(self) -> None:
        width, height = self.scrollable_content_region.size
        if not self.is_mounted or not self.display or width < 1:
            return
        seen = self.scroll_offset.y + (2 * height if self.detailed else height)
        rows = [row.truncate(width) for row in islice(self.lines(self._business, width), seen)]
        if len(rows) == len(self._rows) and all(new.is_same(old) for new, old in zip(rows, self._rows, strict=True)):
            return
        self._rows = rows
        self.virtual_size = Size(width, len(rows))
        self.refresh()
