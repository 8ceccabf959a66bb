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


class Nothing(Arguments):
    pass


class AccountArguments(Arguments):
    customer: Id


class RefundArguments(Arguments):
    invoice: Id
    amount: Amount
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class SetPlansArguments(Arguments):
    price_per_seat: Annotated[
        dict[str, Amount], Field(min_length=1, max_length=10, description="By plan, per seat and month")
    ]
    notice_days: Annotated[int, Field(ge=0, le=365)]


async def finances(hand: Hand, given: Nothing) -> Part | Refused:
    return await hand.ask(AskFinances())


async def account(hand: Hand, given: AccountArguments) -> Part | Refused:
    return await hand.ask(AskAccount(customer=given.customer))


async def refund(hand: Hand, given: RefundArguments) -> Part | Refused:
    return await hand.ask(
        Refund(invoice=given.invoice, amount=Micros(given.amount), reason=given.reason, action=hand.action)
    )


async def set_plans(hand: Hand, given: SetPlansArguments) -> Part | Refused:
    prices = {plan: Micros(amount) for plan, amount in given.price_per_seat.items()}
    return await hand.ask(SetPlans(price_per_seat=prices, notice_days=given.notice_days))


TOOLS: tuple[AnyTool, ...] = (
    Tool("finances", "Cash, what is owed, revenue and costs of the month, customers and prices.", Nothing, finances),
    Tool("account", "A customer's subscription and invoices, by the customer's id.", AccountArguments, account),
    Tool(
        "refund",
        "Pay back part or all of an invoice, for good; together never more than was charged.",
        RefundArguments,
        refund,
    ),
    Tool(
        "set_plans",
        "Set new list prices per seat and month. They apply after the notice; customers remember raises.",
        SetPlansArguments,
        set_plans,
    ),
)
