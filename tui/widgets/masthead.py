"""Which world this is, and where it stands."""

from textual.content import Content
from textual.widgets import Static

from bus.simtime import DAY, HOUR, calendar, clock_text
from tui.playbill import Playbill
from tui.state import Business
from tui.text import BAD, DIM, GOOD, STRONG, WARN, Span, bar, clean, days_text, pair

PROGRESS_CELLS = 8


class Masthead(Static):
    """Two lines: the world and its day; its state and how far it is."""

    def __init__(self, playbill: Playbill) -> None:
        super().__init__(markup=False)
        self._playbill = playbill
        self._business = Business()

    def show(self, business: Business) -> None:
        """Draw `business`."""
        self._business = business
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.content_region.width
        title = clean(self._playbill.title) or "a business"
        first = pair([("Going Concern", STRONG), ("  ", ""), title], self._day(), width)
        second = pair(self._standing(), self._progress(), width)
        self.update(Content("\n").join([first, second]), layout=False)

    def _day(self) -> list[Span]:
        business = self._business
        weekday = f"{calendar(self._playbill.start, business.now):%a} " if self._playbill.start else ""
        horizon = (business.clock.of or 0) * HOUR
        if horizon and business.now >= horizon:
            return [(f"after {days_text(business.now)}", STRONG)]
        day, hour = clock_text(business.now).rsplit(" ", 1)
        of = f" of {horizon // DAY}" if horizon else ""
        return [(f"{day}{of}", STRONG), f"  {weekday}{hour}"]

    def _standing(self) -> list[Span]:
        business, playbill = self._business, self._playbill
        state, style = state_of(business)
        isolation = business.rewards.isolation or business.hosting.isolation or playbill.isolation
        facts = [
            clean(playbill.operator),
            playbill.clock_mode,
            f"isolation {isolation}" if isolation else "",
            business.episode or "",
        ]
        return [(state, f"{STRONG} {style}"), ("  " + " · ".join(fact for fact in facts if fact), DIM)]

    def _progress(self) -> Content:
        progress = self._business.clock.progress
        if progress is None:
            return Content("")
        return Content.assemble(bar(progress, PROGRESS_CELLS, ""), f" {progress * 100:3.0f} %")


def state_of(business: Business) -> tuple[str, str]:
    """The episode's state in one or two words, and its colour."""
    clock, over = business.clock, business.rewards.over
    if clock.outcome == "voided" or (over is not None and over.state == "voided"):
        return "voided", BAD
    if business.books.bankrupt:
        return "bankrupt", BAD
    if over is not None:
        return "settled", GOOD
    if clock.state in ("ending", "ended"):
        return clock.outcome or clock.state, WARN
    return clock.state, {"running": GOOD, "paused": WARN}.get(clock.state, "")
