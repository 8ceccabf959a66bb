"""Search."""

import pytest

from tests.browser import Browser

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


@pytest.mark.parametrize("query", ["", "   ", "%", "\\", "x" * 500, "\x00", "' OR 1=1 --"])
async def test_odd_queries_are_answered(ada: Browser, query: str) -> None:
    assert (await ada.submit("Search", Search=query)).status == 200
