"""One organisation never sees another's."""

import pytest

from tests.browser import Browser

pytestmark = pytest.mark.anyio


async def test_pages_of_others_do_not_exist(ada: Browser, grace: Browser) -> None:
    task = await ada.make_task("Secret plans")
    await ada.click("Notes")
    project = ada.page.path
    for path in (task, f"{task}/edit", project, f"{project}/settings", f"{project}/tasks/new"):
        page = await grace.open(path)
        assert page.status == 404, path
        assert "Secret plans" not in page.body


async def test_forms_do_not_reach_others(ada: Browser, grace: Browser) -> None:
    task = await ada.make_task("Secret plans")
    await ada.click("Notes")
    project = ada.page.path
    for path in (
        f"{task}/edit",
        f"{task}/delete",
        f"{task}/comments",
        f"{project}/delete",
        f"{project}/tasks",
    ):
        page = await grace.post(path, {"title": "x", "body": "x", "confirm": "yes", "version": "1"})
        assert page.status == 404, path
    page = await ada.open(task)
    assert page.h1 == "Secret plans"


async def test_lists_hold_only_ones_own(ada: Browser, grace: Browser) -> None:
    await ada.make_task("Secret plans")
    for path in ("/projects", "/my-tasks", "/activity", "/search?q=secret"):
        assert "Secret plans" not in (await grace.open(path)).body


async def test_tasks_cannot_be_assigned_to_strangers(ada: Browser, grace: Browser) -> None:
    await grace.make_task("Theirs", Assignee="Grace")
    await grace.click("Edit task")
    stranger = grace.page.form("Save changes").fields["assignee"]
    task = await ada.make_task("Ours")
    page = await ada.post(f"{task}/edit", {"title": "Ours", "version": "1", "assignee": stranger})
    assert page.status == 422


async def test_the_api_has_the_same_borders(ada: Browser, grace: Browser) -> None:
    task = await ada.make_task("Secret plans")
    headers = {"Authorization": f"Bearer {await grace.make_token()}"}
    for path in (f"/api/v1{task}", "/api/v1/tasks", "/api/v1/search?q=secret"):
        async with grace.http.get(grace.server.make_url(path), headers=headers) as response:
            assert "Secret plans" not in await response.text()
    async with grace.http.delete(grace.server.make_url(f"/api/v1{task}"), headers=headers) as response:
        assert response.status == 404
