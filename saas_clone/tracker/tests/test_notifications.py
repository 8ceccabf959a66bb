"""Who is told what, in the product and by mail."""

import pytest

from tests.browser import PASSWORD, Browser
from tests.mailbox import link_in, sent, text_of
from tracker.mentions import mentioned
from tracker.models import User
from tracker.services import Services

pytestmark = pytest.mark.anyio


def people(*names: str) -> list[User]:
    return [User(name=name, email="", password_hash="") for name in names]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("@Ada Lovelace: look", ["Ada Lovelace"]),
        ("please, @ada lovelace!", ["Ada Lovelace"]),
        ("@Ada, which one?", []),  # two have that first name
        ("@Grace is enough", ["Grace Hopper"]),
        ("grace@example.com is an address, @Graces is nobody", []),
        ("@GRACE HOPPER and @Ada Byron", ["Ada Byron", "Grace Hopper"]),
        ("@Jörg", ["JÖRG"]),
    ],
)
def test_mentions(body: str, named: list[str]) -> None:
    found = mentioned(body, people("Ada Lovelace", "Ada Byron", "Grace Hopper", "JÖRG"))
    assert sorted(user.name for user in found) == named


def test_namesakes_are_all_meant() -> None:
    assert len(mentioned("@Ada Lovelace", people("Ada Lovelace", "Ada Lovelace"))) == 2


async def test_a_mention_tells_its_member(ada: Browser, visitor: Browser, services: Services) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    task = await ada.make_task("Look here")
    await ada.submit("Add comment", Comment="@Bob, @Ada and @Nobody: see this")
    page = await visitor.open("/notifications")
    assert "Ada mentioned you:" in page.body and '<span class="unread" title="unread">1</span>' in page.body
    assert (await visitor.click("Look here")).path == task
    letter = sent(services, "bob@example.com")[-1]
    assert "see this" in text_of(letter) and link_in(letter, "/tasks/") == task
    assert "mentioned you" not in (await ada.open("/notifications")).body


async def test_other_teams_are_not_mentioned(ada: Browser, grace: Browser, services: Services) -> None:
    await ada.make_task()
    await ada.submit("Add comment", Comment="@Grace")
    assert "mentioned" not in (await grace.open("/notifications")).body
    assert sent(services) == []


async def test_an_assignment_tells_the_assignee(ada: Browser, visitor: Browser, services: Services) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    before = len(sent(services))
    await ada.make_task("Yours", Assignee="Bob")
    task = await ada.make_task("Mine first", Assignee="Ada")
    await ada.open(f"{task}/edit")
    await ada.submit("Save changes", Assignee="Bob")
    await ada.open(f"{task}/edit")
    await ada.submit("Save changes", Title="Mine no more")
    page = await visitor.open("/notifications")
    assert page.body.count("Ada assigned you:") == 2
    told = [(letter["To"], letter["Subject"]) for letter in sent(services)[before:]]
    assert told == [
        ("bob@example.com", "Assigned to you: Yours"),
        ("bob@example.com", "Assigned to you: Mine first"),
    ]
    await visitor.post("/account/mail", {"mentions": "yes"})
    await ada.make_task("Silently", Assignee="Bob")
    assert len(sent(services)) == before + 2
    assert "Silently" in (await visitor.open("/notifications")).links


async def test_one_can_be_read_and_then_the_rest(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    for title in ("One", "Two", "Three"):
        await ada.make_task(title, Assignee="Bob")
    await visitor.open("/notifications")
    page = await visitor.submit("Mark as read 2")
    assert page.message == "Marked as read."
    assert '<span class="unread" title="unread">2</span>' in page.body
    assert page.body.count("unread-item") == 2
    page = await visitor.submit("Mark all as read")
    assert "unread-item" not in page.body and 'class="unread"' not in page.body


async def test_nobody_reads_for_others(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await ada.make_task("One", Assignee="Bob")
    page = await visitor.open("/notifications")
    action = page.form("Mark as read 1").action
    assert (await ada.post(action, {})).status == 404
    assert "unread-item" in (await visitor.open("/notifications")).body


async def test_log_in_after_a_mail_leads_to_the_task(
    ada: Browser, visitor: Browser, services: Services
) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await ada.make_task("Yours", Assignee="Bob")
    await visitor.submit("Log out")
    await visitor.open(link_in(sent(services, "bob@example.com")[-1], "/tasks/"))
    page = await visitor.submit("Log in", Email="bob@example.com", Password=PASSWORD)
    assert page.h1 == "Yours"
