"""Tasks as people use them."""

import pytest

from tests.browser import Browser

pytestmark = pytest.mark.anyio


async def test_a_task_shows_what_was_written(ada: Browser) -> None:
    await ada.make_task(
        "Ada's <first> programme",
        Description="Line one\n\nLine two & more",
        Priority="High",
        Assignee="Ada",
        Due_date="2030-01-31",
    )
    page = ada.page
    assert page.message == "Task created."
    assert "Line one\n\nLine two &amp; more" in page.body
    for text in ("High", "2030-01-31", "<dd>Ada</dd>"):
        assert text in page.body
    await ada.open("/my-tasks")
    assert "Ada's <first> programme" in ada.page.links


async def test_a_task_needs_a_title_and_a_true_date(ada: Browser) -> None:
    await ada.make_task()
    await ada.click("Notes")
    await ada.click("New task")
    page = await ada.submit("Create task", Title=" ", Due_date="2030-02-30", Description="Keep me")
    assert page.status == 422
    assert "Title cannot be empty" in page.alert
    assert "Due date must be a date" in page.alert
    assert "Keep me" in page.form("Create task").fields["description"]


async def test_a_stale_form_shows_both_versions_and_saves_nothing(ada: Browser) -> None:
    task = await ada.make_task("First")
    await ada.click("Edit task")
    stale = ada.page
    await ada.submit("Save changes", Title="Second")
    ada.page = stale
    page = await ada.submit("Save changes", Title="Third")
    assert page.status == 409
    assert page.h1 == "This task has changed"
    assert "<td>Second</td><td>Third</td>" in page.body
    assert (await ada.open(task)).h1 == "Second"


async def test_my_version_can_be_saved_after_a_conflict(ada: Browser) -> None:
    await ada.make_task("First")
    await ada.click("Edit task")
    stale = ada.page
    await ada.submit("Save changes", Title="Second")
    ada.page = stale
    await ada.submit("Save changes", Title="Third")
    page = await ada.submit("Save my version")
    assert page.h1 == "Third"
    assert "<dt>Version</dt><dd>3</dd>" in page.body


async def test_status_can_be_updated(ada: Browser) -> None:
    await ada.make_task()
    page = await ada.submit("Update status", Status="Done")
    assert page.message == "Status updated."
    assert '<span class="badge status-done">Done</span>' in page.body


async def test_filters_and_pages(ada: Browser) -> None:
    await ada.make_task("Task 00")
    await ada.click("Notes")
    project = ada.page.path
    for number in range(1, 27):
        await ada.post(f"{project}/tasks", {"title": f"Task {number:02}", "status": "doing"})
    page = await ada.open(project)
    assert "Task 26" in page.links and "Task 01" not in page.links
    page = await ada.click("Next page")
    assert "Task 01" in page.links and "Task 00" in page.links and "Next page" not in page.links
    await ada.click("First page")
    page = await ada.submit("Apply filters", Status="To do")
    assert "Task 00" in page.links and "Task 26" not in page.links


async def test_comments_come_in_order_and_can_be_deleted(ada: Browser) -> None:
    await ada.make_task()
    await ada.submit("Add comment", Comment="One")
    await ada.submit("Add comment", Comment="Two")
    assert ada.page.body.index(">One<") < ada.page.body.index(">Two<")
    await ada.submit("Delete comment 1")
    assert ">One<" not in ada.page.body and ">Two<" in ada.page.body


async def test_deleting_a_task(ada: Browser) -> None:
    task = await ada.make_task()
    page = await ada.submit("Delete task")
    assert page.h1 == "Notes"
    assert (await ada.open(task)).status == 404


async def test_members_may_not_delete_the_tasks_of_others(ada: Browser, visitor: Browser) -> None:
    task = await ada.make_task()
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    page = await visitor.post(f"{task}/delete", {})
    assert page.status == 403
    assert (await ada.open(task)).status == 200
