"""Search."""

from functools import partial

import anyio
import pytest
from sqlalchemy import select

from tests.browser import Browser
from tracker.models import SearchDocument
from tracker.services import Services

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Write the Report", "report"),
        ("Straße fegen", "STRASSE"),
        ("Überfällige Rechnung", "üBERFÄLLIGE rechnung"),
        ("Ada's notes", "ada's"),
        ("100% done_ish", "100% done_ish"),
        ("Прочитать книгу", "КНИГУ"),
        ("One two three", "three one"),
    ],
)
async def test_found(ada: Browser, title: str, query: str) -> None:
    await ada.make_task(title)
    await ada.make_task("Something else")
    page = await ada.submit("Search", Search=query)
    assert title in page.links
    assert "Something else" not in page.links


async def test_descriptions_and_comments_count(ada: Browser) -> None:
    await ada.make_task("Plain", Description="mentions turbines")
    await ada.submit("Add comment", Comment="and also Boilers")
    assert "Plain" in (await ada.submit("Search", Search="turbines boilers")).links


async def test_what_is_gone_is_not_found(ada: Browser) -> None:
    task = await ada.make_task("Old words")
    await ada.submit("Add comment", Comment="passing remark")
    await ada.submit("Delete comment 1")
    await ada.click("Edit task")
    await ada.submit("Save changes", Title="New words")
    assert "Nothing found" in (await ada.submit("Search", Search="old")).body
    assert "Nothing found" in (await ada.submit("Search", Search="remark")).body
    assert "New words" in (await ada.submit("Search", Search="new")).links
    await ada.open(task)
    await ada.submit("Delete task")
    assert "Nothing found" in (await ada.submit("Search", Search="new")).body


async def test_comments_that_come_and_go_at_once_are_all_true(ada: Browser, services: Services) -> None:
    task = await ada.make_task("Busy")
    for number in range(4):
        await ada.post(f"{task}/comments", {"body": f"old{number}"})
    deletions = [form.action for form in ada.page.forms if form.button.startswith("Delete comment")]

    async def send(path: str, **fields: str) -> None:
        url, headers = ada.server.make_url(path), {"Origin": ada.origin}
        async with ada.http.post(url, data=fields, headers=headers, allow_redirects=False) as response:
            assert response.status == 303

    async with anyio.create_task_group() as group:
        for number, path in enumerate(deletions):
            group.start_soon(partial(send, path))
            group.start_soon(partial(send, f"{task}/comments", body=f"new{number}"))
    async with services.database.session(writes=False) as session:
        document = (await session.scalars(select(SearchDocument.text))).one()
    assert sorted(document.split()) == ["busy", "new0", "new1", "new2", "new3"]


@pytest.mark.parametrize("query", ["", "   ", "%", "\\", "x" * 500, "\x00", "' OR 1=1 --"])
async def test_odd_queries_are_answered(ada: Browser, query: str) -> None:
    assert (await ada.submit("Search", Search=query)).status == 200
