"""Guessing passwords: one burst on one account, as naive tools do it."""

from dataclasses import dataclass

from agents.attackers.cast import Guesser, Target
from agents.users.nonces import references, tag_of
from agents.users.products.interface import Product
from agents.web.browser import Browser
from agents.web.failure import JourneyFailed
from agents.web.wire import Door
from bus.messages.attackers import AttemptEnded

GIVE_UP = 2
"""Throttled answers in a row after which the tool takes the next account."""


@dataclass
class Taken:
    """What attackers have seen of each victim, so that a record counts once."""

    seen: set[str]

    def new(self, found: set[str]) -> int:
        """How many of these were not seen before."""
        fresh = found - self.seen
        self.seen |= fresh
        return len(fresh)


async def guess(guesser: Guesser, target: Target, door: Door, product: Product, taken: Taken) -> AttemptEnded:
    """Try the passwords in order until one fits, the edge blocks, the product throttles, or the list ends.

    It succeeds only when the victim's own references can be read after logging in.
    """
    guesser.visitor.jar.clear()
    tab = Browser(door, guesser.visitor, product.host)
    before, throttled, outcome, records = door.sent, 0, "refused", 0
    try:
        for password in target.passwords:
            came = await product.intruder.try_password(tab, target.email, password)
            throttled = throttled + 1 if came == "throttled" else 0
            if came == "in":
                loot = references(await product.intruder.loot(tab), tag_of(target.customer))
                records = taken.new(loot)
                outcome = "succeeded" if loot else "refused"
                break
            if came == "blocked" or throttled >= GIVE_UP:
                outcome = "blocked" if came == "blocked" else "throttled"
                break
    except JourneyFailed as error:
        outcome = "blocked" if error.exchange.edge_error in ("blocked", "rate_limited") else "failed"
    return AttemptEnded(
        attacker=guesser.ident,
        kind="guess_password",
        address=guesser.visitor.address,
        requests=door.sent - before,
        outcome=outcome,
        victim=target.customer if outcome == "succeeded" else None,
        records=records,
        request=product.scrub(tab.exchange.request),
        response=product.scrub(tab.exchange.response),
    )
