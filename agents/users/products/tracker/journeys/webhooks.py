"""Have the product tell a program of one's own what happens, and look at what it has told."""

import hashlib
import hmac
import json
from typing import Any, cast

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import enter, open_project
from agents.web.browser import Browser
from bus.messages.cloud import Delivery
from bus.simtime import HOUR

GRACE = 2 * HOUR
"""Deliveries are sent every quarter of an hour (deploy/infra.toml); two hours later everybody counts on them."""
EVENT = "task.created"
SIGNATURE = "tracker-signature"


async def webhooks(visit: Visit) -> None:
    """What was written down some hours ago must have been told: once, in the right words, and signed."""
    tab = await enter(visit)
    if "webhook secret" not in visit.account.notes:
        await _register(visit, tab)
    await _check(visit, tab)
    item = draft(visit)
    await open_project(tab, item.place)
    await save(tab, item)
    visit.keep(item)
    item.facts["told as"] = item.title


async def _register(visit: Visit, tab: Browser) -> None:
    url = f"https://{visit.account.tag}.receivers.example/{visit.nonce()}"
    await tab.follow("Settings", "open the settings")
    await tab.follow("Webhooks", "open the webhooks")
    await tab.press("Add webhook", {"URL": url, f"Event {EVENT}": True}, "add a webhook", expect=(200, 201))
    secrets = tab.page.texts("code", "secret")
    if not secrets:
        raise tab.failure("failed_save", "add a webhook", "the secret is not shown")
    visit.account.notes |= {"webhook": url, "webhook secret": secrets[0]}


async def _check(visit: Visit, tab: Browser) -> None:
    step = "look at what was told"
    waiting = [item for item in visit.account.items if "told as" in item.facts and visit.at - item.born >= GRACE]
    if not waiting:
        return
    received = await visit.received(visit.account.notes["webhook"])
    for item in waiting:
        title = item.facts.pop("told as")
        about = [one for one in received if _title(one) == title]
        told = {_header(one, "tracker-delivery") for one in about}
        if len(told) != 1:
            detail = f"the program was told {len(told)} times of a new task"
            raise tab.failure("stale_read", step, detail, item=item.nonce)
        if not all(_is_signed(one, visit.account.notes["webhook secret"]) for one in about):
            raise tab.failure("error", step, "the signature is wrong", item=item.nonce)


def _title(delivery: Delivery) -> str:
    """The title of the task that a delivery tells of as new; empty for anything else."""
    try:
        body: Any = json.loads(delivery.body)
    except ValueError:
        return ""
    told = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    task = told.get("task")
    if told.get("event") != EVENT or not isinstance(task, dict):
        return ""
    return str(cast("dict[str, Any]", task).get("title"))


def _header(delivery: Delivery, name: str) -> str:
    return next((value for key, value in delivery.headers.items() if key.lower() == name), "")


def _is_signed(delivery: Delivery, secret: str) -> bool:
    moment, _, mac = _header(delivery, SIGNATURE).removeprefix("t=").partition(",v1=")
    wanted = hmac.new(secret.encode(), f"{moment}.{delivery.body}".encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(mac.encode(), wanted.encode())


journey = Journey(
    name="webhooks",
    theme="api",
    weights={"solo": 0.3, "team": 0.8, "business": 1.2},
    work={"list": 2, "form": 1, "write": 1.2, "task": 1, "page": 0.4, "login": 0.1},
    walk=webhooks,
    words="connect our own program by webhook",
    by_owner=True,
)
