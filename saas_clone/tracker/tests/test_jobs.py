"""Background jobs."""

import os
from datetime import timedelta

import anyio
import pytest
from sqlalchemy import func, select, update

from tests.browser import Browser
from tracker.jobs import cleanup, digest, reminders
from tracker.models import Attachment, Notification, Session, Task, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def test_reminders_come_once_per_due_date(ada: Browser, services: Services) -> None:
    tomorrow = (now() + timedelta(days=1)).date()
    await ada.make_task("Soon", Assignee="Ada", Due_date=str(tomorrow))
    assert await reminders.run(services) == 1
    assert await reminders.run(services) == 0
    page = await ada.open("/notifications")
    assert "Due tomorrow:" in page.body and "Soon" in page.links
    await ada.click("Soon")
    await ada.click("Edit task")
    await ada.submit("Save changes", Due_date=str(tomorrow - timedelta(days=3)))
    assert await reminders.run(services) == 1
    assert "Overdue since" in (await ada.open("/notifications")).body


async def test_nobody_is_reminded_of_what_is_done_or_far_away(ada: Browser, services: Services) -> None:
    today = now().date()
    await ada.make_task("Done", Status="Done", Due_date=str(today))
    await ada.make_task("Far", Due_date=str(today + timedelta(days=2)))
    await ada.make_task("Any time")
    assert await reminders.run(services) == 0


async def test_without_an_assignee_the_creator_is_reminded(ada: Browser, services: Services) -> None:
    await ada.make_task("Mine", Due_date=str(now().date()))
    assert await reminders.run(services) == 1
    assert "Mine" in (await ada.open("/notifications")).links


async def test_many_reminders(ada: Browser, services: Services) -> None:
    await ada.make_task("First")
    async with services.database.writing() as session:
        first = (await session.scalars(select(Task))).one()
        fields = ("organisation_id", "project_id", "title", "creator_id")
        copied = {name: getattr(first, name) for name in fields}
        session.add_all(Task(**copied, due_on=now().date()) for _ in range(1_100))
    assert await reminders.run(services) == 1_100


async def test_two_at_once_remind_once(ada: Browser, services: Services) -> None:
    await ada.make_task("Soon", Due_date=str(now().date()))
    sent: list[int] = []

    async def run() -> None:
        sent.append(await reminders.run(services))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(run)
    assert sorted(sent) == [0, 0, 0, 1]


async def test_the_header_counts_unread_notifications(ada: Browser, services: Services) -> None:
    await ada.make_task("Soon", Due_date=str(now().date()))
    await reminders.run(services)
    page = await ada.open("/notifications")
    assert '<span class="unread" title="unread">1</span>' in page.body
    page = await ada.submit("Mark all as read")
    assert 'class="unread"' not in page.body


async def test_a_digest_a_week(ada: Browser, grace: Browser, services: Services) -> None:
    await ada.make_task("One")
    assert await digest.run(services) == 2
    assert await digest.run(services) == 0
    assert "1 tasks created, 0 finished" in (await ada.open("/notifications")).body
    async with services.database.writing() as session:
        await session.execute(update(Notification).values(created_at=now() - timedelta(days=7)))
    assert await digest.run(services) == 2


async def test_cleanup_removes_old_sessions_and_lost_files(ada: Browser, services: Services) -> None:
    async with services.database.writing() as session:
        await session.execute(update(Session).values(expires_at=now() - timedelta(hours=1)))
    lost = services.files.path("lostlostlost")
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"lost")
    fresh = services.files.path("freshfreshxx")
    fresh.parent.mkdir(parents=True)
    fresh.write_bytes(b"fresh")
    os.utime(lost, (0, 0))
    assert await cleanup.run(services) == 2
    assert fresh.exists() and not lost.exists()
    async with services.database.session(writes=False) as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 0
        assert await session.scalar(select(func.count()).select_from(Attachment)) == 0
