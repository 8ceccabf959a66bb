"""Tools over the company's money. All amounts are integer micro-dollars: 1000000 is one dollar."""

from typing import Annotated

from pydantic import Field

from bus.messages.base import Part, Refused
from bus.messages.billing import AskAccount, AskFinances, Refund, SetPlans
from bus.money import Micros
from services.gateway.registry import AnyTool, Arguments, Hand, Tool

Id = Annotated[str, Field(min_length=1, max_length=100)]
MAX_AMOUNT = 10**15
"""A thousand million dollars in micro-dollars: above anything real, and far below where integers would not fit."""
Amount = Annotated[int, Field(gt=0, le=MAX_AMOUNT, description="Micro-dollars: 1000000 is one dollar")]


class FinancesArguments(Arguments):
    customer: Annotated[Id | None, Field(description="Customer's id: that account instead of the company")] = None


class RefundArguments(Arguments):
    invoice: Annotated[Id, Field(description="As finances shows it for the customer")]
    amount: Amount
    reason: Annotated[str, Field(min_length=1, max_length=500, description="For the books")]


class SetPlansArguments(Arguments):
    price_per_seat: Annotated[
        dict[str, Amount],
        Field(min_length=1, max_length=10, description="By plan, per seat and month; plans left out keep theirs"),
    ]
    notice_days: Annotated[int, Field(ge=0, le=365, description="Days until they apply")]


async def finances(hand: Hand, given: FinancesArguments) -> Part | Refused:
    return await (hand.ask(AskFinances()) if given.customer is None else hand.ask(AskAccount(customer=given.customer)))


async def refund(hand: Hand, given: RefundArguments) -> Part | Refused:
    return await hand.ask(
        Refund(invoice=given.invoice, amount=Micros(given.amount), reason=given.reason, action=hand.action)
    )


async def set_plans(hand: Hand, given: SetPlansArguments) -> Part | Refused:
    prices = {plan: Micros(amount) for plan, amount in given.price_per_seat.items()}
    return await hand.ask(SetPlans(price_per_seat=prices, notice_days=given.notice_days))


TOOLS: tuple[AnyTool, ...] = (
    Tool(
        "finances",
        "The company's money, in micro-dollars (1000000 is one dollar): cash, what customers have prepaid (deferred), "
        "what is owed, monthly recurring revenue, prices with the notice that a raise needs, and revenue and costs of this "
        "month of 30 days. With a customer's id, that customer's plan, seats and invoices instead. Example: "
        '{"customer": "c_…"}, as a ticket names it. An unknown customer is refused.',
        FinancesArguments,
        finances,
    ),
    Tool(
        "refund",
        "Pay back part or all of an invoice, at once and for good. Give back what is owed, never more than was charged. "
        'Example: {"invoice": "in_…", "amount": 12000000, "reason": "charged twice"}. Refused, with what is left, if the '
        "invoice is unknown, already given back, or larger than the cash.",
        RefundArguments,
        refund,
    ),
    Tool(
        "set_plans",
        "Announce new list prices per seat and month, in micro-dollars. Months that begin after the notice cost the new "
        'price; customers remember raises. Example: {"price_per_seat": {"team": 13000000}, "notice_days": 30}. '
        "Refused: an unknown plan, or a raise with a shorter notice than the contracts allow (a cut needs none).",
        SetPlansArguments,
        set_plans,
    ),
)
