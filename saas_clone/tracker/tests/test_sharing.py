"""Share links: what strangers see, and what they do not."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from yarl import URL

from tests.browser import Browser
from tracker.models import ShareLink, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def share(browser: Browser, path: str, **typed: str) -> str:
    """Make a link to a task or project and return its path."""
    await browser.open(f"{path}/share")
    page = await browser.submit("Create share link", **typed)
    assert page.status == 201 and page.h1 == "Share link created"
    return URL(next(text for text in page.links if "/share/" in text)).path


async def test_a_task_can_be_read_without_an_account(ada: Browser, visitor: Browser) -> None:
    task = await ada.make_task("Open plans", Description="For everybody", Assignee="Ada")
    await ada.submit("Add comment", Comment="but this is not")
    link = await share(ada, task)
    page = await visitor.open(link)
    assert page.h1 == "Open plans" and "For everybody" in page.body
    for hidden in ("but this is not", "ada@example.com", "Ada", "Notes", "Analytical Engines"):
        assert hidden not in page.body
    assert page.forms == []


async def test_comments_are_shown_when_chosen(ada: Browser, visitor: Browser) -> None:
    task = await ada.make_task("Open plans")
    await ada.submit("Add comment", Comment="this too")
    page = await visitor.open(await share(ada, task, Show_the_comments_too="yes"))
    assert "this too" in page.body and "ada@example.com" not in page.body


async def test_a_project_shows_its_tasks_and_no_more(ada: Browser, visitor: Browser) -> None:
    await ada.make_task("In it", Description="not in a list")
    await ada.click("Notes")
    project = ada.page.path
    await ada.make_task("In another project of the same name")
    page = await visitor.open(await share(ada, project))
    assert page.h1 == "Notes" and "In it" in page.body
    assert "In another" not in page.body and "not in a list" not in page.body
    assert "/tasks/" not in page.body


@pytest.mark.parametrize("whole", [True, False])
async def test_links_end_with_their_project(ada: Browser, visitor: Browser, whole: bool) -> None:
    task = await ada.make_task("In it")
    await ada.click("Notes")
    project = ada.page.path
    link = await share(ada, project if whole else task)
    assert (await visitor.open(link)).status == 200
    await ada.open(f"{project}/settings")
    await ada.submit("Delete project", Delete_this_project_and_all_its_tasks="yes")
    assert (await visitor.open(link)).status == 404
    assert "In it" not in (await ada.open("/share-links")).body


async def test_shared_lists_have_pages(ada: Browser, visitor: Browser) -> None:
    await ada.make_task("First")
    await ada.click("Notes")
    project = ada.page.path
    for number in range(25):
        await ada.post(f"{project}/tasks", {"title": f"Card {number}"})
    page = await visitor.open(await share(ada, project))
    assert "First" not in page.body
    assert "First" in (await visitor.click("Next page")).body


async def test_nothing_keeps_or_indexes_it(ada: Browser, visitor: Browser) -> None:
    link = await share(ada, await ada.make_task())
    async with visitor.http.get(visitor.server.make_url(link)) as response:
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert response.headers["Cache-Control"] == "no-store"
        assert '<meta name="robots" content="noindex' in await response.text()


async def test_a_revoked_link_is_void(ada: Browser, visitor: Browser) -> None:
    task = await ada.make_task("Open plans")
    link, other = await share(ada, task), await share(ada, task)
    await ada.open(f"{task}/share")
    page = await ada.submit("Revoke share link 2")  # the older one
    assert page.message == "Share link revoked."
    assert (await visitor.open(link)).status == 404
    assert (await visitor.open(other)).status == 200


async def test_a_link_ends_with_its_last_day(ada: Browser, visitor: Browser, services: Services) -> None:
    task = await ada.make_task("Open plans")
    await ada.open(f"{task}/share")
    yesterday = str((now() - timedelta(days=1)).date())
    assert (await ada.submit("Create share link", Last_day=yesterday)).status == 422
    link = await share(ada, task, Last_day=str(now().date()))
    assert (await visitor.open(link)).status == 200
    async with services.database.writing() as session:
        expires = (await session.scalars(select(ShareLink.expires_at))).one()
        assert expires is not None and expires.date() == (now() + timedelta(days=1)).date()
        await session.execute(update(ShareLink).values(expires_at=now()))
    assert (await visitor.open(link)).status == 404


async def test_members_share_and_revoke_their_own(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    task = await ada.make_task("Open plans")
    await share(ada, task)
    page = await visitor.open("/share-links")
    assert "Revoke share link 1" not in [form.button for form in page.forms]
    await ada.open("/share-links")
    action = ada.page.form("Revoke share link 1").action
    assert (await visitor.post(action, {})).status == 403
    link = await share(visitor, task)
    await visitor.open("/share-links")
    await visitor.submit("Revoke share link 1")
    assert (await ada.open(link)).status == 404


async def test_links_of_others_do_not_exist(ada: Browser, grace: Browser) -> None:
    task = await ada.make_task("Open plans")
    await share(ada, task)
    await ada.open("/share-links")
    action = ada.page.form("Revoke share link 1").action
    assert (await grace.post(action, {})).status == 404
    assert (await grace.open(f"{task}/share")).status == 404
    assert "Open plans" not in (await grace.open("/share-links")).body


async def test_a_link_goes_with_its_task(ada: Browser, visitor: Browser) -> None:
    task = await ada.make_task("Open plans")
    link = await share(ada, task)
    await ada.open(task)
    await ada.submit("Delete task")
    assert (await visitor.open(link)).status == 404


@pytest.mark.parametrize("token", ["x" * 43, "short", "%C3%A9" * 10, "x" * 5000])
async def test_guesses_lead_nowhere(visitor: Browser, token: str) -> None:
    assert (await visitor.open(f"/share/{token}")).status == 404
