"""A new password by mail."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.browser import PASSWORD, Browser
from tests.mailbox import link_in, sent
from tracker.jobs import cleanup
from tracker.models import PasswordReset, ResetRequest, now
from tracker.services import Services

pytestmark = pytest.mark.anyio
NEW = "battery staple"


async def ask(browser: Browser, services: Services, email: str = "ada@example.com") -> str:
    """Ask for a link and return its path."""
    await browser.open("/login")
    await browser.click("Forgotten your password?")
    await browser.submit("Send link", Email=email)
    return link_in(sent(services, email)[-1], "/reset/")


async def test_the_link_sets_a_new_password_once(ada: Browser, visitor: Browser, services: Services) -> None:
    path = await ask(visitor, services)
    assert (await visitor.open(path)).h1 == "Choose a new password"
    assert (await visitor.submit("Set new password", New_password="short")).status == 422
    page = await visitor.submit("Set new password", New_password=NEW)
    assert page.h1 == "Log in" and "is changed" in page.message
    assert (await visitor.open(path)).status == 404
    assert (await visitor.post(path, {"new_password": "another one"})).status == 404
    data = {"email": "ada@example.com", "password": PASSWORD}
    assert (await visitor.post("/login", data)).status == 401
    assert (await visitor.post("/login", {**data, "password": NEW})).h1 == "Projects"
    assert (await ada.open("/projects")).h1 == "Log in"  # her other browser is out
    assert sent(services, "ada@example.com")[-1]["Subject"] == "Your password was changed"


async def test_all_links_end_with_the_first_that_is_used(
    ada: Browser, visitor: Browser, services: Services
) -> None:
    first, second = await ask(visitor, services), await ask(visitor, services)
    await visitor.open(second)
    await visitor.submit("Set new password", New_password=NEW)
    assert (await visitor.open(first)).status == 404


@pytest.mark.parametrize("change", ["password", "email"])
async def test_links_end_when_the_account_changes(
    ada: Browser, visitor: Browser, services: Services, change: str
) -> None:
    path = await ask(visitor, services)
    await ada.open("/account")
    if change == "password":
        page = await ada.submit("Change password", Current_password=PASSWORD, New_password=NEW)
    else:
        page = await ada.submit("Change email", New_email="new@example.com", Current_password=PASSWORD)
    assert page.message.endswith("changed.")
    assert (await visitor.open(path)).status == 404


async def test_strangers_get_the_same_answer_and_no_mail(
    ada: Browser, visitor: Browser, services: Services
) -> None:
    answers = []
    for email in ("ada@example.com", "nobody@example.com"):
        await visitor.open("/reset")
        page = await visitor.submit("Send link", Email=email)
        answers.append((page.status, page.path, page.message, page.body))
    assert answers[0] == answers[1]
    assert [letter["To"] for letter in sent(services)] == ["ada@example.com"]
    assert list((services.mail.folder / "tmp").iterdir()) == []
    async with services.database.session(writes=False) as session:  # the same work for both
        assert await session.scalar(select(func.count()).select_from(PasswordReset)) == 2


async def test_a_link_ends_after_an_hour(ada: Browser, visitor: Browser, services: Services) -> None:
    path = await ask(visitor, services)
    async with services.database.writing() as session:
        expires = (await session.scalars(select(PasswordReset.expires_at))).one()
        assert timedelta(minutes=59) < expires - now() <= timedelta(hours=1)
        await session.execute(update(PasswordReset).values(expires_at=now()))
    assert (await visitor.open(path)).status == 404


async def test_the_link_is_not_in_the_database(ada: Browser, visitor: Browser, services: Services) -> None:
    secret = (await ask(visitor, services)).rsplit("/", 1)[1]
    async with services.database.session(writes=False) as session:
        assert secret not in (await session.scalars(select(PasswordReset.fingerprint))).all()


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
async def test_asking_is_throttled_alike(ada: Browser, visitor: Browser, email: str) -> None:
    headers = {"Origin": visitor.origin}
    url = visitor.server.make_url("/reset")
    for status in (303, 303, 303, 303, 303, 429):
        async with visitor.http.post(
            url, data={"email": email}, headers=headers, allow_redirects=False
        ) as response:
            assert response.status == status
    assert 0 < int(response.headers["Retry-After"]) <= 3601


async def test_one_address_cannot_write_to_everybody(visitor: Browser, services: Services) -> None:
    for number in range(20):
        await visitor.post("/reset", {"email": f"u{number}@example.com"})
    assert (await visitor.post("/reset", {"email": "u20@example.com"})).status == 429
    async with services.database.writing() as session:
        await session.execute(update(ResetRequest).values(at=now() - timedelta(hours=2)))
    assert (await visitor.post("/reset", {"email": "u20@example.com"})).status == 200


async def test_cleanup_forgets_requests_and_old_links(
    ada: Browser, visitor: Browser, services: Services
) -> None:
    await ask(visitor, services)
    async with services.database.writing() as session:
        await session.execute(update(ResetRequest).values(at=now() - timedelta(hours=2)))
        await session.execute(update(PasswordReset).values(expires_at=now() - timedelta(seconds=1)))
    assert await cleanup.run(services) == 2
    async with services.database.session(writes=False) as session:
        assert await session.scalar(select(func.count()).select_from(PasswordReset)) == 0
