"""What somebody who wants what is not theirs does alike in any product with pages: guess, look around, open addresses."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from agents.users.population.names import Identity
from agents.users.products.interface import Attempt
from agents.web.browser import Browser

MOST_LOOT = 4
"""Pages that somebody reads who has got in."""
Settle = Callable[[Browser, str, Identity, str], Awaitable[str]]


@dataclass(frozen=True)
class PageIntruder:
    """See `agents.users.products.interface.Intruder`; the fields are a product's words and addresses."""

    inside: str
    """The link that only people with an account see; it leads to the list that is worth reading."""
    treasure: re.Pattern[str]
    """Addresses of what that list leads to."""
    beside: Mapping[re.Pattern[str], tuple[str, ...]]
    """What stands below an address of that form, and is worth trying with it."""
    settled: Settle
    """Sign up under a company's name and write something with a nonce; the address of that."""

    async def try_password(self, tab: Browser, email: str, password: str) -> Attempt:
        """One guess at somebody's password."""
        if tab.page.form("Log in") is None:
            await tab.go("/login", "open the log-in page", expect=(200, 403, 429), typed=True)
        if tab.page.form("Log in") is not None:
            entered = {"Email": email, "Password": password}
            await tab.press("Log in", entered, "log in", expect=(200, 401, 403, 422, 429), pain="error")
        if tab.answer.status == 429:
            return "throttled"
        if tab.answer.status == 403:
            return "blocked"
        return "in" if tab.answer.status == 200 and tab.page.link(self.inside) is not None else "wrong"

    async def loot(self, tab: Browser) -> str:
        """Read what there is, once in."""
        await tab.follow(self.inside, "look around")
        texts = [tab.page.text]
        for link in [link for link in tab.page.links if self.treasure.search(link.target)][:MOST_LOOT]:
            await tab.go(link.target, "look around")
            texts.append(tab.page.text)
        return "\n".join(texts)

    async def settle(self, tab: Browser, company: str, who: Identity, nonce: str) -> str:
        """Become a customer with something of one's own."""
        return await self.settled(tab, company, who, nonce)

    async def read(self, tab: Browser, target: str) -> str:
        """What an address shows; nothing if it refuses."""
        await tab.go(target, "open the address", expect=range(200, 500), typed=True)
        return tab.answer.text if tab.answer.status == 200 else ""

    def doors(self, target: str) -> tuple[str, ...]:
        """An address and those beside it."""
        below = next((ends for form, ends in self.beside.items() if form.search(target)), ())
        return (target, *(f"{target}/{end}" for end in below))
