"""Recurring tasks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.api_client import Api
from tests.browser import Browser
from tracker.automation_models import Occurrence, RecurringTask
from tracker.calendars import day_of
from tracker.jobs import recurring as job
from tracker.models import Organisation, Task, now
from tracker.recurrence import Rule
from tracker.services import Services

pytestmark = pytest.mark.anyio


def days(rule: Rule, first: date, count: int) -> list[str]:
    found = [rule.first_from(first)]
    while len(found) < count:
        found.append(rule.after(found[-1]))
    return [day.isoformat() for day in found]


def test_rules() -> None:
    assert days(Rule("daily"), date(2028, 2, 28), 3) == ["2028-02-28", "2028-02-29", "2028-03-01"]
    weekly = Rule("weekly", (0, 4))
    assert days(weekly, date(2026, 3, 3), 3) == ["2026-03-06", "2026-03-09", "2026-03-13"]
    short = Rule("monthly", month_day=31)
    assert days(short, date(2027, 1, 31), 4) == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert days(short, date(2028, 2, 1), 1) == ["2028-02-29"]


def test_days_are_those_of_the_organisation() -> None:
    late = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    assert day_of(Organisation(time_zone="Pacific/Auckland"), late) == date(2026, 3, 2)
    assert day_of(Organisation(time_zone="America/New_York"), late) == date(2026, 3, 1)


async def titles(services: Services) -> list[tuple[str, date | None]]:
    async with services.database.session(writes=False) as session:
        rows = (await session.execute(select(Task.title, Task.due_on).order_by(Task.id))).all()
        return [(title, due_on) for title, due_on in rows]


async def make(browser: Browser, **typed: str) -> None:
    await browser.open("/projects")
    await browser.submit("Create project", Project_name="Notes")
    await browser.open("/recurring")
    await browser.submit("Create recurring task", Title="Water the plants", Project="Notes", **typed)


async def test_a_day_has_one_task(ada: Browser, services: Services) -> None:
    await make(ada, Assignee="Ada", Priority="High")
    assert ada.page.path == "/recurring" and "Water the plants" in ada.page.body
    assert await job.run(services) == 1
    assert await job.run(services) == 0
    today = now().date()
    assert await titles(services) == [("Water the plants", today)]
    async with (
        services.database.writing() as session
    ):  # as if a second job had read before the first one wrote
        await session.execute(update(RecurringTask).values(next_on=today))
    assert await job.run(services) == 0
    await ada.open("/my-tasks")
    assert "Water the plants" in ada.page.links


async def test_missed_days_are_not_made_up_for(ada: Browser, services: Services) -> None:
    await make(ada)
    before = now().date() - timedelta(days=4)
    async with services.database.writing() as session:
        await session.execute(update(RecurringTask).values(next_on=before))
    assert await job.run(services) == 1
    async with services.database.session(writes=False) as session:
        next_on = await session.scalar(select(RecurringTask.next_on))
        assert await session.scalar(select(Occurrence.day)) == before
    assert next_on == now().date() + timedelta(days=1)


async def test_nothing_is_made_ahead_of_time_or_in_an_archived_project(
    ada: Browser, services: Services
) -> None:
    await make(ada, First_date=str(now().date() + timedelta(days=2)))
    assert await job.run(services) == 0
    async with services.database.writing() as session:
        await session.execute(update(RecurringTask).values(next_on=now().date()))
    await ada.open("/projects")
    await ada.click("Notes")
    await ada.click("Project settings")
    await ada.submit("Archive project")
    assert await job.run(services) == 0
    assert await titles(services) == []


async def test_what_is_stopped_is_not_made(ada: Browser, services: Services) -> None:
    await make(ada)
    await ada.submit("Stop repeating Water the plants")
    assert await job.run(services) == 0
    assert "Nothing repeats yet" in (await ada.open("/recurring")).body


async def test_mistakes(ada: Browser) -> None:
    await make(ada, Repeats="Weekly")
    assert ada.page.status == 422 and "weekday" in ada.page.alert
    await make(ada, Repeats="Monthly", Day_of_the_month="32", First_date="2020-01-01")
    assert "from 1 to 31" in ada.page.alert and "past" in ada.page.alert


async def test_by_api(api: Api, grace: Browser) -> None:
    project = await api("POST", "/projects", 201, {"name": "Notes"})
    new = {"project_id": project["id"], "title": "Pay", "frequency": "weekly", "weekdays": [0, 3]}
    made = await api("POST", "/recurring", 201, new)
    assert made["weekdays"] == [0, 3] and date.fromisoformat(made["next_on"]).weekday() in (0, 3)
    assert (await api("GET", "/recurring", 200))["items"] == [made]
    await api("POST", "/recurring", 422, {**new, "weekdays": [7]})
    await api("POST", "/recurring", 422, {**new, "frequency": "hourly"})
    theirs = Api(grace, await grace.make_token())
    await theirs("DELETE", f"/recurring/{made['id']}", 404)
    await api("DELETE", f"/recurring/{made['id']}", 204)


async def test_the_time_zone_is_a_setting(ada: Browser) -> None:
    await ada.open("/settings")
    page = await ada.submit("Save settings", Time_zone="Europe/Berlin")
    assert page.message == "Settings saved."
    assert page.form("Save settings").fields["time_zone"] == "Europe/Berlin"
    page = await ada.post("/settings", {"time_zone": "Mars/Olympus"})
    assert page.status == 422
