"""Two made-up weeks of a company, seeded: every public family, joys and troubles. Run it to look at the screen:

python tests/tui/made_up_business.py [HOURS A SECOND] [voided]
"""

import random
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import anyio
from told import Teller

from bus.messages.attackers import AttemptEnded
from bus.messages.base import Delivered, Event
from bus.messages.billing import BooksClosed, InvoiceRefunded
from bus.messages.clock import Control, Phase, Tick
from bus.messages.cloud import (
    AlertCleared,
    AlertRaised,
    EdgeOpened,
    InstanceChanged,
    ReleaseFailed,
    ReleaseLive,
    ServiceMeasured,
    UsageLine,
    UsageMetered,
)
from bus.messages.desk import StatusPosted, TicketClosed, TicketMessage, TicketOpened
from bus.messages.gateway import ActionEnded, TurnEnded
from bus.messages.reward import Cause, RewardEntry, RewardPart, RewardStatus, Usage
from bus.messages.users import CohortWorked, CustomerChurned, CustomerJoined, PainFelt
from bus.money import usd
from bus.simtime import HOUR, MINUTE
from tui.playbill import Playbill

PLAYBILL = Playbill(
    title="A small tracker company",
    operator="reactive",
    clock_mode="lockstep",
    isolation="full",
    start=datetime(2026, 3, 2, tzinfo=UTC),
)
SUBJECTS = (
    "Board loads very slowly since Monday",
    "Charged twice in February",
    "Cannot invite a colleague: error 500",
    "Export loses the due dates",
    "How do I rename a project?",
    "请问如何导出任务",
    "I see tasks that are not ours!",
)
CUSTOMERS = ("Alder & Sons", "Birch Studio", "Cedar Logistics", "Dogwood Dental", "Elm Analytics GmbH")
CALLS = (
    ("inbox", "cursor=41"),
    ("bash", "pytest -q tests/test_boards.py"),
    ("edit_file", "tracker/boards.py: load labels with the tasks"),
    ("logs", "contains='Traceback', lines=200"),
    ("reply", "t_x4f: it is fixed, please look again"),
    ("deploy", "ref=HEAD"),
    ("refund", "in_77: $24.00, charged twice"),
    ("metrics", ""),
)


class MadeUp:
    """The state that the made-up events tell of."""

    def __init__(self, seed: int, days: int) -> None:
        self.chance = random.Random(seed)
        self.teller = Teller()
        self.ticks = days * 24
        self.index = 0
        self.revenue = {"subscription": 0, "refunds": 0}
        self.costs = {"hosting": 0, "fixed": 0, "fees": 0}
        self.customers, self.seats = 240, 3_120
        self.tickets: list[str] = []
        self.opened = self.calls = self.entries = 0
        self.slow = False

    def events(self, *, voided: bool = False) -> Iterator[Delivered]:
        """Everything, from the first word to the last."""
        yield from self._say(0, EdgeOpened(socket="edge.sock", isolation="full"), Control(state="started"))
        yield from self._say(0, self._status("started", 0, public_key="00"))
        yield from self._say(0, ReleaseLive(release="r_7f3a", commit="c0ffee", previous=None))
        for number in range(8):
            yield from self._say(0, self._instance(number, "ready"))
        stop = self.ticks // 2 if voided else self.ticks
        for tick in range(stop):
            yield from self._tick(tick)
        yield from self._end(stop, voided)

    def _say(self, at: int, *events: Event) -> Iterator[Delivered]:
        for event in events:
            yield self.teller.tell(event, at)

    def _tick(self, tick: int) -> Iterator[Delivered]:
        at, chance = tick * HOUR, self.chance
        phase = Phase(tick=tick, stage=0, phase="traffic", participants=("users",), watermarks={})
        yield from self._say(at, Tick(tick=tick, of=self.ticks), phase)
        hour = tick % 24
        busy = 0.25 + 0.5 * max(0.0, 1 - abs(hour - 13) / 7) + chance.random() * 0.1
        yield from self._say(at, *self._trouble(tick))
        yield from self._say(at, *self._people(tick, busy), *self._served(tick, busy))
        yield from self._say(at, *self._tickets(at), *self._money(tick))
        yield from self._operate(tick)

    def _trouble(self, tick: int) -> Iterator[Event]:
        if tick % 61 == 40:
            self.slow = True
            yield AlertRaised(alert=f"a_{tick}", kind="overload", detail="utilisation above 90 % for 2 h")
            yield self._instance(3, "crashed")
            yield StatusPosted(post=f"p_{tick}", state="investigating", title="Boards are slow", body="We look.")
        if tick % 61 == 47 and tick > 47:
            self.slow = False
            yield AlertCleared(alert=f"a_{tick - 7}", kind="overload")
            yield self._instance(3, "ready")
            yield ReleaseLive(release=f"r_{tick:04x}", commit="beef", previous="r_7f3a")
            yield StatusPosted(post=f"q_{tick}", state="resolved", title="Boards are quick again", body="Done.")
        if tick % 97 == 30:
            yield ReleaseFailed(commit="dead", step="health", detail="GET /healthz answered 500")
        if tick % 9 == 4:
            outcome = self.chance.choice(["refused", "refused", "throttled", "blocked", "succeeded"])
            taken = 12 if outcome == "succeeded" else 0
            yield AttemptEnded(
                attacker="guesser-1", kind="guess_password", address="203.0.113.7",
                requests=self.chance.randrange(5, 90), outcome=outcome, records=taken,
            )  # fmt: skip

    def _people(self, tick: int, busy: float) -> Iterator[Event]:
        for agent in range(2):
            sessions = int(busy * 400)
            yield CohortWorked(
                agent=f"ua-{agent}", tick=tick, customers=self.customers // 2, users=self.seats // 2,
                active=int(busy * self.seats / 4), satisfaction=0.71 if self.slow else 0.86, pain=usd(3 if self.slow else 0),
                journey=("board",), sessions=(sessions,), executed=(2,), failed=(9 if self.slow else 0,),
            )  # fmt: skip
        if self.slow:
            yield PainFelt(
                agent="ua-0", customer="c_1", kind="slow", amount=usd(1), journey="board", step="open",
                request="GET /boards/1", response="200",
            )  # fmt: skip
        if tick % 13 == 3:
            self.customers, self.seats = self.customers + 1, self.seats + 9
            yield CustomerJoined(
                agent="ua-0", customer=f"c_{tick}", name="New", segment="team", plan="team", seats=9,
                wallet=usd(900), income=usd(300),
            )  # fmt: skip
        if tick % 29 == 11:
            self.customers, self.seats = self.customers - 1, self.seats - 6
            yield CustomerChurned(agent="ua-0", customer=f"c_{tick}", reason="dissatisfied")

    def _served(self, tick: int, busy: float) -> Iterator[Event]:
        load = min(0.99, busy + (0.3 if self.slow else 0))
        yield ServiceMeasured(
            tick=tick, release=None, instances=8, available=0.75 if self.slow and tick % 3 == 0 else 1.0,
            utilisation=load, latency_ms={"read": 20 / (1.01 - load), "search": 45 / (1.01 - load)},
            timed_out=0.012 if self.slow else 0.0,
        )  # fmt: skip
        cost = usd("0.90")
        yield UsageMetered(tick=tick, lines=(UsageLine(item="instances", quantity=8, unit="h", cost=cost),))

    def _tickets(self, at: int) -> Iterator[Event]:
        chance = self.chance
        if chance.random() < 0.2:
            self.opened += 1
            ticket = f"t_{self.opened}"
            self.tickets.append(ticket)
            yield TicketOpened(
                ticket=ticket, customer="c_1", customer_name=chance.choice(CUSTOMERS), topic="problem",
                subject=chance.choice(SUBJECTS), body="…", at=at,
            )  # fmt: skip
        if self.tickets and chance.random() < 0.22:
            ticket = chance.choice(self.tickets)
            yield TicketMessage(ticket=ticket, customer="c_1", author="company", body="Mended.")
            if chance.random() < 0.8:
                self.tickets.remove(ticket)
                yield TicketClosed(ticket=ticket, customer="c_1", hours_open=3.0)

    def _money(self, tick: int) -> Iterator[Event]:
        earned = [usd("51.37") // 24 + self.chance.randrange(900_000) for _ in range(24)]
        for amount in earned:
            self.revenue["subscription"] += amount
            yield self._reward(tick, amount, "recognition", "revenue:subscription", "customer")
        for kind, account, amount in (("hosting", "hosting", usd("7.90")), ("fixed_cost", "fixed", usd("12.50"))):
            self.costs[account] += amount
            yield self._reward(tick, -amount, kind, f"cost:{account}", "company")
        if tick % 50 == 21:
            self.revenue["refunds"] -= usd(1_624)
            yield InvoiceRefunded(
                invoice=f"in_{tick}", customer="c_1", amount=usd(1_624), by="operator", reason="charged twice"
            )
            yield self._reward(tick, -usd(1_624), "refund", "revenue:refunds", "operator")
        net = sum(self.revenue.values()) - sum(self.costs.values())
        yield BooksClosed(
            tick=tick, equity=usd(30_000) + net, cash=usd(30_000) + net, deferred=usd("18220.40"), owed=usd(310),
            revenue=dict(self.revenue), costs=dict(self.costs), customers=self.customers, seats=self.seats,
            mrr=self.seats * usd("12.20"), ledger_hash="00",
        )  # fmt: skip

    def _operate(self, tick: int) -> Iterator[Delivered]:
        at = tick * HOUR
        for number in range(self.chance.choice([0, 0, 1, 2, 3])):
            self.calls += 1
            begin = at + (number * 7 + 4) * MINUTE
            tool, summary = self.chance.choice(CALLS)
            call = ActionEnded(
                action_id=f"ac_{self.calls}", turn_id=f"tu_{tick}", tool=tool, summary=summary,
                ok=self.chance.random() > 0.08, sim_time0=begin, sim_time1=begin + MINUTE,
            )  # fmt: skip
            yield from self._say(begin, call)
        turn = TurnEnded(
            turn_id=f"tu_{tick}", tick=tick, action_ids=(), sim_time0=at, sim_time1=at, wall0=0, wall1=0,
            usage=Usage(prompt_tokens=2_100, completion_tokens=140, cost=usd("0.02")),
        )  # fmt: skip
        yield from self._say(at, turn)

    def _end(self, tick: int, voided: bool) -> Iterator[Delivered]:
        at = tick * HOUR
        if voided:
            why: dict[str, Any] = {"failure_kind": "service_died", "reason": "billing: exited with status 1"}
            yield from self._say(at, Control(state="ended", outcome="voided", **why))
            yield from self._say(at, self._status("voided", tick, **why))
            return
        total = sum(self.revenue.values()) - sum(self.costs.values())
        yield from self._say(at, Tick(tick=tick, of=self.ticks), Control(state="ending", outcome="truncated"))
        yield from self._say(at, Control(state="ended", outcome="truncated"))
        settled = self._status("settled", tick, count=self.entries, sum=total, sha256="9f86d081884c7d65" * 4)
        yield from self._say(at, settled)

    def _reward(self, tick: int, amount: int, kind: str, account: str, actor: str) -> RewardEntry:
        self.index += 1
        self.entries += 1
        return RewardEntry(
            index=self.index, tick=tick, amount=amount, kind=kind, ledger_entry=f"en_{self.index}",
            parts=(RewardPart(account=account, amount=amount),), cause=Cause(actor=actor, kind=kind),
            isolation="full", shaped=amount, prev_hash="0" * 64, sig="",
        )  # fmt: skip

    def _status(self, state: Any, tick: int, **more: Any) -> RewardStatus:
        self.index += 1
        return RewardStatus(
            index=self.index, state=state, tick=tick, isolation="full", prev_hash="0" * 64, sig="", **more
        )

    def _instance(self, number: int, state: Any) -> InstanceChanged:
        return InstanceChanged(instance=f"i_{number}", release="r_7f3a", size="small", state=state)


def made_up(days: int = 14, *, seed: int = 7, voided: bool = False) -> list[Delivered]:
    """All of it."""
    return list(MadeUp(seed, days).events(voided=voided))


async def at_once(events: list[Delivered]) -> AsyncIterator[Delivered]:
    """As a source that never waits."""
    for delivered in events:
        yield delivered


async def _paced(events: list[Delivered], hours_a_second: float) -> AsyncIterator[Delivered]:
    """As a replay: simulated time against real time."""
    start = anyio.current_time()
    for delivered in events:
        due = start + delivered.envelope.sim_time / HOUR / hours_a_second
        await anyio.sleep_until(due)  # noqa: TID251 (a demonstration for the eye, not a test)
        yield delivered


async def _main(hours_a_second: float, voided: bool) -> None:
    from tui.app import watch

    await watch(_paced(made_up(voided=voided), hours_a_second), PLAYBILL)


if __name__ == "__main__":
    anyio.run(_main, float(sys.argv[1]) if len(sys.argv) > 1 else 12.0, "voided" in sys.argv)
