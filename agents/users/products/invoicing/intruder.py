"""Folio through the eyes of somebody who wants what is not theirs."""

import re

from agents.users.population.names import Identity
from agents.users.products.interface import Attempt
from agents.web.browser import Browser

_INVOICE = re.compile(r"/invoices/[a-z2-7]{12}$")
_CLIENT = re.compile(r"/clients/[a-z2-7]{12}$")
MOST_INVOICES = 4


class InvoicingIntruder:
    """See `agents.users.products.interface.Intruder`."""

    async def try_password(self, tab: Browser, email: str, password: str) -> Attempt:
        if tab.page.form("Log in") is None:
            await tab.go("/login", "open the log-in page", expect=(200, 403, 429), typed=True)
        if tab.page.form("Log in") is not None:
            entered = {"Email": email, "Password": password}
            await tab.press("Log in", entered, "log in", expect=(200, 401, 403, 422, 429), pain="error")
        if tab.answer.status == 429:
            return "throttled"
        if tab.answer.status == 403:
            return "blocked"
        return "in" if tab.answer.status == 200 and tab.page.link("Invoices") is not None else "wrong"

    async def loot(self, tab: Browser) -> str:
        await tab.follow("Invoices", "look around")
        texts = [tab.page.text]
        for link in [link for link in tab.page.links if _INVOICE.search(link.target)][:MOST_INVOICES]:
            await tab.go(link.target, "look around")
            texts.append(tab.page.text)
        return "\n".join(texts)

    async def settle(self, tab: Browser, company: str, who: Identity, nonce: str) -> str:
        await tab.go("/signup", "open the form", typed=True)
        firm = {"Firm name": company, "Your name": who.name, "Email": who.email, "Password": who.password}
        await tab.press("Create account", firm, "sign up")
        await tab.go("/clients/new", "open the form")
        await tab.press("Add client", {"Client name": "A client"}, "add a client")
        await tab.follow("New invoice", "open the form")
        await tab.press("Create draft", {"Subject": f"Work {nonce}"}, "create the draft")
        return tab.target

    async def read(self, tab: Browser, target: str) -> str:
        await tab.go(target, "open the address", expect=range(200, 500), typed=True)
        return tab.answer.text if tab.answer.status == 200 else ""

    def doors(self, target: str) -> tuple[str, ...]:
        if _INVOICE.search(target):
            return (target, f"{target}/print", f"{target}/edit")
        if _CLIENT.search(target):
            return (target, f"{target}/statement", f"{target}/edit")
        return (target,)
