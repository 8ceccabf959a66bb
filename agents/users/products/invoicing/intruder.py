"""Folio through the eyes of somebody who wants what is not theirs."""

import re

from agents.users.population.names import Identity
from agents.users.products.intruding import PageIntruder
from agents.web.browser import Browser

_INVOICE = re.compile(r"/invoices/[a-z2-7]{12}$")
_CLIENT = re.compile(r"/clients/[a-z2-7]{12}$")


async def _settle(tab: Browser, company: str, who: Identity, nonce: str) -> str:
    await tab.go("/signup", "open the form", typed=True)
    firm = {"Firm name": company, "Your name": who.name, "Email": who.email, "Password": who.password}
    await tab.press("Create account", firm, "sign up")
    await tab.go("/clients/new", "open the form")
    await tab.press("Add client", {"Client name": "A client"}, "add a client")
    await tab.follow("New invoice", "open the form")
    await tab.press("Create draft", {"Subject": f"Work {nonce}"}, "create the draft")
    return tab.target


INTRUDER = PageIntruder("Invoices", _INVOICE, {_INVOICE: ("print", "edit"), _CLIENT: ("statement", "edit")}, _settle)
