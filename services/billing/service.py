"""Billing on the bus: it settles once a tick, and answers the operator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
from anyio.abc import TaskStatus

from bus.codec import RequestHead
from bus.context import Context, Step
from bus.messages.base import Part, Refused
from bus.messages.billing import (
    Account,
    AskAccount,
    AskFinances,
    BooksClosed,
    CompanyBankrupt,
    EntryPosted,
    Finances,
    InvoiceIssued,
    InvoiceRefunded,
    PlanList,
    PlansChanged,
    Refund,
    Refunded,
    SetPlans,
    SubscriptionChanged,
)
from bus.service import Service
from services.billing.books import Books, open_books
from services.billing.model import Stage, concerns, settle
from services.billing.plans import set_plans
from services.billing.refunds import refund
from services.billing.reports import account, finances
from services.billing.store import Store

R = TypeVar("R", bound=Part)


@dataclass
class Billing:
    """One world's billing: the books in memory, their record, and the bus.

    The books change, and are stored, without an await in between; so nobody ever sees half of a stage or a command.
    """

    ctx: Context
    books: Books
    store: Store

    async def settle(self, step: Step) -> None:
        """Book a stage: commit first, then publish."""
        with self.store.begin() as connection:
            heard = [message for message in step.messages if concerns(message.event)]
            fresh = self.store.outbox.fresh(connection, heard)
            settle(self.books, Stage(step.tick, step.now, step.closing), fresh)
            self.store.save(connection, self.books.take_changes())
        await self.store.outbox.publish_pending(self.ctx)

    async def refund(self, head: RequestHead, command: Refund) -> Refunded | Refused:
        return await self._once(head, lambda: refund(self.books, command, head.id, head.sim_time))

    async def set_plans(self, head: RequestHead, command: SetPlans) -> PlanList | Refused:
        return await self._once(head, lambda: set_plans(self.books, command, head.id, head.sim_time))

    async def account(self, head: RequestHead, command: AskAccount) -> Account | Refused:
        del head
        return account(self.books, command.customer)

    async def finances(self, head: RequestHead, command: AskFinances) -> Finances:
        del command
        return finances(self.books, max(self.books.now, head.sim_time))

    async def _once(self, head: RequestHead, carry_out: Callable[[], R | Refused]) -> R | Refused:
        """Carry out a command whose id was never seen before: commit first, then publish."""
        with self.store.begin() as connection:
            if not self.store.outbox.first_time(connection, head.id):
                return Refused(code="repeated", detail=f"request {head.id} was answered before; look at the account")
            answer = carry_out()
            self.store.save(connection, self.books.take_changes())
        await self.store.outbox.publish_pending(self.ctx)
        return answer


async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Keep the books until the episode is over."""
    store = Store(ctx.world.directory("billing") / "ledger.db")
    billing = Billing(ctx, open_books(ctx.world.scenario.billing), store)
    handlers = {
        AskAccount: billing.account,
        AskFinances: billing.finances,
        Refund: billing.refund,
        SetPlans: billing.set_plans,
    }
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ctx.serve, handlers)
            task_status.started()
            async for step in ctx.steps():
                await billing.settle(step)
            tasks.cancel_scope.cancel()
    finally:
        store.close()


service = Service(
    name="billing",
    run=run,
    publishes=(
        BooksClosed,
        CompanyBankrupt,
        EntryPosted,
        InvoiceIssued,
        InvoiceRefunded,
        PlansChanged,
        SubscriptionChanged,
    ),
    subscribes=("attackers", "cloud", "gateway", "users"),
    serves=(AskAccount, AskFinances, Refund, SetPlans),
)
