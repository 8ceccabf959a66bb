"""How people get into a product whose pages call these things by other words: found, join, log in, make a token."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from agents.web.browser import Browser
from catalog.checking.people import Person


@dataclass(frozen=True)
class Entrance:
    """See `catalog.checking.protocols.Accounts`; the fields are a product's words and addresses."""

    company: str
    """The label of the company's name in the form for a new account."""
    least_role: str
    """The role with which a member of a scene is invited."""
    join_button: str
    """The button of an invitation."""
    home: str
    """Address of the page that only people with an account see."""
    inside: str
    """The link that stands on every page of somebody who is in."""
    tokens: str
    """Address of the page with the form for a token."""

    async def found(self, tab: Browser, company: str, owner: Person) -> None:
        """Sign up; the owner of a new company."""
        await tab.go("/signup", "open the form", typed=True)
        account = {self.company: company, "Your name": owner.name, "Email": owner.email, "Password": owner.password}
        await tab.press("Create account", account, "sign up")
        self._inside(tab, "sign up")

    async def join(self, owner: Browser, tab: Browser, member: Person) -> None:
        """Invite somebody, who follows the link and joins."""
        await owner.go("/members", "open the members", typed=True)
        invited = {"Email": member.email, "Role": self.least_role}
        await owner.press("Create invitation", invited, "invite", expect=(200, 201))
        links = [link.target for link in owner.page.links if "/join/" in link.target]
        if not links:
            raise owner.failure("error", "invite", "there is no invitation link")
        await tab.go(urlsplit(links[0]).path, "open the invitation", typed=True)
        await tab.press(self.join_button, {"Your name": member.name, "Password": member.password}, "join")
        self._inside(tab, "join")

    async def enter(self, tab: Browser, person: Person) -> None:
        """Open the product, and log in where it asks for that."""
        await tab.go(self.home, "open the product", typed=True)
        if tab.target.startswith("/login"):
            await tab.press("Log in", {"Email": person.email, "Password": person.password}, "log in", pain="error")
        self._inside(tab, "log in")

    async def token(self, tab: Browser, name: str) -> str:
        """Make a token for programs and return it."""
        await tab.go(self.tokens, "open the tokens", typed=True)
        await tab.press("Create token", {"Token name": name}, "make a token", expect=(200, 201))
        shown = tab.page.texts("code", "token")
        if not shown:
            raise tab.failure("error", "make a token", "the token is not shown")
        return shown[0]

    def _inside(self, tab: Browser, step: str) -> None:
        if tab.page.link(self.inside) is None:
            raise tab.failure("error", step, f"the link {self.inside} is not shown after it")
