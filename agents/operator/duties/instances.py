"""Keeping instances running: restart what died, roll back a bad release, follow the load."""

import math
from collections import deque
from dataclasses import dataclass, field

from agents.operator.tools import Tools
from bus.messages.cloud import InstanceList
from bus.messages.gateway import OpenAlert, Turn
from bus.simtime import DAY, HOUR, SimTime

BUSY = 0.8
"""Utilisation above which instances are added: an answer then takes five times its work (MEASURED.md section 2.5)."""
TARGET = 0.7
"""Utilisation for which they are counted, as autoscalers do (`ceil(count * utilisation / target)`): 60-70 % is common."""
WEEK = 7 * DAY
"""How long a load is reckoned with that has been there, and watched before an inherited instance is given up: it holds all
ordinary peaks. Who gave back for the weekend what Monday needs would be late for each Monday, as who looks once an hour is."""
MOST = 24
"""Instances that are run at most: a runaway load must not cost without end."""
SUSPECT = 6 * HOUR
"""How long after a new release errors are put down to it."""
SETTLING = 2 * HOUR
"""How long a change in number is given to show."""
ROOMY = 0.6
"""Utilisation at the week's peak, had there been one instance fewer, below which it is given up."""
SPARE = 2
"""Instances that are kept in any case, so that one may fail."""
RESTART_PAUSE = 6 * HOUR
"""Between two restarts for errors: what a restart did not cure, the next one will not."""
CURED_BY_RESTART = ("errors", "out_of_memory", "instance_down")
"""Alerts for which all instances are restarted, one after the other, when none of them is seen to be dead."""
_RUNNING = ("ready", "starting")
_DEAD = ("crashed", "out_of_memory")


@dataclass
class KeepInstances:
    """The `restarter`."""

    trims: bool = False
    """Whether inherited instances that no peak of a week has needed are given up."""
    busy: float = BUSY
    """Utilisation above which instances are added."""
    target: float = TARGET
    """Utilisation for which they are counted."""
    _release: str | None = None
    _released_at: SimTime | None = None
    _handled: set[str] = field(default_factory=set[str])
    """Alerts that were acted on."""
    _added: int = 0
    _scaled_at: SimTime = SimTime(-SETTLING)
    _restarted_at: SimTime = SimTime(-RESTART_PAUSE)
    _peak: float = 0.0
    """Highest utilisation since then, times the instances that bore it."""
    _watched_from: SimTime | None = None
    """Since then the number of instances and the release are the same."""
    _loads: deque[tuple[SimTime, float]] = field(default_factory=deque[tuple[SimTime, float]])
    """Of the last week: when, and how many instances it would have filled."""

    async def tend(self, tools: Tools, turn: Turn) -> None:
        seen = await tools.instances()
        self._notice_release(seen, tools.now)
        dead = [one.instance for one in seen.instances if one.state in _DEAD]
        for instance in dead:
            await tools.restart(instance)
        for alert in turn.alerts:
            if alert.alert not in self._handled:
                self._handled.add(alert.alert)
                await self._act_on(tools, alert, seen, restarted=bool(dead))
        overloaded = any(alert.kind == "overload" for alert in turn.alerts)
        await self._follow_load(tools, seen, overloaded=overloaded)

    def _notice_release(self, seen: InstanceList, now: SimTime) -> None:
        if self._release is not None and seen.release != self._release:
            self._released_at = now
            self._watched_from = None
        self._release = seen.release

    async def _act_on(self, tools: Tools, alert: OpenAlert, seen: InstanceList, *, restarted: bool) -> None:
        if alert.kind == "errors" and self._is_suspect(alert) and seen.previous is not None:
            self._released_at = None
            tools.log.info("rolling back", release=seen.release, alert=alert.detail)
            await tools.rollback()
        elif alert.kind in CURED_BY_RESTART and not restarted and tools.now - self._restarted_at >= RESTART_PAUSE:
            self._restarted_at = tools.now
            await tools.restart()

    def _is_suspect(self, alert: OpenAlert) -> bool:
        """Whether errors began soon after a release went live (which is noticed up to an hour late)."""
        since = self._released_at
        return since is not None and since - HOUR <= alert.raised_at <= since + SUSPECT

    async def _follow_load(self, tools: Tools, seen: InstanceList, *, overloaded: bool) -> None:
        count = sum(one.state in _RUNNING for one in seen.instances)
        self._watch(seen.utilisation * count, tools.now)
        if tools.now - self._scaled_at < SETTLING:
            return
        wanted = self._wanted(seen.utilisation * count, count, tools.now, overloaded=overloaded)
        if wanted != count:
            await self._scale(tools, wanted, wanted - count)

    def _wanted(self, load: float, count: int, now: SimTime, *, overloaded: bool) -> int:
        """How many instances the load asks for: those that were added go as they came, inherited ones only one by one."""
        if not count:
            return count
        if overloaded or load / count > self.busy:
            return max(count, min(MOST, max(count + 1, math.ceil(load / self.target))))
        if self._added > 0:
            asked = math.ceil(max(each for _, each in self._loads) / self.target)
            if (fewer := max(1, count - self._added, asked)) < count:
                return fewer
        gives_up = self.trims and count > SPARE and self._is_roomy(count - 1, now)
        return count - 1 if gives_up else count

    def _watch(self, load: float, now: SimTime) -> None:
        self._loads.append((now, load))
        while now - self._loads[0][0] > WEEK:
            self._loads.popleft()
        if self._watched_from is None:
            self._watched_from, self._peak = now, 0.0
        self._peak = max(self._peak, load)

    def _is_roomy(self, count: int, now: SimTime) -> bool:
        """Whether so many instances would have borne the highest load of a week with ease."""
        since = self._watched_from
        return since is not None and now - since >= WEEK and self._peak / count < ROOMY

    async def _scale(self, tools: Tools, count: int, change: int) -> None:
        await tools.scale(count)
        self._added += change
        self._scaled_at = tools.now
        self._watched_from = None
