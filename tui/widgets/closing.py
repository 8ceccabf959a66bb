"""How it ended; stays on the screen until the viewer leaves."""

from collections.abc import Iterator

from textual.content import Content
from textual.widgets import Static

from bus.messages.reward import RewardStatus
from tui.state import Business
from tui.text import BAD, DIM, GOOD, STRONG, WARN, clean, days_text, signed


class Closing(Static):
    """The last word, hidden until there is one."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self._rows: list[Content] = []

    def show(self, business: Business, lost: str | None) -> None:
        """Draw how it ended, if it did. `lost` says why nothing more will be heard."""
        rows = list(closing_lines(business, lost))
        if rows == self._rows:  # a new one needs a new layout; the last word seldom changes
            return
        self._rows = rows
        self.display = bool(rows)
        self.update(Content("\n").join(rows))


def closing_lines(business: Business, lost: str | None) -> Iterator[Content]:
    """Nothing while the episode goes on."""
    over = business.rewards.over
    if over is not None and over.state == "settled":
        yield from _settled(business, over)
    elif over is not None:
        yield from _voided(over.failure_kind, over.reason)
    elif business.clock.state == "ended" and business.clock.outcome == "voided":
        yield from _voided(business.clock.failure_kind, business.clock.reason)
    elif lost is not None:
        yield Content.assemble(("No more to hear. ", f"{STRONG} {WARN}"), clean(lost))
        yield Content.styled("The episode was neither settled nor voided as far as was heard.", DIM)


def _settled(business: Business, over: RewardStatus) -> Iterator[Content]:
    amount, style = signed(over.sum)
    outcome = business.clock.outcome or "ended"
    yield Content.assemble(
        ("Settled. ", f"{STRONG} {GOOD}"),
        "net reward ",
        (amount, f"{STRONG} {style}"),
        f" in {over.count or 0:,} entries; {outcome} after {days_text(business.now)}",
    )
    yield Content.styled(f"sha256 {over.sha256 or ''}", DIM)


def _voided(failure_kind: str | None, reason: str) -> Iterator[Content]:
    kind = clean(failure_kind or "unknown failure")
    yield Content.assemble(("Voided: ", f"{STRONG} {BAD}"), f"{kind}: {clean(reason)}" if reason else kind)
    yield Content.styled("Our failure, not the operator's: it has no reward, which is not zero.", DIM)
