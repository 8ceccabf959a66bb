"""The operator's time, as pure decisions: what a call costs, when a turn opens, and what wakes a waiting operator.

In lockstep the operator has the tick's hour for itself. A call costs a fixed charge of simulated time; one that would
run past the hour ends in a later turn. In live mode time passes by itself and nothing is charged.
"""

from dataclasses import dataclass, field
from typing import Literal

from bus.simtime import HOUR, SECOND, SimTime

WakeOn = Literal["alert", "inbox"]


@dataclass(frozen=True)
class Wish:
    """What the operator waits for; without any wish it goes on with the next tick."""

    until: SimTime | None = None
    wake_on: frozenset[WakeOn] = frozenset()
    busy_until: SimTime | None = None
    """When a call ends that did not fit into its hour."""


@dataclass
class Agenda:
    """Where the operator stands in simulated time."""

    call_ms: int
    """Of simulated time, for each tool call."""
    thousand_tokens_ms: int
    """Of simulated time, for each thousand tokens."""
    live: bool = False
    at: SimTime = SimTime(0)
    ends: SimTime = SimTime(0)
    """End of the tick's hour."""
    wish: Wish = field(default_factory=Wish)
    _heard: set[WakeOn] = field(default_factory=set[WakeOn])

    def enter(self, now: SimTime, heard: frozenset[WakeOn]) -> tuple[str, ...] | None:
        """The operator's phase of a tick opens, after some news. Why a turn opens, or None if the operator stays away.

        What was heard counts until a turn opens.
        """
        self.pass_to(now, heard)
        if self.at >= self.ends:
            return None
        why = self._why()
        if not why:
            return None
        why += tuple(sorted(self._heard - set(why)))
        self._heard.clear()
        self.wish = Wish()
        return why

    def pass_to(self, now: SimTime, heard: frozenset[WakeOn]) -> None:
        """A tick begins, after some news; in live mode perhaps in the middle of a turn."""
        self._heard |= heard
        self.at, self.ends = SimTime(max(self.at, now)), SimTime(now + HOUR)

    def charge_call(self) -> bool:
        """Spend one call's time. False if it runs past the hour: it is then over when the agenda opens a turn again."""
        if self.live:
            return True
        finish = SimTime(self.at + self.call_ms)
        if finish <= self.ends:
            self.at = finish
            return True
        self.wish = Wish(busy_until=finish)
        return False

    def think(self, tokens: int) -> None:
        """Spend the time that tokens take; what runs past the hour delays the next call into a later one."""
        if not self.live:
            self.at = SimTime(self.at + tokens * self.thousand_tokens_ms // 1000)

    def end(self, tokens: int, wish: Wish) -> None:
        """The operator ends its turn: its tokens took time, too."""
        self.think(tokens)
        self.wish = wish

    @property
    def seconds_left(self) -> int:
        """Simulated seconds until the tick's hour ends."""
        return max(0, self.ends - self.at) // SECOND

    def _why(self) -> tuple[str, ...]:
        wish = self.wish
        if wish.busy_until is not None:
            if wish.busy_until > self.ends:
                return ()
            self.at = wish.busy_until
            return ("time",)
        if wish.until is None and not wish.wake_on:
            return ("tick",)
        woken = tuple(sorted(self._heard & wish.wake_on))
        if wish.until is None or wish.until >= self.ends:
            return woken
        if not woken:
            self.at = max(self.at, wish.until)
        return ("time", *woken)
