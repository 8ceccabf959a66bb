"""What a scene stands on, and the narrower view of it that acceptance journeys get."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agents.web.api import ApiClient
from agents.web.browser import Browser
from agents.web.wire import Door
from catalog.checking.people import Person


@dataclass(frozen=True)
class Letter:
    """One mail that the product sent."""

    to: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True)
class JobEnd:
    """How a background job ended: its exit status and the end of its output."""

    code: int
    detail: str


@dataclass(frozen=True)
class Profile:
    """What the product costs to serve, measured against the good one."""

    ratio: Mapping[str, float]
    """CPU by kind of work (those of the market's demand probe), 1 where it costs the same."""
    leak_bytes: int
    """Memory that a request leaves behind."""


class Customer(Protocol):
    """A paying company that uses the product: all that an acceptance journey may need.

    A scene is one; so can be a customer of a running world, whose people then walk the journey as an ordinary session.
    """

    owner: Person
    member: Person
    """Of the owner's organisation, with the least role."""

    @property
    def now(self) -> datetime:
        """The moment in the product's calendar, UTC."""
        ...

    def nonce(self) -> str:
        """A fresh reference to write, and to read back."""
        ...

    async def enter(self, person: Person) -> Browser:
        """A new tab of somebody's browser, logged in, on the product's first page."""
        ...

    async def program(self, person: Person) -> ApiClient:
        """A program with a token of that person's."""
        ...


class Accounts(Protocol):
    """How people get into one product. Written once per product: `catalog/<product>/accounts.py`, as `accounts`."""

    async def found(self, tab: Browser, company: str, owner: Person) -> None:
        """Sign up as a new company; the tab is logged in afterwards."""
        ...

    async def join(self, owner: Browser, tab: Browser, member: Person) -> None:
        """The owner invites, the member accepts in a tab of their own, which is logged in afterwards."""
        ...

    async def enter(self, tab: Browser, person: Person) -> None:
        """Open the product's first page, logging in if the browser is not."""
        ...

    async def token(self, tab: Browser, name: str) -> str:
        """Make a token for a program, in a tab that is logged in."""
        ...


class Site(Protocol):
    """A running product, as whoever hosts it lets a scene handle it."""

    host: str

    @property
    def now(self) -> datetime: ...

    def door(self) -> Door:
        """Where the product is reached; the same one after a restart."""
        ...

    async def second_door(self) -> Door:
        """The way to a second instance on the same data, started when it is first asked for."""
        ...

    def admitting(self) -> AbstractContextManager[None]:
        """While accounts are made: a hostile product lets that pass, to be hostile to those who are in."""
        ...

    def set_clock(self, moment: datetime) -> None:
        """Time for all of the product's processes. It stands still between two calls, and never goes back."""
        ...

    async def run_job(self, name: str) -> JobEnd:
        """Run a job of the product's `deploy/infra.toml` to its end."""
        ...

    async def restart(self) -> None:
        """Stop all instances politely and start them anew."""
        ...

    def letters(self) -> Sequence[Letter]:
        """All mail that the product has sent so far, oldest first."""
        ...

    async def profile(self) -> Profile:
        """Measured once per product, and kept by content."""
        ...

    def cpu_ns(self) -> int:
        """CPU that the first instance has used so far, measured outside."""
        ...
