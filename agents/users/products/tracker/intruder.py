"""The tracker through the eyes of somebody who wants what is not theirs."""

import re

from agents.users.population.names import Identity
from agents.users.products.intruding import PageIntruder
from agents.web.browser import Browser

_TASK = re.compile(r"/tasks/[a-z2-7]{12}$")
_PROJECT = re.compile(r"/projects/[a-z2-7]{12}$")


async def _settle(tab: Browser, company: str, who: Identity, nonce: str) -> str:
    await tab.go("/signup", "open the form", typed=True)
    account = {"Company name": company, "Your name": who.name, "Email": who.email, "Password": who.password}
    await tab.press("Create account", account, "sign up")
    await tab.press("Create project", {"Project name": f"Plans {nonce}"}, "create a project")
    await tab.follow("New task", "open the form")
    await tab.press("Create task", {"Title": f"Check {nonce}"}, "save the task")
    return tab.target


INTRUDER = PageIntruder("Projects", _PROJECT, {_TASK: ("edit",), _PROJECT: ("activity", "settings")}, _settle)
