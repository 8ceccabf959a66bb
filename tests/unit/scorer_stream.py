"""Ledger entries and a signing chain for tests, without bus or database."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Envelope, Event
from bus.messages.billing import BooksClosed, EntryPosted, Line
from bus.messages.reward import Cause
from bus.money import Micros
from bus.simtime import HOUR, SimTime
from services.scorer.chain import Chain
from services.scorer.model import Draft, effect

EPISODE = EpisodeId("e_aaaaaaaaaaaa")


def entry(name: str, tick: int = 0, action: str | None = None, kind: str = "hosting", **lines: int) -> EntryPosted:
    """An entry; a line's account is written with `_` for `:`."""
    return EntryPosted.model_validate(
        {
            "entry": name, "tick": tick, "at": tick * HOUR, "kind": kind, "actor": "cloud", "memo": "", "action": action,
            "lines": tuple(Line(account=key.replace("_", ":"), amount=Micros(value)) for key, value in lines.items()),
        }
    )  # fmt: skip


def books(tick: int, mrr: int) -> BooksClosed:
    zero = Micros(0)
    return BooksClosed(
        tick=tick, equity=zero, cash=zero, deferred=zero, owed=zero, revenue={}, costs={}, customers=1, seats=1,
        mrr=Micros(mrr), ledger_hash="",
    )  # fmt: skip


def heard(*events: Event, cause: str | None = None) -> list[Delivered]:
    """Events as a step delivers them."""
    return [
        Delivered(
            Envelope(id=f"{event.family()}-{n}", episode=EPISODE, sim_time=SimTime(0), seq=n, cause_id=cause), event
        )
        for n, event in enumerate(events, 1)
    ]


def draft(number: int, amount: int) -> Draft:
    posted = entry(f"en_{number}", number, asset_cash=amount, cost_hosting=-amount)
    return Draft(posted, effect(posted), Cause(actor="cloud", kind="hosting"), f"billing-{number}")


def chain() -> Chain:
    return Chain(Ed25519PrivateKey.generate(), EPISODE, "full")
