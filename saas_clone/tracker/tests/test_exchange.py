"""Export and import."""

import csv
import io
import json

import aiohttp
import pytest
from sqlalchemy import func, select

from tests.browser import Browser, Page
from tracker.automation_models import ImportFile
from tracker.csv_files import MOST_ROWS
from tracker.exports import original_text, plain_cell
from tracker.imports import FILE_LIFE
from tracker.jobs import cleanup
from tracker.models import Task, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def download(browser: Browser, path: str) -> str:
    async with browser.http.get(browser.server.make_url(path)) as response:
        assert response.status == 200
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        return await response.text()


async def choose(browser: Browser, text: str | bytes, project: str = "") -> Page:
    """Choose a file to import and look at the preview."""
    form = aiohttp.FormData()
    form.add_field("project", project)
    form.add_field("file", text if isinstance(text, bytes) else text.encode(), filename="tasks.csv")
    return await browser.post("/import", form)


async def start(browser: Browser) -> str:
    """Start a project and return its id."""
    await browser.open("/projects")
    return (await browser.submit("Create project", Project_name="Notes")).path.rsplit("/", 1)[1]


async def count(services: Services) -> int:
    async with services.database.session(writes=False) as session:
        return await session.scalar(select(func.count(Task.id))) or 0


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "plain", "'quoted", ""])
def test_formulas_are_texts(text: str) -> None:
    assert not plain_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert original_text(plain_cell(text)) == text


async def test_tasks_as_csv_respect_filters_and_hold_no_formulas(ada: Browser, grace: Browser) -> None:
    await grace.make_task("Theirs")
    await ada.make_task('=HYPERLINK("http://evil")', Description="Line one\nLine two", Assignee="Ada")
    await ada.make_task("Finished", Status="Done")
    rows = list(csv.DictReader(io.StringIO(await download(ada, "/export/tasks"))))
    assert [row["Title"] for row in rows] == ['\'=HYPERLINK("http://evil")', "Finished"]
    assert (rows[0]["Description"], rows[0]["Assignee"]) == ("Line one\nLine two", "ada@example.com")
    rows = list(csv.DictReader(io.StringIO(await download(ada, "/export/tasks?status=done"))))
    assert [row["Title"] for row in rows] == ["Finished"]
    assert (await ada.open("/export/tasks?status=nonsense")).status == 422
    assert (await ada.open("/export/tasks?project=aaaaaaaaaaaa")).status == 404


async def test_many_tasks_come_in_batches(ada: Browser) -> None:
    project = await start(ada)
    await choose(ada, "Title\n" + "\n".join(f"Task {number}" for number in range(1_201)), project)
    await ada.submit("Import tasks")
    found = json.loads(await download(ada, "/export/tasks?format=json"))["tasks"]
    assert [task["title"] for task in found] == [f"Task {number}" for number in range(1_201)]


async def test_owners_take_everything_with_them(ada: Browser, visitor: Browser) -> None:
    await ada.make_task("One")
    await ada.submit("Add comment", Comment="Said")
    found = json.loads(await download(ada, "/export/organisation.json"))
    assert found["organisation"]["name"] == "Analytical Engines"
    assert [task["title"] for task in found["tasks"]] == ["One"]
    assert [comment["body"] for comment in found["comments"]] == ["Said"]
    assert [member["email"] for member in found["members"]] == ["ada@example.com"]
    await visitor.invited_by(ada, "Bob", "bob@example.com", "Admin")
    assert (await visitor.open("/export/organisation.json")).status == 403


FILE = """Name;External ID;State;Assigned to;Due;Tags;Size
Call "them";a-1;In progress;ADA@example.com;2030-01-31;red, urgent;3
"Two
lines";a-2;;;;;
"""


async def test_a_file_is_previewed_then_imported_and_never_doubled(ada: Browser, services: Services) -> None:
    project = await start(ada)
    page = await choose(ada, "\ufeff" + FILE.replace('"them"', "them"), project)
    assert (page.status, page.h1) == (200, "Preview of the import")
    assert "(not used)" in page.body and "Call them" in page.body
    assert await count(services) == 0
    page = await ada.submit("Import tasks")
    assert page.message == "2 tasks imported, 0 were here already."
    await ada.open("/search?q=call")
    page = await ada.click("Call them")
    for text in ("Doing", "<dd>Ada</dd>", "2030-01-31", ">red<", ">urgent<"):
        assert text in page.body
    await choose(ada, FILE.replace('"them"', "them"), project)
    page = await ada.submit("Import tasks")
    assert page.message == "0 tasks imported, 2 were here already."
    assert await count(services) == 2


async def test_an_export_can_be_imported_elsewhere_and_doubles_nothing_here(
    ada: Browser, grace: Browser
) -> None:
    await ada.make_task("-- see note", Description="@home", Priority="High")
    text = await download(ada, "/export/tasks")
    await grace.open("/projects")
    await grace.submit("Create project", Project_name="Notes")
    await choose(grace, text.replace("ada@example.com", ""))
    assert (await grace.submit("Import tasks")).message == "1 tasks imported, 0 were here already."
    rows = list(csv.DictReader(io.StringIO(await download(grace, "/export/tasks"))))
    assert [(row["Title"], row["Description"], row["Priority"]) for row in rows] == [
        ("'-- see note", "'@home", "high")
    ]
    await choose(ada, text)
    assert (await ada.submit("Import tasks")).message == "0 tasks imported, 1 were here already."


async def test_mistakes_are_named_with_line_and_column_and_nothing_is_stored(
    ada: Browser, services: Services
) -> None:
    project = await start(ada)
    text = 'Title,Status,Due date,Assignee,ID\n"Two\nlines",todo,,,x\n,later,2030-02-30,nobody@x.example,x\n'
    page = await choose(ada, text, project)
    assert page.status == 422
    for column in ("Title", "Status", "Due date", "Assignee", "ID"):
        assert f"<tr><td>4</td><td>{column}</td>" in page.body, column
    assert [form.button for form in page.forms if form.button == "Import tasks"] == []
    assert (await ada.post(f"{page.path}/run", {})).status == 409
    assert await count(services) == 0


async def test_a_name_that_two_members_have_names_nobody(ada: Browser, visitor: Browser) -> None:
    project = await start(ada)
    assert (await choose(ada, "Title,Assignee\nOne,Ada\n", project)).status == 200
    await visitor.invited_by(ada, "ada", "other@example.com")
    page = await choose(ada, "Title,Assignee\nOne,Ada\n", project)
    assert page.status == 422 and "only one has" in page.body
    assert (await choose(ada, "Title,Assignee\nOne,other@example.com\n", project)).status == 200


async def test_the_head_of_a_download_has_no_body(ada: Browser) -> None:
    await ada.make_task("One")
    async with ada.http.head(ada.server.make_url("/export/tasks")) as response:
        assert (response.status, await response.read()) == (200, b"")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"", "Title"),
        (b"Titel\nx\n", "Title"),
        (b"Title\n", "no rows"),
        (b'Title\n"open\n', "cannot be read"),
        (b"Title\n" + b"x\n" * (MOST_ROWS + 1), "5,000"),
    ],
)
async def test_files_that_are_no_tables(ada: Browser, content: bytes, words: str) -> None:
    page = await choose(ada, content)
    assert page.status == 422 and words in page.alert


async def test_files_belong_to_who_chose_them_and_run_out(
    ada: Browser, grace: Browser, services: Services
) -> None:
    project = await start(ada)
    page = await choose(ada, "Title\nOne\n", project)
    assert (await grace.open(page.path)).status == 404
    async with services.database.writing() as session:
        kept = (await session.scalars(select(ImportFile))).one()
        kept.created_at = now() - FILE_LIFE
    assert (await ada.open(page.path)).status == 404
    assert await cleanup.run(services) == 1
