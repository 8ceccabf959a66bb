"""Following a world without a screen: a line for each simulated day."""

import typer

from bus.context import Context
from bus.money import dollars
from tui.feed import Source, listening
from tui.remote import Remote
from tui.state import Business, net_reward, reduce


async def print_days(ctx: Context, remote: Remote | None = None) -> Business:
    """Print a live world's days; returns it as last heard, when its reward is settled or voided.

    Nobody can press a key here: the `remote` stays unused.
    """
    del remote
    async with listening(ctx) as source:
        return await follow(source)


async def follow(source: Source) -> Business:
    """Print the days of any source of events."""
    business, day = Business(), 0
    async for delivered in source:
        business = reduce(business, delivered)
        closed = business.books.closed
        if closed is not None and closed.tick // 24 > day:
            day = closed.tick // 24
            typer.echo(day_line(day, business))
        if business.over:
            break
    return business


def day_line(day: int, business: Business) -> str:
    """One day in a line."""
    books, reward = business.books.closed, net_reward(business)
    assert books is not None, "a day ends with its books closed"
    earned = dollars(reward) if reward is not None else "?"
    return (
        f"day {day:>3}  reward {earned:>12}  mrr {dollars(books.mrr):>12}  customers {books.customers:>5}"
        f"  satisfaction {business.market.satisfaction or 0:5.2f}  open tickets {len(business.desk.unsolved):>4}"
        f"  alerts {len(business.hosting.alerts):>2}"
    )
