"""Service credits from what the cloud measured, what was recognised, and what the scenario's agreements promise."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bus.messages.cloud import ServiceMeasured
from bus.scenario import COMMON_AGREEMENT, BillingSection, CreditStep
from bus.simtime import DAY
from concern.verify.books import Fold
from concern.verify.journal import FILE, Journal
from concern.verify.report import Report

_PLAN = "service delivered on plan "
_PPM = 1_000_000


@dataclass
class _Day:
    """One close of the books by day."""

    served: dict[str, int] = field(default_factory=dict[str, int])
    """Revenue recognised, by plan."""
    credited: int = 0


def check_credits(section: BillingSection, journal: Journal, folded: Fold, report: Report) -> None:
    """Each day's credits are what its availability gives back of its revenue.

    Exact, but for what rounding each invoice takes away, and for invoices of which so much was refunded already that they
    hold no more.
    """
    check = report.check("credits: as measured and as agreed")
    days: dict[int, _Day] = defaultdict(_Day)
    for each in folded.entries:
        entry = each.entry
        if entry.kind == "recognition":
            days[entry.tick].served[entry.memo.removeprefix(_PLAN)] = each.parts.get("revenue:subscription", 0)
        elif entry.kind == "credit":
            days[entry.tick].credited -= each.parts.get("cost:credits", 0)
    before = credited = 0
    closed = {event.tick for _, event, _ in folded.ticks}
    for tick, day in sorted(days.items()):
        if tick not in closed:
            continue  # the record ends in the middle of it
        available = _available(section, journal, before, tick)
        before = tick
        most = sum(amount * _percent(available, _steps(section, plan)) // 100 for plan, amount in day.served.items())
        credited += most > 0
        holds = most - _lost(folded, credited) <= day.credited <= most
        check.must(holds, FILE, f"tick {tick}", f"{day.credited} credited, {most} due by availability")


def _lost(folded: Fold, days: int) -> int:
    """What a day's credits may lack after so many days with any: a micro-dollar an invoice by rounding, and the share of
    invoices that by refunds may hold less than their credits so far."""
    lost = len(folded.issued)
    for name, invoice in folded.issued.items():
        period = invoice.service_to - invoice.service_from
        daily = invoice.amount * DAY // period + 1 if period > 0 else 0
        if invoice.amount - folded.refunded.get(name, 0) < daily * days:
            lost += daily
    return lost


def _steps(section: BillingSection, plan: str) -> Sequence[CreditStep]:
    return COMMON_AGREEMENT if section.agreements is None else section.agreements.get(plan, ())


def _available(section: BillingSection, journal: Journal, first: int, last: int) -> list[int]:
    """Availability of the ticks from `first` to before `last`, in parts per million."""
    found: list[int] = []
    for heard in journal.families["cloud"]:
        event = heard.delivered.event
        if isinstance(event, ServiceMeasured) and first <= event.tick < last:
            lost = event.timed_out if section.timeouts_count else 0.0
            found.append(round(event.available * (1 - lost) * _PPM))
    return found


def _percent(available: Sequence[int], steps: Sequence[CreditStep]) -> int:
    short = [step.percent for step in steps if available and sum(available) < round(step.below * _PPM) * len(available)]
    return max(short, default=0)
