"""Running sessions over HTTP: each customer's in order, different customers' in parallel, and results in a fixed order."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio

from agents.users.accounts import Account
from agents.users.journeys import Journey, Outcome, Received, Visit, walk
from agents.users.mailbox import Post
from agents.users.products.interface import Product
from agents.web.wire import Door
from bus.chance import Chance
from bus.simtime import MINUTE, SimTime, calendar


@dataclass(frozen=True, slots=True)
class Assignment:
    """One session to run for real."""

    account: Account
    ordinal: int
    """Place among the tick's sessions; a customer's run in this order."""
    journey: Journey


@dataclass(frozen=True)
class Bench:
    """Where sessions run."""

    door: Door
    product: Product
    start: datetime
    """The calendar's first moment."""
    chance: Chance
    in_flight: int
    shares_links: float
    post: Post
    received: Received
    """What the customers' own receivers got from the product."""

    async def run(self, assignments: Sequence[Assignment], at: SimTime, tags: Container[str]) -> list[Outcome]:
        """Run one tick's sessions; the results are sorted by customer and ordinal, whatever overtook what.

        `tags` are those of all customers. Raises `EdgeGone` when the edge is not there.
        """
        by_customer: dict[str, list[Assignment]] = {}
        for one in sorted(assignments, key=lambda each: each.ordinal):
            by_customer.setdefault(one.account.customer, []).append(one)
        results: list[Outcome] = []
        free = anyio.CapacityLimiter(self.in_flight)

        async def work(own: list[Assignment]) -> None:
            async with free:
                for one in own:
                    results.append(await self._session(one, at, tags))  # noqa: PERF401 (one after the other)

        async with anyio.create_task_group() as tasks:
            for customer in sorted(by_customer):
                tasks.start_soon(work, by_customer[customer])
        return sorted(results, key=lambda each: (each.customer, each.ordinal))

    async def _session(self, one: Assignment, at: SimTime, tags: Container[str]) -> Outcome:
        draw = self.chance.python("users", "session", at, one.account.customer, one.ordinal)
        begins = SimTime(at + draw.randrange(50) * MINUTE)
        for person in one.account.people:
            person.visitor.at = begins
        visit = Visit(
            account=one.account,
            person=one.account.people[0] if one.journey.by_owner else draw.choice(one.account.people),
            door=self.door,
            host=self.product.host,
            at=at,
            now=calendar(self.start, at),
            chance=draw,
            tags=tags,
            shares_links=self.shares_links,
            post=self.post,
            received=self.received,
        )
        return await walk(one.journey, visit, one.ordinal, self.product.scrub)
