"""The operator's prices."""

from typing import Final

from bus.messages.base import Refused
from bus.messages.billing import PlanList, PlansChanged, SetPlans
from bus.money import MICROS_PER_DOLLAR, Micros, dollars
from bus.simtime import DAY, SimTime
from services.billing.books import Books

HIGHEST_PRICE: Final = Micros(10_000 * MICROS_PER_DOLLAR)
"""Per seat and month; far above any software, and low enough that no charge leaves the ledger's range."""
LONGEST_NOTICE: Final = 3650
"""Days."""


def set_plans(books: Books, command: SetPlans, request: str, at: SimTime) -> PlanList | Refused:
    """Announce list prices. They hold for months that begin once the notice is over, for new customers too.

    Only what becomes dearer needs the scenario's notice.
    """
    refusal = _refusal(books, command, at)
    if refusal is not None:
        return refusal
    books.now = max(books.now, at)
    effective = SimTime(books.now + command.notice_days * DAY)
    books.prices.announce(command.price_per_seat, effective)
    prices = books.prices.at(effective)
    books.say(PlansChanged(price_per_seat=prices, effective_at=effective), request)
    return PlanList(price_per_seat=prices, effective_at=effective)


def _refusal(books: Books, command: SetPlans, at: SimTime) -> Refused | None:
    shortest = books.section.price_notice_days if _dearer(books, command, at) else 0
    if not shortest <= command.notice_days <= LONGEST_NOTICE:
        detail = f"notice_days must be {shortest} to {LONGEST_NOTICE}, got {command.notice_days}"
        return Refused(code="bad_notice", detail=detail)
    if not command.price_per_seat:
        return Refused(code="no_prices", detail="price_per_seat names no plan")
    for plan, price in command.price_per_seat.items():
        if plan not in books.prices.plans:
            detail = f"there is no plan {plan[:60]!r}; known: {', '.join(books.prices.plans)}"
            return Refused(code="unknown_plan", detail=detail)
        if not 0 <= price <= HIGHEST_PRICE:
            detail = f"{plan}: a price must be 0 to {dollars(HIGHEST_PRICE)}, got {price} micro-dollars"
            return Refused(code="bad_price", detail=detail)
    return None


def _dearer(books: Books, command: SetPlans, at: SimTime) -> bool:
    """Whether any plan would cost more than it does now, or than it was announced to by then."""
    begins = max(books.now, at)
    now, then = books.prices.at(begins), books.prices.at(SimTime(begins + command.notice_days * DAY))
    asked = command.price_per_seat.items()
    return any(price > min(now[plan], then[plan]) for plan, price in asked if plan in now)
