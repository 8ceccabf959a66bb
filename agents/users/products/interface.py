"""What the market must know of a product to use it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from agents.users.accounts import Account
from agents.users.journeys import Journey
from agents.users.population.columns import Population
from agents.users.population.names import Identity
from agents.users.voices.letters import Ask
from agents.web.browser import Browser
from bus.chance import Chance
from bus.scenario import Scenario

Attempt = Literal["in", "wrong", "throttled", "blocked"]


class Intruder(Protocol):
    """How somebody with bad intent uses the product: a browser and the pages that everybody has.

    Methods raise `JourneyFailed` where the service is of no use to anybody.
    """

    async def try_password(self, tab: Browser, email: str, password: str) -> Attempt:
        """Type one password into the log-in form."""
        ...

    async def loot(self, tab: Browser) -> str:
        """The text of what can be seen once somebody is logged in."""
        ...

    async def settle(self, tab: Browser, company: str, who: Identity, nonce: str) -> str:
        """Sign up as an ordinary customer and store something with that reference; returns its address."""
        ...

    async def read(self, tab: Browser, target: str) -> str:
        """What an address shows: the text of the page or file, empty if it is refused."""
        ...

    def doors(self, target: str) -> tuple[str, ...]:
        """The addresses by which the thing at `target` may be reached."""
        ...


@dataclass(frozen=True)
class Product:
    """One product, as its users know it."""

    name: str
    """Folder under `saas_clone/`."""
    host: str
    """Its public name."""
    journeys: tuple[Journey, ...]
    sign_up: Journey
    """How a new customer begins; the account has no people in the product before."""
    history: Callable[[Scenario, Population, Chance], dict[str, Any]]
    """The input of the product's `seed` command: everything customers stored before the episode."""
    account: Callable[[datetime, Population, int, Chance], Account]
    """An executed customer as the episode begins (at the calendar's first moment), by its row."""
    probe_plan: Callable[[Population, Chance], dict[str, Any]]
    """The cloud's demand probe: log-in steps, and for each kind of work its demand and a request."""
    scrub: Callable[[str], str]
    """Takes what the product drew by chance (its ids) out of a text."""
    intruder: Intruder
    asks: tuple[Ask, ...]
    """Ordinary questions to support."""
    wishes: tuple[Ask, ...]
    """Features that people ask for, in words."""
