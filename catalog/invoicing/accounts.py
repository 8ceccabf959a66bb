"""How people get into the invoicing product: sign up, invite and join, log in, make a token."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from agents.web.browser import Browser
from catalog.checking.people import Person


@dataclass(frozen=True)
class InvoicingAccounts:
    """See `catalog.checking.protocols.Accounts`. A member is a reader: the least role."""

    async def found(self, tab: Browser, company: str, owner: Person) -> None:
        await tab.go("/signup", "open the form", typed=True)
        account = {"Firm name": company, "Your name": owner.name, "Email": owner.email, "Password": owner.password}
        await tab.press("Create account", account, "sign up")
        _inside(tab, "sign up")

    async def join(self, owner: Browser, tab: Browser, member: Person) -> None:
        await owner.go("/members", "open the members", typed=True)
        invited = {"Email": member.email, "Role": "Reader"}
        await owner.press("Create invitation", invited, "invite", expect=(200, 201))
        links = [link.target for link in owner.page.links if "/join/" in link.target]
        if not links:
            raise owner.failure("error", "invite", "there is no invitation link")
        await tab.go(urlsplit(links[0]).path, "open the invitation", typed=True)
        await tab.press("Join firm", {"Your name": member.name, "Password": member.password}, "join")
        _inside(tab, "join")

    async def enter(self, tab: Browser, person: Person) -> None:
        await tab.go("/overview", "open the product", typed=True)
        if tab.target.startswith("/login"):
            await tab.press("Log in", {"Email": person.email, "Password": person.password}, "log in", pain="error")
        _inside(tab, "log in")

    async def token(self, tab: Browser, name: str) -> str:
        await tab.go("/account", "open the account", typed=True)
        await tab.press("Create token", {"Token name": name}, "make a token", expect=(200, 201))
        shown = tab.page.texts("code", "token")
        if not shown:
            raise tab.failure("error", "make a token", "the token is not shown")
        return shown[0]


def _inside(tab: Browser, step: str) -> None:
    if tab.page.link("Invoices") is None:
        raise tab.failure("error", step, "the invoices are not shown after it")


accounts = InvoicingAccounts()
