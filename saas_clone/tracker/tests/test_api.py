"""The JSON API, and its description: every route is described, and real answers fit the description."""

from typing import Any

import pytest

from tests.api_client import Api
from tests.browser import Browser
from tests.schema import check
from tracker.api.openapi import document
from tracker.api.routing import PREFIX

pytestmark = pytest.mark.anyio


async def test_every_route_is_described_and_every_description_is_routed(ada: Browser) -> None:
    routed = {
        (route.method.lower(), route.resource.canonical.removeprefix(PREFIX))
        for route in ada.server.app.router.routes()
        if route.resource is not None
        and route.resource.canonical.startswith(PREFIX)
        and route.method != "HEAD"
    }
    described = {
        (method, path)
        for path, operations in document()["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert routed - {("get", "/openapi.json")} == described


async def test_the_document_is_public(visitor: Browser) -> None:
    async with visitor.http.get(visitor.server.make_url(f"{PREFIX}/openapi.json")) as response:
        assert (await response.json())["openapi"] == "3.1.0"


async def test_projects(api: Api) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    path = f"/projects/{project['id']}"
    assert (await api("PATCH", path, 200, {"name": "Papers", "archived": True}))["archived"]
    assert (await api("GET", "/projects?archived=true", 200))["items"][0]["name"] == "Papers"
    assert (await api("GET", "/projects", 200))["items"] == []
    await api("POST", "/tasks", 409, {"project_id": project["id"], "title": "Late"})
    await api("GET", f"{path}/activity", 200)
    await api("DELETE", path, 204)
    await api("GET", path, 404)


async def test_tasks(api: Api) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    member = (await api("GET", "/members", 200))["items"][0]
    new = {"project_id": project["id"], "title": "One", "assignee": member["id"], "due_on": "2030-05-01"}
    task = await api("POST", "/tasks", 201, new)
    path = f"/tasks/{task['id']}"
    changed = await api("PATCH", path, 200, {"status": "done", "due_on": None}, If_Match=api.etag)
    assert (changed["status"], changed["due_on"], changed["version"]) == ("done", None, 2)
    assert (await api("GET", path, 200)) == changed
    error = await api("PATCH", path, 409, {"title": "Two", "version": 1})
    assert error["code"] == "stale_version"
    assert (await api("PATCH", path, 412, {"title": "Two"}, If_Match='"1"'))["code"] == "stale_version"
    await api("DELETE", path, 412, If_Match='"1"')
    assert (await api("GET", f"/tasks?assignee={member['id']}&status=done", 200))["items"] == [changed]
    assert (await api("GET", "/tasks?assignee=nobody", 200))["items"] == []
    await api("DELETE", path, 204)
    await api("DELETE", path, 404)


async def test_pages(api: Api) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    for number in range(5):
        await api("POST", "/tasks", 201, {"project_id": project["id"], "title": f"Task {number}"})
    titles: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await api("GET", f"/tasks?limit=2&cursor={cursor}", 200)
        titles += [task["title"] for task in page["items"]]
        cursor = page["next_cursor"]
    assert titles == [f"Task {number}" for number in reversed(range(5))]
    await api("GET", "/tasks?limit=1000", 422)


async def test_comments_and_labels(api: Api) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    task = await api("POST", "/tasks", 201, {"project_id": project["id"], "title": "One"})
    path = f"/tasks/{task['id']}"
    comment = await api("POST", f"{path}/comments", 201, {"body": "Well said"})
    assert (await api("GET", f"{path}/comments", 200))["items"] == [comment]
    label = await api("POST", "/labels", 201, {"name": "red", "colour": "red"})
    await api("PUT", f"{path}/labels/{label['id']}", 204)
    assert (await api("GET", f"/tasks?label={label['id']}", 200))["items"][0]["labels"] == [label]
    assert (await api("GET", "/search?q=well", 200))["items"][0]["id"] == task["id"]
    await api("DELETE", f"{path}/labels/{label['id']}", 204)
    await api("DELETE", f"/labels/{label['id']}", 204)
    assert (await api("GET", "/labels", 200))["items"] == []
    await api("DELETE", f"{path}/comments/{comment['id']}", 204)
    assert len((await api("GET", "/activity", 200))["items"]) > 3


async def test_saved_filters(api: Api) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    for status in ("todo", "done"):
        await api("POST", "/tasks", 201, {"project_id": project["id"], "title": status, "status": status})
    new = {
        "project_id": project["id"],
        "name": "Done",
        "status": "done",
        "assignee": "nobody",
        "shared": True,
    }
    saved = await api("POST", "/filters", 201, new)
    path = f"/filters/{saved['id']}"
    assert (saved["shared"], saved["label"]) == (True, None)
    found = await api("GET", f"/tasks?filter={saved['id']}&status=todo", 200)
    assert [task["title"] for task in found["items"]] == ["done"]
    renamed = await api("PATCH", path, 200, {"name": "Over", "shared": False})
    assert (await api("GET", "/filters", 200))["items"] == [renamed]
    assert (await api("GET", path, 200)) == renamed
    for wrong in ({"assignee": "somebody"}, {"status": "gone"}, {"label": "red"}, {"shared": "yes"}):
        assert wrong.keys() == (await api("POST", "/filters", 422, {**new, **wrong}))["fields"].keys()
    await api("DELETE", path, 204)
    await api("GET", f"/tasks?filter={saved['id']}", 404)


async def test_share_links(api: Api, visitor: Browser) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    task = await api("POST", "/tasks", 201, {"project_id": project["id"], "title": "Open"})
    link = await api("POST", "/share-links", 201, {"task_id": task["id"], "last_day": "2999-12-31"})
    assert (await visitor.open(link["path"])).h1 == "Open"
    await api("POST", "/share-links", 201, {"project_id": project["id"]})
    assert len((await api("GET", "/share-links", 200))["items"]) == 2
    for wrong in (
        {},
        {"task_id": task["id"], "project_id": project["id"]},
        {"project_id": project["id"], "comments": True},
        {"task_id": task["id"], "last_day": "2000-01-01"},
    ):
        await api("POST", "/share-links", 422, wrong)
    await api("DELETE", f"/share-links/{link['id']}", 204)
    assert (await visitor.open(link["path"])).status == 404
    await api("DELETE", f"/share-links/{link['id']}", 404)


async def test_notifications(api: Api, ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    for title in ("One", "Two"):
        await ada.make_task(title, Assignee="Bob")
    bob = Api(visitor, await visitor.make_token())
    two, one = (await bob("GET", "/notifications", 200))["items"]
    await api("PUT", f"/notifications/{one['id']}/read", 404)
    await bob("PUT", f"/notifications/{one['id']}/read", 204)
    assert [row["read"] for row in (await bob("GET", "/notifications", 200))["items"]] == [False, True]
    await bob("PUT", "/notifications/read", 204)
    assert [row["read"] for row in (await bob("GET", "/notifications", 200))["items"]] == [True, True]
    assert two["kind"] == "assigned" and two["task_id"]


async def test_the_audit_log(api: Api, ada: Browser, visitor: Browser) -> None:
    (event,) = (await api("GET", "/audit?kind=token", 200))["items"]
    assert event["subject"] == "script" and event["actor"]["name"] == "Ada"
    await api("GET", "/audit?kind=nonsense", 422)
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await Api(visitor, await visitor.make_token())("GET", "/audit", 403)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": 5},
        {"title": "x" * 201},
        {"title": "ok", "status": "nonsense"},
        {"title": "ok", "due_on": "yesterday"},
        {"title": "ok", "assignee": "aaaaaaaaaaaa"},
    ],
)
async def test_wrong_fields_are_named(api: Api, wrong: dict[str, Any]) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    error = await api("POST", "/tasks", 422, {"project_id": project["id"], **wrong})
    assert set(error["fields"]) == set(wrong) - {"title"} or set(wrong) == {"title"}


@pytest.mark.parametrize("token", ["", "nonsense", "Bearer ", "Bearer trk_wrong", "Basic abc"])
async def test_a_token_is_needed(visitor: Browser, token: str) -> None:
    url = visitor.server.make_url(f"{PREFIX}/tasks")
    async with visitor.http.get(url, headers={"Authorization": token}) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_revoked_token_is_void(api: Api, ada: Browser) -> None:
    await ada.open("/account/tokens")
    await ada.submit("Revoke token script")
    await api("GET", "/tasks", 401)


async def test_unreadable_bodies(api: Api) -> None:
    url = api.browser.server.make_url(f"{PREFIX}/projects")
    headers = {**api.headers, "Content-Type": "application/json"}
    for body, status in ((b"{", 400), (b"[]", 400), (b"\xff", 400), (b"x" * 300_000, 413)):
        async with api.browser.http.post(url, data=body, headers=headers) as response:
            assert response.status == status
            check(await response.json(), {"$ref": "#/components/schemas/Problem"}, document())
