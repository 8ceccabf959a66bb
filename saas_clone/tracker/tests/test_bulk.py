"""Changes to several tasks at once, and the deletion of large projects."""

import re

import pytest
from multidict import MultiDict
from sqlalchemy import event, func, insert, select

from tests.api_client import Api
from tests.browser import Browser
from tracker.jobs import cleanup, reminders
from tracker.models import Activity, Notification, Project, SearchDocument, Task, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def three(api: Api) -> tuple[str, list[dict[str, object]]]:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    new = {"project_id": project["id"], "title": "Task"}
    tasks = [await api("POST", "/tasks", 201, new) for _ in range(3)]
    return project["id"], [{"id": task["id"], "version": task["version"]} for task in tasks]


async def test_all_ticked_tasks_change(api: Api, ada: Browser) -> None:
    project, tasks = await three(api)
    label = await api("POST", "/labels", 201, {"name": "red"})
    page = await ada.open(f"/projects/{project}")
    form = page.form("Change selected tasks")
    assert f"pick-{tasks[0]['id']}" in form.ids and form.labels["Select Task"]
    data = MultiDict({"set_status": "done", "put_label": label["id"], "set_assignee": ""})
    for task in tasks[:2]:
        data.add("task", f"{task['id']}:{task['version']}")
    page = await ada.post(f"/projects/{project}", data)
    assert page.message == "2 tasks changed."
    found = (await api("GET", "/tasks", 200))["items"]
    assert [task["status"] for task in found] == ["todo", "done", "done"]
    assert [len(task["labels"]) for task in found] == [0, 1, 1]


async def test_one_stale_task_stops_all(api: Api) -> None:
    _, tasks = await three(api)
    await api("PATCH", f"/tasks/{tasks[1]['id']}", 200, {"title": "Changed", "version": 1})
    error = await api("POST", "/tasks/bulk", 409, {"tasks": tasks, "status": "done"})
    assert error["code"] == "stale_version"
    await api("POST", "/tasks/bulk", 409, {"tasks": tasks, "delete": True})
    found = (await api("GET", "/tasks", 200))["items"]
    assert {task["status"] for task in found} == {"todo"}


async def test_by_api(api: Api, grace: Browser) -> None:
    _, tasks = await three(api)
    member = (await api("GET", "/members", 200))["items"][0]
    body = {"tasks": tasks, "assignee": member["id"], "status": "doing"}
    found = (await api("POST", "/tasks/bulk", 200, body))["items"]
    assert [(task["status"], task["assignee"]["id"], task["version"]) for task in found] == [
        ("doing", member["id"], 2)
    ] * 3
    for wrong in (
        {},
        {"tasks": tasks},
        {"tasks": [], "status": "done"},
        {"tasks": [{"id": 5}], "delete": True},
    ):
        await api("POST", "/tasks/bulk", 422, wrong)
    fresh = [{"id": task["id"], "version": task["version"]} for task in found]
    theirs = Api(grace, await grace.make_token())
    await theirs("POST", "/tasks/bulk", 404, {"tasks": fresh, "delete": True})
    await api("POST", "/tasks/bulk", 200, {"tasks": fresh, "delete": True})
    assert (await api("GET", "/tasks", 200))["items"] == []


async def test_members_cannot_delete_what_others_made(api: Api, ada: Browser, visitor: Browser) -> None:
    _, tasks = await three(api)
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    theirs = Api(visitor, await visitor.make_token())
    await theirs("POST", "/tasks/bulk", 403, {"tasks": tasks, "delete": True})
    assert len((await api("GET", "/tasks", 200))["items"]) == 3


async def test_nothing_ticked_or_nothing_to_do(api: Api, ada: Browser) -> None:
    project, tasks = await three(api)
    page = await ada.post(f"/projects/{project}", {"set_status": "done"})
    assert page.status == 422 and "at least one" in page.alert
    page = await ada.post(f"/projects/{project}", {"task": f"{tasks[0]['id']}:1"})
    assert page.status == 422 and "what to change" in page.alert


async def test_a_large_project_goes_at_once_and_for_good(ada: Browser, api: Api, services: Services) -> None:
    task = await ada.make_task("Needle", Due_date=str(now().date()), Assignee="Ada")
    await ada.submit("Add comment", Comment="needle")
    await reminders.run(services)
    await ada.click("Notes")
    project = ada.page.path
    async with services.database.writing() as session:
        first = (await session.scalars(select(Task))).one()
        row = {"organisation_id": first.organisation_id, "project_id": first.project_id, "title": "Many"}
        await session.execute(insert(Task), [row] * 5_000)
        keys = (await session.scalars(select(Task.id).where(Task.title == "Many"))).all()
        texts = [{"task_id": key, "organisation_id": first.organisation_id, "text": "many"} for key in keys]
        await session.execute(insert(SearchDocument), texts)
    await ada.click("Project settings")
    changed: list[str] = []
    event.listen(
        services.database.engine.sync_engine,
        "before_cursor_execute",
        lambda *about: changed.append(about[2]) if about[2].startswith(("UPDATE", "DELETE")) else None,
    )
    page = await ada.post(f"{project}/delete", {"confirm": "yes"})
    assert page.message == "Project Notes deleted."
    tables = [re.split(r"UPDATE |DELETE FROM ", text)[1].split()[0] for text in changed]
    assert sorted(tables) == ["notifications", "projects"]  # not the tasks, which are many
    for path in (
        "/projects",
        "/my-tasks",
        "/search?q=many",
        "/search?q=needle",
        "/notifications",
        "/export/tasks",
    ):
        body = (await ada.open(path)).body
        assert "Needle" not in body and "Many" not in body, path
    assert "/tasks/" not in (await ada.open("/activity")).body
    for path in (task, project, f"{task}/edit"):
        assert (await ada.open(path)).status == 404, path
    assert (await api("GET", "/tasks", 200))["items"] == []
    await api("GET", task, 404)
    assert await reminders.run(services) == 0
    assert await cleanup.run(services) >= 5_001
    async with services.database.session(writes=False) as session:
        for table in (Task, Project, SearchDocument, Notification):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        verbs = (await session.scalars(select(Activity.verb).order_by(Activity.id))).all()
    assert verbs[-1] == "deleted project" and "created task" not in verbs


async def test_a_stale_list_is_shown_again_as_it_is_now(api: Api, ada: Browser) -> None:
    project, tasks = await three(api)
    await api("PATCH", f"/tasks/{tasks[0]['id']}", 200, {"title": "Changed", "version": 1})
    data = {"task": f"{tasks[0]['id']}:1", "set_status": "done"}
    page = await ada.post(f"/projects/{project}", data)
    assert (page.status, page.path) == (409, f"/projects/{project}")
    assert "Nothing was saved" in page.alert and f"{tasks[0]['id']}:2" in page.body
