"""A scene: one running product and three ordinary people in it, fresh for each check."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Self

from agents.web.api import ApiClient
from agents.web.browser import Browser
from catalog.checking.people import Person, company, somebody, stranger
from catalog.checking.protocols import Accounts, JobEnd, Letter, Profile, Site


@dataclass
class Scene:
    """The owner and a member of one company, and the owner of another. Accounts are made when they are first used."""

    site: Site
    accounts: Accounts
    chance: Random
    company: str
    owner: Person
    member: Person
    other_company: str
    outsider: Person
    """Owner of the other company."""
    _there: set[str] = field(default_factory=set[str])

    @classmethod
    def fresh(cls, site: Site, accounts: Accounts, chance: Random) -> Self:
        """A scene with new people, drawn from `chance`."""
        (first, domain), (second, elsewhere) = company(chance), company(chance)
        people = somebody(chance, domain), somebody(chance, domain), somebody(chance, elsewhere)
        return cls(site, accounts, chance, first, people[0], people[1], second, people[2])

    @property
    def now(self) -> datetime:
        """The moment in the product's calendar, UTC."""
        return self.site.now

    def nonce(self) -> str:
        """A fresh reference: letters and digits, found nowhere else."""
        return f"ref{self.chance.getrandbits(40):010x}"

    def visit(self) -> Browser:
        """Somebody without an account, with a browser and an address of their own."""
        return Browser(self.site.door(), stranger(self.chance), self.site.host)

    def tab(self, person: Person) -> Browser:
        """A new, empty tab of somebody's browser: it shares cookies with their other tabs. Logs nobody in."""
        return Browser(self.site.door(), person.visitor, self.site.host)

    async def enter(self, person: Person) -> Browser:
        """A new tab of somebody's browser, logged in, on the product's first page."""
        await self._admit(person)
        tab = self.tab(person)
        await self.accounts.enter(tab, person)
        return tab

    async def elsewhere(self, person: Person) -> Browser:
        """As `enter`, through a second instance of the product."""
        await self._admit(person)
        tab = Browser(await self.site.second_door(), person.visitor, self.site.host)
        await self.accounts.enter(tab, person)
        return tab

    async def other_device(self, person: Person) -> Browser:
        """As `enter`, on another device of the same person: nothing is shared with their browser."""
        await self._admit(person)
        tab = self.visit()
        await self.accounts.enter(tab, person)
        return tab

    async def program(self, person: Person) -> ApiClient:
        """A program with a token of that person's."""
        await self._admit(person)
        tab = self.tab(person)
        with self.site.admitting():
            token = await self.accounts.token(tab, "sync")
        return ApiClient(self.site.door(), person.visitor, self.site.host, token)

    def mailbox(self, address: str) -> list[Letter]:
        """Letters to that address, oldest first."""
        return [letter for letter in self.site.letters() if address in letter.to]

    async def run_job(self, name: str) -> JobEnd:
        """Run a background job now, as the platform's scheduler does."""
        return await self.site.run_job(name)

    def advance(self, **span: float) -> None:
        """Let simulated time pass: `scene.advance(days=1, hours=2)`. Instances see it at once."""
        self.site.set_clock(self.site.now + timedelta(**span))

    async def restart(self) -> None:
        """Restart all instances, as a deploy does."""
        await self.site.restart()

    async def profile(self) -> Profile:
        """What the product costs to serve, measured against the good one, once per product."""
        return await self.site.profile()

    def cpu_ns(self) -> int:
        """CPU that the first instance has used so far; compare two spans of one check, never two products."""
        return self.site.cpu_ns()

    async def _admit(self, person: Person) -> None:
        """Make the account if it is not there."""
        if person.email in self._there:
            return
        tab = self.tab(person)
        if person is self.member:
            await self._admit(self.owner)
        with self.site.admitting():
            if person is self.member:
                await self.accounts.join(self.tab(self.owner), tab, person)
            else:
                await self.accounts.found(tab, self.company if person is self.owner else self.other_company, person)
        self._there.add(person.email)
