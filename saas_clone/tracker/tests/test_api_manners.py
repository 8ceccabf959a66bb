"""What all operations of the API have in common: limits, repeated requests, pages, errors, other sites."""

from collections.abc import AsyncIterator

import anyio
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import update

from tests.api_client import Api
from tests.browser import Browser
from tracker.api.routing import PREFIX
from tracker.app import make_app
from tracker.automation_models import IdempotencyKey
from tracker.idempotency import KEY_LIFE
from tracker.jobs import cleanup
from tracker.models import now
from tracker.rates import Rates
from tracker.services import Services
from tracker.settings import Settings

pytestmark = pytest.mark.anyio


async def test_a_repeated_request_happens_once(api: Api, services: Services) -> None:
    first = await api("POST", "/projects", 201, {"name": "Notes"}, Idempotency_Key="k-1")
    assert "Idempotency-Replayed" not in api.answered
    again = await api("POST", "/projects", 201, {"name": "Notes"}, Idempotency_Key="k-1")
    assert again == first and api.answered["Idempotency-Replayed"] == "true"
    error = await api("POST", "/projects", 422, {"name": "Other"}, Idempotency_Key="k-1")
    assert error["code"] == "idempotency_key_reused"
    await api("POST", "/labels", 422, {"name": "Notes"}, Idempotency_Key="k-1")
    assert len((await api("GET", "/projects", 200))["items"]) == 1
    await api("POST", "/projects", 400, {"name": "Notes"}, Idempotency_Key="two words")
    async with services.database.writing() as session:
        await session.execute(update(IdempotencyKey).values(created_at=now() - KEY_LIFE))
    fresh = await api("POST", "/projects", 201, {"name": "Other"}, Idempotency_Key="k-1")
    assert fresh["name"] == "Other"


async def test_requests_in_one_instant_happen_once(api: Api, ada: Browser) -> None:
    async def send() -> None:
        await Api(ada, api.token)("POST", "/projects", 201, {"name": "Notes"}, Idempotency_Key="k-1")

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(send)
    assert len((await api("GET", "/projects", 200))["items"]) == 1


async def test_a_task_made_with_a_key_keeps_its_etag(api: Api) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    new = {"project_id": project["id"], "title": "One"}
    for _ in range(2):
        await api("POST", "/tasks", 201, new, Idempotency_Key="k-1")
        assert api.etag == '"1"'
    assert len((await api("GET", "/tasks", 200))["items"]) == 1


async def test_a_refused_request_may_be_repeated_for_real(api: Api) -> None:
    await api("POST", "/projects", 422, {"name": ""}, Idempotency_Key="k-1")
    await api("POST", "/projects", 201, {"name": "Notes"}, Idempotency_Key="k-1")


async def test_keys_are_of_one_person(api: Api, ada: Browser, visitor: Browser) -> None:
    await api("POST", "/projects", 201, {"name": "Notes"}, Idempotency_Key="k-1")
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    theirs = Api(visitor, await visitor.make_token())
    await theirs("POST", "/projects", 201, {"name": "Others"}, Idempotency_Key="k-1")


async def test_old_keys_are_cleaned_up(api: Api, services: Services) -> None:
    await api("POST", "/projects", 201, {"name": "Notes"}, Idempotency_Key="k-1")
    assert await cleanup.run(services) == 0
    async with services.database.writing() as session:
        await session.execute(update(IdempotencyKey).values(created_at=now() - KEY_LIFE))
    assert await cleanup.run(services) == 1


@pytest.mark.parametrize("path", ["/projects", "/tasks", "/labels", "/activity", "/members", "/webhooks"])
async def test_lists_say_where_the_next_page_is(api: Api, ada: Browser, visitor: Browser, path: str) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    for name in ("one", "two"):
        project = await api("POST", "/projects", 201, {"name": name})
        await api("POST", "/labels", 201, {"name": name})
        await api("POST", "/tasks", 201, {"project_id": project["id"], "title": name})
        await api("POST", "/webhooks", 201, {"url": "https://hooks.example/", "events": ["task.created"]})
    page = await api("GET", f"{path}?limit=1", 200)
    assert api.answered["Link"] == f'<{page["next"]}>; rel="next"'
    following = await api("GET", page["next"].removeprefix(PREFIX), 200)
    assert following["items"][0] != page["items"][0]
    last = await api("GET", path, 200)
    assert last["next"] is None and "Link" not in api.answered


async def test_an_organisation_may_set_its_own_limits(api: Api, ada: Browser) -> None:
    await ada.open("/settings")
    limits = {"Rows_of_an_API_page,_at_most": "20", "Bytes_of_an_API_request,_at_most": "2000"}
    await ada.submit("Save settings", **limits)
    await api("GET", "/tasks?limit=20", 200)
    await api("GET", "/tasks?limit=21", 422)
    await api("POST", "/projects", 413, {"name": "x" * 2_000})
    page = await ada.post("/settings", {"time_zone": "UTC", "api_page_most": "5", "api_body_most": "9"})
    assert page.status == 422


def test_a_token_has_so_many_requests_a_minute() -> None:
    moment = 0.0
    rates = Rates(2, lambda: moment)
    assert [rates.take("a").exceeded for _ in range(3)] == [False, False, True]
    assert not rates.take("b").exceeded
    moment = 59.0
    standing = rates.take("a")
    assert (standing.exceeded, standing.remaining, standing.reset_seconds) == (True, 0, 1)
    moment = 60.0
    assert rates.take("a").remaining == 1


@pytest.fixture
async def strict(settings: Settings, server: TestServer) -> AsyncIterator[TestServer]:
    """Another instance on the same data: few requests, and one site that may call it."""
    strict = Settings(
        **{
            **vars(settings),
            "api_requests_per_minute": 2,
            "cors_origins": ("https://app.example",),
        }
    )
    other = TestServer(make_app(strict))
    await other.start_server()
    yield other
    await other.close()


async def test_too_many_requests(strict: TestServer, api: Api) -> None:
    statuses: list[int] = []
    for _ in range(3):
        async with api.browser.http.get(strict.make_url(f"{PREFIX}/tasks"), headers=api.headers) as response:
            statuses.append(response.status)
            assert response.headers["RateLimit-Limit"] == "2"
    assert statuses == [200, 200, 429]
    assert int(response.headers["Retry-After"]) <= 60
    assert response.content_type == "application/problem+json"
    assert (await api("GET", "/tasks", 200))["items"] == []
    assert api.answered["RateLimit-Limit"] == "1000"


async def test_no_other_site_may_call_by_default(api: Api, visitor: Browser) -> None:
    await api("GET", "/tasks", 200, Origin="https://app.example")
    assert not [name for name in api.answered if name.startswith("Access-Control")]
    url = visitor.server.make_url(f"{PREFIX}/tasks")
    async with visitor.http.options(url, headers={"Origin": "https://app.example"}) as response:
        assert response.status == 405


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://app.example", True), ("https://evil.example", False)]
)
async def test_sites_that_are_named_may(strict: TestServer, api: Api, origin: str, allowed: bool) -> None:
    url = strict.make_url(f"{PREFIX}/tasks")
    async with api.browser.http.options(url, headers={"Origin": origin}) as response:
        assert ("Access-Control-Allow-Methods" in response.headers) == allowed
    async with api.browser.http.get(url, headers={**api.headers, "Origin": origin}) as response:
        assert response.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/api/tasks", "/api/v1/nothing", "/api/v2/tasks"])
async def test_unknown_paths_are_problems_too(visitor: Browser, path: str) -> None:
    async with visitor.http.get(visitor.server.make_url(path)) as response:
        assert response.content_type == "application/problem+json"
        assert (response.status, (await response.json())["status"]) == (404, 404)
