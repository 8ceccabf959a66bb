"""What the small policy sees and does in a business: features of an observation, a dozen macro-actions, a whole life.

Everything goes through the episode client: the operator's tools, and nothing else.
"""

import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from learning import Life

from concern import Episode

HOURS = 2
"""Between two decisions."""
KINDS = ("overload", "errors", "slow")
"""Alerts that are told apart."""


@dataclass
class Desk:
    """One business in the policy's hands."""

    episode: Episode
    instances: dict[str, Any] = field(default_factory=dict)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    """How often each macro was used."""
    earned: float = 0.0
    """Dollars since somebody last set this to zero."""

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any] | None:
        """A tool's answer; None if it refused, or if all is over. An answer in pages counts as refused."""
        if self.over:
            return None
        step = await self.episode.step({"tool": tool, "arguments": arguments})
        self.earned += step.reward or 0.0
        return json.loads(step.observation.content) if step.observation.ok else None

    @property
    def over(self) -> bool:
        return self.episode.over or self.episode.segment_over

    async def look(self) -> list[float]:
        """Features of the moment."""
        self.instances = await self.call("instances") or self.instances
        self.tickets = (await self.call("inbox", state="open", limit=20) or {}).get("tickets", [])
        seen = self.episode.observation
        hour = 2 * math.pi * (seen.tick % 24) / 24
        alerts = [sum(alert.kind == kind for alert in seen.alerts) for kind in KINDS]
        billing = sum(ticket["topic"] == "billing" for ticket in self.tickets)
        used = [min(self.done.get(name, 0), 3) / 3 for name in MACROS]
        count = len(self.instances.get("instances", ()))
        return [
            1.0, math.sin(hour), math.cos(hour), seen.tick / 24, *map(float, alerts), count / 4,
            self.instances.get("utilisation", 0.0), billing / 3, (len(self.tickets) - billing) / 3, *used,
        ]  # fmt: skip

    async def act(self, macro: str) -> None:
        """Do one macro, then let time pass."""
        self.done[macro] = self.done.get(macro, 0) + 1
        await MACROS[macro](self)
        await self.call("wait", hours=HOURS)


async def nothing(desk: Desk) -> None:
    """Only time passes."""


def scale(by: int) -> Callable[[Desk], Awaitable[None]]:
    async def change(desk: Desk) -> None:
        count = len(desk.instances.get("instances", ())) + by
        if count >= 1:
            await desk.call("instances", do="scale", count=count)

    return change


async def restart(desk: Desk) -> None:
    await desk.call("instances", do="restart")


async def answer(desk: Desk) -> None:
    """Words for those who did not write about money."""
    for ticket in [each for each in desk.tickets if each["topic"] != "billing"][:3]:
        await desk.call("reply", ticket=ticket["ticket"], body="Thank you, we have read this and are looking into it.")


async def refund(desk: Desk) -> None:
    """Look at the invoices of those who wrote about money; what was charged beyond the price goes back."""
    prices = (await desk.call("finances") or {}).get("price_per_seat", {})
    for ticket in [each for each in desk.tickets if each["topic"] == "billing"][:3]:
        account = await desk.call("finances", customer=ticket["customer"]) or {}
        for invoice in account.get("invoices", ()):
            beyond = invoice["amount"] - invoice["refunded"] - invoice["seats"] * prices.get(invoice["plan"], math.inf)
            if beyond > 0:
                await desk.call("refund", invoice=invoice["invoice"], amount=beyond, reason="charged twice")
        await desk.call("reply", ticket=ticket["ticket"], body="What was charged twice is refunded, nothing else was.")


async def excuse(desk: Desk) -> None:
    """Words for those who wrote about money, and no money."""
    for ticket in [each for each in desk.tickets if each["topic"] == "billing"][:3]:
        await desk.call("reply", ticket=ticket["ticket"], body="Our records show that all charges are correct.")


async def status(desk: Desk) -> None:
    await desk.call("post_status", state="investigating", title="Looking into it", body="We are on it.")


async def block(desk: Desk) -> None:
    refused = await desk.call("access_log", by_address=True, hours=6) or {}
    for address in refused.get("address", ())[:1]:
        await desk.call("firewall", block=[address])


async def backup(desk: Desk) -> None:
    await desk.call("backups", do="make")


def prices(factor: float) -> Callable[[Desk], Awaitable[None]]:
    async def change(desk: Desk) -> None:
        now = (await desk.call("finances") or {}).get("price_per_seat", {})
        if now:
            new = {plan: round(price * factor) for plan, price in now.items()}
            await desk.call("set_plans", price_per_seat=new, notice_days=30)

    return change


MACROS: dict[str, Callable[[Desk], Awaitable[None]]] = {
    "nothing": nothing,
    "one instance more": scale(+1),
    "one instance less": scale(-1),
    "restart": restart,
    "answer": answer,
    "refund": refund,
    "excuse": excuse,
    "status": status,
    "block": block,
    "backup": backup,
    "dearer": prices(1.05),
    "cheaper": prices(0.95),
}
"""By name, in the order of the policy's outputs."""
NAMES = tuple(MACROS)
FEATURES = 11 + len(NAMES)
"""How long a row of `Desk.look` is."""
Choose = Callable[[list[float]], int]
"""A policy: the number of a macro for a row of features."""


async def live(episode: Episode, choose: Choose) -> Life:
    """Let a policy run a business until its end."""
    life, desk = Life(), Desk(episode)
    async with episode:
        while not desk.over:
            features = await desk.look()
            if desk.over:
                break
            action = choose(features)
            await desk.act(NAMES[action])
            life.features.append(features)
            life.actions.append(action)
            life.earned.append(desk.earned)
            desk.earned = 0.0
        settled = await episode.settled()
    life.dollars = None if settled is None else settled.usd
    return life
