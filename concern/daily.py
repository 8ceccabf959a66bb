"""What `--headless` prints: a line for each simulated day."""

import anyio
import typer

from bus.context import Context
from bus.messages.billing import BooksClosed
from bus.messages.reward import RewardEntry, RewardStatus
from bus.money import Micros, dollars


async def print_days(ctx: Context) -> None:
    """Follow a world and print its days; returns when its reward is settled or voided."""
    day = _Day()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_follow_books, ctx, day)
        async for delivered in ctx.hear("reward"):
            event = delivered.event
            if isinstance(event, RewardEntry):
                day.earned = Micros(day.earned + event.amount)
                day.entries += 1
            elif isinstance(event, RewardStatus) and event.state in ("settled", "voided"):
                typer.echo(f"{event.state}: {dollars(event.sum) if event.sum is not None else event.reason}")
                tasks.cancel_scope.cancel()
                return


class _Day:
    """What the reward stream has said so far."""

    earned = Micros(0)
    entries = 0


async def _follow_books(ctx: Context, day: _Day) -> None:
    async for delivered in ctx.hear("billing"):
        books = delivered.event
        if isinstance(books, BooksClosed) and books.tick % 24 == 23:
            typer.echo(
                f"day {books.tick // 24 + 1:>3}  reward {dollars(day.earned):>12} in {day.entries:>4} entries"
                f"  cash {dollars(books.cash):>12}  mrr {dollars(books.mrr):>12}  customers {books.customers:>5}"
            )
