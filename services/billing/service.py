"""Billing on the bus: it settles once a tick, and answers the operator."""

from dataclasses import dataclass

import anyio
from anyio.abc import TaskStatus

from bus.codec import RequestHead
from bus.context import Context, Step
from bus.messages.base import Refused
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
from services.billing.refunds import refund, refunded
from services.billing.reports import account, finances
from services.billing.store import Store


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
        """Refund once; the same request asked again is answered with how the invoice stands."""
        with self.store.begin() as connection:
            if not self.store.outbox.first_time(connection, head.id):
                return refunded(self.books.invoices[command.invoice])
            answer = refund(self.books, command, head.id, head.sim_time)
            self.store.save(connection, self.books.take_changes())
        await self.store.outbox.publish_pending(self.ctx)
        return answer

    async def set_plans(self, head: RequestHead, command: SetPlans) -> PlanList | Refused:
        """Announce prices; asked again it announces the same again, for the same months."""
        with self.store.begin() as connection:
            self.store.outbox.first_time(connection, head.id)
            answer = set_plans(self.books, command, head.id, head.sim_time)
            self.store.save(connection, self.books.take_changes())
        await self.store.outbox.publish_pending(self.ctx)
        return answer

    async def account(self, head: RequestHead, command: AskAccount) -> Account | Refused:
        del head
        return account(self.books, command.customer)

    async def finances(self, head: RequestHead, command: AskFinances) -> Finances:
        del command
        return finances(self.books, max(self.books.now, head.sim_time))


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
