"""Reading what belongs to others: an ordinary customer opens an address that came round."""

from agents.attackers.cast import Reader
from agents.attackers.guessing import Taken
from agents.users.products.interface import Product
from agents.web.browser import Browser
from agents.web.failure import JourneyFailed
from agents.web.wire import Door
from bus.messages.attackers import AttemptEnded
from bus.messages.users import LinkShared


async def read_foreign(reader: Reader, link: LinkShared, door: Door, product: Product, taken: Taken) -> AttemptEnded:
    """Open one shared address by all its doors.

    The positive control comes first: its own item must be readable, or nothing is said about the product (`failed`).
    It succeeds only when the answer holds the victim's reference.
    """
    tab = Browser(door, reader.visitor, product.host)
    before, outcome = door.sent, "refused"
    try:
        if not await _control(reader, tab, product):
            outcome = "failed"
        else:
            for target in product.intruder.doors(link.target):
                if link.nonce in await product.intruder.read(tab, target):
                    outcome = "succeeded"
                    break
    except JourneyFailed as error:
        outcome = "blocked" if error.exchange.edge_error in ("blocked", "rate_limited") else "failed"
    succeeded = outcome == "succeeded"
    return AttemptEnded(
        attacker=reader.ident,
        kind="read_foreign",
        address=reader.visitor.address,
        requests=door.sent - before,
        outcome=outcome,
        victim=link.customer if succeeded else None,
        records=taken.new({link.nonce}) if succeeded else 0,
        request=product.scrub(tab.exchange.request),
        response=product.scrub(tab.exchange.response),
    )


async def _control(reader: Reader, tab: Browser, product: Product) -> bool:
    """Whether it can read its own item; signs up or logs in where that is needed."""
    if reader.own is None:
        reader.own = await product.intruder.settle(tab, reader.company, reader.who, reader.nonce)
    if reader.nonce in await product.intruder.read(tab, reader.own):
        return True
    await product.intruder.try_password(tab, reader.who.email, reader.who.password)
    return reader.nonce in await product.intruder.read(tab, reader.own)
