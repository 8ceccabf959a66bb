"""A journey is what somebody comes to do, with what they expect to find. Products define theirs; see `products/`."""

from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from agents.users.accounts import Account, Colleague, Item
from agents.users.mailbox import Inbox, Post
from agents.users.nonces import stranger
from agents.users.population.names import Identity
from agents.web.api import ApiClient
from agents.web.browser import Browser, Visitor
from agents.web.failure import JourneyFailed
from agents.web.wire import Door, Request
from bus.messages.cloud import Delivery
from bus.messages.users import PainKind, Segment
from bus.simtime import SimTime

Received = Callable[[str], Awaitable[list[Delivery]]]


@dataclass(frozen=True, slots=True)
class SharedLink:
    """An address that somebody sent outside the company, and the reference that shows its content."""

    target: str
    nonce: str


@dataclass
class Visit:
    """One session in progress."""

    account: Account
    person: Colleague
    door: Door
    host: str
    at: SimTime
    now: datetime
    """The same moment in the world's calendar, UTC."""
    chance: Random
    tags: Container[str]
    """Of all customers: a reference with another's tag is a leak."""
    post: Post
    """How mailboxes are read."""
    received: Received
    """What the customer's own receivers got, by the beginning of their address."""
    shares_links: float = 0.0
    """Chance that the address of a new item is sent outside."""
    shared: list[SharedLink] = field(default_factory=list[SharedLink])

    def browser(self, person: Colleague | None = None) -> Browser:
        """A new tab of this person's browser, or of a colleague's. It notices what belongs to strangers."""
        return Watchful(self.door, (person or self.person).visitor, self.host, account=self.account, tags=self.tags)

    def api(self, token: str) -> ApiClient:
        """The customer's own program."""
        return ApiClient(self.door, self.person.visitor, self.host, token)

    async def mailbox(self, person: Colleague | None = None) -> Inbox:
        """This person's mailbox, or a colleague's; what lies in it already is known and not new."""
        inbox = Inbox(self.post, (person or self.person).who.email, self.account.tag, self.tags)
        await inbox.new()
        return inbox

    def colleague(self) -> Colleague:
        """Somebody else of the company, or the same person where there is nobody else."""
        others = [one for one in self.account.people if one is not self.person]
        return self.chance.choice(others) if others else self.person

    def guest(self, who: Identity) -> Colleague:
        """Somebody whom the product does not know, in front of a browser of their own, now."""
        here = self.person.visitor
        return Colleague(-1, who, Visitor(here.address, who.user_agent, who.language, at=here.at))

    def nonce(self) -> str:
        """A fresh reference."""
        return f"{self.account.tag}-{self.chance.getrandbits(24):06x}"

    def keep(self, item: Item) -> Item:
        """Remember something that was just stored, and perhaps send its address to somebody outside."""
        item.born = self.at
        self.account.remember(item)
        self.share(item.target, item.nonce)
        return item

    def share(self, target: str, nonce: str) -> None:
        """Perhaps send an address to somebody outside."""
        if target and self.chance.random() < self.shares_links:
            self.shared.append(SharedLink(target, nonce))


@dataclass
class Watchful(Browser):
    """A browser in front of somebody who reads what is on the page."""

    account: Account = field(kw_only=True)
    tags: Container[str] = field(kw_only=True)

    async def _exchange(self, request: Request, step: str) -> None:
        await super()._exchange(request, step)
        seen = stranger(self.answer.text, self.account.tag, self.tags)
        if seen is not None:
            raise self.failure("foreign_item", step, "there is something of another company", item=seen)


Walk = Callable[[Visit], Awaitable[None]]


@dataclass(frozen=True)
class Journey:
    """One kind of session."""

    name: str
    theme: str
    """What it is about, for the user agents' tastes."""
    weights: Mapping[Segment, float]
    """How common it is among the sessions of a segment, relative to the others."""
    work: Mapping[str, float]
    """Requests of a session by kind of work (the kinds of the demand probe)."""
    walk: Walk
    """Raises `JourneyFailed` where the product fails."""
    words: str
    """What a customer calls it, as in "when I try to ... "."""
    by_owner: bool = False
    """Only the owner of the account can do it."""
    crowd: bool = False
    """It takes more than one person."""
    machine: bool = False
    """A program does it: common among customers with that habit."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a session ended early, with its evidence. Addresses are scrubbed of the product's own ids."""

    kind: PainKind
    step: str
    request: str
    response: str
    detail: str
    item: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an executed session ended."""

    customer: str
    ordinal: int
    """Of the session in this tick."""
    journey: str
    failure: Failure | None
    shared: tuple[SharedLink, ...] = ()


async def walk(journey: Journey, visit: Visit, ordinal: int, scrub: Callable[[str], str]) -> Outcome:
    """Run one session to its end, good or bad."""
    failure = None
    try:
        await journey.walk(visit)
    except JourneyFailed as error:
        failure = Failure(
            error.kind,
            error.step,
            scrub(error.exchange.request),
            scrub(error.exchange.response),
            scrub(error.detail),
            error.item,
        )
        for item in visit.account.items:
            item.doubtful = item.doubtful or (error.item == item.nonce)
    return Outcome(visit.account.customer, ordinal, journey.name, failure, tuple(visit.shared))
