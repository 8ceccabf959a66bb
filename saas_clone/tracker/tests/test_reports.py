"""Reports, and the history of states that they are made of."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from tests.api_client import Api
from tests.browser import Browser
from tracker.automation_models import TaskStateChange
from tracker.models import Task, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def test_every_move_is_written_down(ada: Browser, services: Services) -> None:
    await ada.make_task("One")
    async with services.database.writing() as session:
        await session.execute(update(TaskStateChange).values(at=now() - timedelta(hours=2)))
    await ada.submit("Update status", Status="Doing")
    await ada.submit("Update status", Status="Doing")
    await ada.submit("Update status", Status="Done")
    async with services.database.session(writes=False) as session:
        found = (await session.scalars(select(TaskStateChange).order_by(TaskStateChange.id))).all()
    assert [(x.before, x.after) for x in found] == [(None, "todo"), ("todo", "doing"), ("doing", "done")]
    assert found[0].seconds_before is None
    assert found[1].seconds_before is not None and 7_200 <= found[1].seconds_before < 7_260


async def test_the_report_counts_what_was_done(api: Api, ada: Browser, grace: Browser) -> None:
    await grace.make_task("Theirs", Status="Done")
    await ada.make_task("Finished once", Status="Done")
    await ada.make_task("Again and again")
    for status in ("Done", "To do", "Done"):
        await ada.submit("Update status", Status=status)
    await ada.make_task("Late", Assignee="Ada", Priority="High", Due_date="2020-01-01")
    await ada.make_task("Nobody's")
    found = await api("GET", "/reports", 200)
    assert found["throughput"][0]["finished"] == 2
    assert [week["finished"] for week in found["throughput"][1:]] == [0] * 7
    assert {stay["state"]: stay["tasks"] for stay in found["time_in_state"]} == {"todo": 2, "done": 1}
    loads = {(row["assignee"], row["priority"]): row["tasks"] for row in found["open_tasks"]}
    assert loads == {("Ada", "high"): 1, (None, "normal"): 1}
    assert ([task["title"] for task in found["overdue"]], found["overdue_count"]) == (["Late"], 1)
    page = await ada.open("/reports")
    assert '<td class="finished-this-week">2</td>' in page.body and "Late" in page.links


async def test_a_week_begins_where_the_organisation_is(api: Api, ada: Browser, services: Services) -> None:
    await ada.make_task("Finished", Status="Done")
    async with services.database.writing() as session:
        await session.execute(update(TaskStateChange).values(at=now() - timedelta(weeks=1)))
    weeks = (await api("GET", "/reports", 200))["throughput"]
    assert [week["finished"] for week in weeks[:3]] == [0, 1, 0]


async def test_reports_read_by_index(api: Api, services: Services) -> None:
    if services.database.engine.dialect.name != "sqlite":
        pytest.skip("reads SQLite's query plans")
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(services.database.engine.sync_engine, "before_cursor_execute", note)
    await api("GET", "/reports", 200)
    asked = [text for text in statements if "count(" in text]
    assert len(asked) == 4
    async with services.database.engine.connect() as connection:
        for text in asked:
            parameters = tuple(["1"] * text.count("?"))
            plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)).all()
            steps = [str(tuple(row)[3]) for row in plan]
            scans = [step for step in steps if step.startswith("SCAN") and "(subquery" not in step]
            scans = [step for step in scans if step != "SCAN counted"]  # a few rows, made by the statement
            assert scans == [], text


async def test_deleted_tasks_leave_the_reports(api: Api, ada: Browser, services: Services) -> None:
    await ada.make_task("Finished", Status="Done")
    await ada.submit("Delete task")
    assert (await api("GET", "/reports", 200))["throughput"][0]["finished"] == 0
    async with services.database.session(writes=False) as session:
        assert (await session.scalars(select(Task.id))).all() == []
