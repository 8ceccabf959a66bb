"""Webhooks: which addresses, what is sent and when, and what becomes of failures."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.api_client import Api
from tests.browser import Browser
from tracker.automation_models import Webhook, WebhookDelivery
from tracker.jobs import webhooks as job
from tracker.models import now
from tracker.services import Services
from tracker.webhook_addresses import problem_with
from tracker.webhooks import ANSWER_WITHIN, EVENTS, MOST_FAILURES, MOST_TRIES

pytestmark = pytest.mark.anyio
URL = "https://hooks.example/in"


@pytest.mark.parametrize(
    "url", [URL, "https://HOOKS.example:8443/a?b=c", "https://1.1.1.1/", "https://[2606:4700::1]/"]
)
def test_public_addresses_are_called(url: str) -> None:
    assert problem_with(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://localhost/",
        "https://localhost./",
        "https://api.localhost/",
        "https://intranet/",
        "https://db.internal/",
        "https://printer.local/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[64:ff9b::7f00:1]/",
        "https://me:secret@hooks.example/",
        "https://hooks.example:22/",
        "https://hooks.example\\@127.0.0.1/",
        "https://１２７.0.0.1/",
        "https://",
        "https://[::1/",
        "https://hooks.example/" + "x" * 500,
    ],
)
def test_addresses_inside_are_not(url: str) -> None:
    assert problem_with(url) is not None


async def add(browser: Browser, url: str = URL, *events: str) -> str:
    """Register a webhook and return its secret."""
    await browser.open("/webhooks")
    ticks = {f"Event_{event}": "yes" for event in events or EVENTS}
    page = await browser.submit("Add webhook", URL=url, **ticks)
    assert page.status == 201, page.body
    return page.body.split('class="secret">')[1].split("<")[0]


def requests(services: Services) -> list[dict[str, Any]]:
    """Pick up, as the platform does, what was handed over."""
    found = sorted((services.egress.folder / "new").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    texts = [path.read_text() for path in found]
    for path in found:
        path.unlink()
    return [json.loads(text) for text in texts]


def answer(services: Services, request: dict[str, Any], status: int) -> None:
    done = services.egress.folder / "done"
    done.mkdir(exist_ok=True)
    (done / f"{request['id']}.json").write_text(json.dumps({"status": status, "at": now().isoformat()}))


async def hurry(services: Services) -> None:
    """Let the time of all that waits come."""
    async with services.database.writing() as session:
        await session.execute(update(WebhookDelivery).values(next_attempt_at=now() - timedelta(seconds=1)))


async def states(services: Services) -> list[tuple[str, int]]:
    async with services.database.session(writes=False) as session:
        rows = await session.execute(
            select(WebhookDelivery.state, WebhookDelivery.attempts).order_by(WebhookDelivery.id)
        )
        return [(state, attempts) for state, attempts in rows]


async def test_each_change_is_told_once_and_signed(ada: Browser, services: Services) -> None:
    secret = await add(ada)
    await ada.make_task("One")
    await ada.submit("Update status", Status="Doing")
    await ada.submit("Update status", Status="Done")
    await ada.submit("Add comment", Comment="Well done")
    assert await job.run(services) == 4
    sent = requests(services)
    bodies = [json.loads(request["body"]) for request in sent]
    assert {body["event"] for body in bodies} == set(EVENTS)
    assert all(body["task"]["title"] == "One" for body in bodies)
    assert [body["comment"]["body"] for body in bodies if "comment" in body] == ["Well done"]
    for request in sent:
        assert (request["url"], request["method"]) == (URL, "POST")
        seconds, mac = (
            part[2 + at :] for at, part in enumerate(request["headers"]["Tracker-Signature"].split(","))
        )
        wanted = hmac.new(secret.encode(), f"{seconds}.{request['body']}".encode(), hashlib.sha256)
        assert mac == wanted.hexdigest()
    for request in sent:
        answer(services, request, 204)
    assert await job.run(services) == 4
    assert await states(services) == [("delivered", 1)] * 4
    assert list((services.egress.folder / "done").iterdir()) == []


async def test_only_chosen_events_of_ones_own_organisation(
    ada: Browser, grace: Browser, services: Services
) -> None:
    await add(ada, URL, "task.finished")
    await grace.make_task("Theirs", Status="Done")
    await ada.make_task("Ours")
    assert await job.run(services) == 0


async def test_what_is_rolled_back_is_not_told(ada: Browser, services: Services) -> None:
    task = await ada.make_task("One")
    await add(ada)
    page = await ada.post(f"{task}/edit", {"title": "Two", "version": "7"})
    assert page.status == 409
    assert await job.run(services) == 0


async def test_failures_are_tried_again_later_and_later(ada: Browser, services: Services) -> None:
    await add(ada)
    await ada.make_task("One")
    for attempt in range(1, MOST_TRIES + 1):
        await hurry(services)
        await job.run(services)
        (request,) = requests(services)
        assert request["id"].endswith(f"-{attempt}")
        answer(services, request, 503)
        before = now()
        await job.run(services)
        assert requests(services) == []
        async with services.database.session(writes=False) as session:
            delivery = (await session.scalars(select(WebhookDelivery))).one()
        if attempt < MOST_TRIES:
            wait = timedelta(minutes=15) * 2 ** (attempt - 1)
            assert wait <= delivery.next_attempt_at - before < wait + timedelta(minutes=1)
    assert await states(services) == [("failed", MOST_TRIES)]
    await ada.open("/webhooks")
    page = await ada.click(URL)
    assert "<td>Failed</td>" in page.body and "<td>503</td>" in page.body
    button = next(form.button for form in page.forms if form.button.startswith("Redeliver "))
    await ada.submit(button)
    await job.run(services)
    (request,) = requests(services)
    answer(services, request, 200)
    await job.run(services)
    assert await states(services) == [("delivered", MOST_TRIES + 1)]


async def test_no_answer_is_a_failure_in_the_end(ada: Browser, services: Services) -> None:
    await add(ada)
    await ada.make_task("One")
    await job.run(services)
    assert await job.run(services) == 0
    async with services.database.writing() as session:
        late = now() - ANSWER_WITHIN
        await session.execute(update(WebhookDelivery).values(next_attempt_at=late))
    assert await job.run(services) == 1
    assert await states(services) == [("waiting", 1)]


async def test_many_failures_disable_a_webhook(ada: Browser, services: Services) -> None:
    await add(ada)
    async with services.database.writing() as session:
        await session.execute(update(Webhook).values(failures=MOST_FAILURES - 1))
    task = await ada.make_task("One")
    await job.run(services)
    answer(services, requests(services)[0], 500)
    await job.run(services)
    await ada.open(task)
    await ada.submit("Add comment", Comment="Nobody listens")
    assert await states(services) == [("failed", 1)]
    await ada.open("/webhooks")
    page = await ada.click(URL)
    assert "Disabled on" in page.body
    assert "A webhook was disabled" in (await ada.open("/notifications")).body
    await ada.open(page.path)
    await ada.submit("Enable webhook")
    await ada.open(task)
    await ada.submit("Add comment", Comment="Somebody does")
    assert await states(services) == [("failed", 1), ("waiting", 0)]


async def test_an_address_that_became_bad_is_not_called(ada: Browser, services: Services) -> None:
    await add(ada)
    await ada.make_task("One")
    async with services.database.writing() as session:
        await session.execute(update(Webhook).values(url="https://127.0.0.1/"))
    await job.run(services)
    assert requests(services) == []
    assert await states(services) == [("failed", 0)]


async def test_a_bad_address_and_no_events_are_told(ada: Browser) -> None:
    await ada.open("/webhooks")
    page = await ada.submit("Add webhook", URL="https://10.0.0.1/")
    assert page.status == 422
    assert "public host" in page.alert and "at least one" in page.alert


async def test_members_do_not_see_webhooks(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    assert (await visitor.open("/webhooks")).status == 403
    assert (await visitor.post("/webhooks", {"url": URL, "task.created": "yes"})).status == 403


async def test_the_webhooks_of_others_do_not_exist(ada: Browser, grace: Browser) -> None:
    await add(ada)
    page = await ada.open("/webhooks")
    assert (await grace.open(page.links[URL])).status == 404
    assert (await grace.post(f"{page.links[URL]}/delete", {})).status == 404


async def test_webhooks_by_api(api: Api, services: Services) -> None:
    made = await api("POST", "/webhooks", 201, {"url": URL, "events": ["task.created"]})
    assert made["secret"].startswith("whsec_")
    (listed,) = (await api("GET", "/webhooks", 200))["items"]
    assert "secret" not in listed
    await api("POST", "/webhooks", 422, {"url": "https://localhost/", "events": ["nonsense"]})
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    await api("POST", "/tasks", 201, {"project_id": project["id"], "title": "One"})
    path = f"/webhooks/{made['id']}/deliveries"
    (delivery,) = (await api("GET", path, 200))["items"]
    assert (await api("POST", f"{path}/{delivery['id']}/redeliver", 200))["state"] == "waiting"
    await api("DELETE", f"/webhooks/{made['id']}", 204)
    assert await job.run(services) == 0
