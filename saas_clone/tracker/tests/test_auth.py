"""Accounts: who gets in, and who does not."""

import anyio
import pytest
from sqlalchemy import update

from tests.browser import PASSWORD, Browser
from tracker.models import Session, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def test_sign_up_log_out_log_in(ada: Browser) -> None:
    page = await ada.submit("Log out")
    assert page.h1 == "Log in" and page.message == "You are logged out."
    page = await ada.submit("Log in", Email="ADA@example.com", Password=PASSWORD)
    assert page.h1 == "Projects"
    assert "Analytical Engines" in page.body


async def test_sign_up_names_every_mistake_and_keeps_what_was_typed(visitor: Browser) -> None:
    await visitor.open("/signup")
    page = await visitor.submit("Create account", Company_name="Acme", Email="no address", Password="short")
    assert page.status == 422
    for problem in ("Your name cannot be empty", "does not look like an address", "8 to 200 characters"):
        assert problem in page.alert
    assert page.form("Create account").fields["company"] == "Acme"


async def test_an_email_names_one_account(ada: Browser, visitor: Browser) -> None:
    await visitor.open("/signup")
    page = await visitor.submit(
        "Create account", Company_name="X", Your_name="Y", Email="Ada@Example.com", Password=PASSWORD
    )
    assert page.status == 409
    assert "already" in page.alert


async def test_pages_ask_for_a_login_and_lead_back(ada: Browser, visitor: Browser) -> None:
    page = await visitor.open("/labels")
    assert page.h1 == "Log in"
    page = await visitor.submit("Log in", Email="ada@example.com", Password=PASSWORD)
    assert page.h1 == "Labels"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_a_login_never_leads_to_another_site(ada: Browser, visitor: Browser, elsewhere: str) -> None:
    await visitor.open("/login")
    data = {"email": "ada@example.com", "password": PASSWORD, "next": elsewhere}
    page = await visitor.post("/login", data)
    assert page.path == "/projects"


async def test_wrong_passwords_are_counted(ada: Browser, visitor: Browser) -> None:
    data = {"email": "ada@example.com", "password": "wrong password"}
    for _ in range(10):
        assert (await visitor.post("/login", data)).status == 401
    data["password"] = PASSWORD
    headers = {"Origin": visitor.origin}
    async with visitor.http.post(visitor.server.make_url("/login"), data=data, headers=headers) as response:
        assert response.status == 429
        assert 0 < int(response.headers["Retry-After"]) <= 900


async def test_a_burst_of_attempts_does_not_outrun_the_throttle(ada: Browser, visitor: Browser) -> None:
    statuses: list[int] = []

    async def attempt() -> None:
        url, headers = visitor.server.make_url("/login"), {"Origin": visitor.origin}
        data = {"email": "ada@example.com", "password": "wrong"}
        async with visitor.http.post(url, data=data, headers=headers) as response:
            statuses.append(response.status)

    async with anyio.create_task_group() as group:
        for _ in range(16):
            group.start_soon(attempt)
    assert sorted(statuses) == [401] * 10 + [429] * 6


async def test_an_expired_session_is_over(ada: Browser, services: Services) -> None:
    async with services.database.writing() as session:
        await session.execute(update(Session).values(expires_at=now()))
    assert (await ada.open("/projects")).h1 == "Log in"


@pytest.mark.parametrize("cookie", ["nonsense", "é", "'; DROP TABLE users;--", "x" * 3000])
async def test_a_made_up_session_is_nobody(visitor: Browser, cookie: str) -> None:
    url = visitor.server.make_url("/projects")
    headers = {"Cookie": f"session={cookie}"}
    async with visitor.http.get(url, headers=headers, allow_redirects=False) as response:
        assert response.status == 303


async def test_the_session_cookie_is_protected(visitor: Browser) -> None:
    data = {"company": "Acme", "name": "Ann", "email": "ann@example.com", "password": PASSWORD}
    url = visitor.server.make_url("/signup")
    headers = {"Origin": visitor.origin}
    async with visitor.http.post(url, data=data, headers=headers, allow_redirects=False) as response:
        cookie = response.cookies["session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


async def test_a_new_password_logs_other_browsers_out(ada: Browser, visitor: Browser) -> None:
    await visitor.open("/login")
    await visitor.submit("Log in", Email="ada@example.com", Password=PASSWORD)
    await ada.open("/account")
    page = await ada.submit("Change password", Current_password=PASSWORD, New_password="battery staple")
    assert page.message == "Password changed."
    assert (await visitor.open("/projects")).h1 == "Log in"


async def test_changing_the_email_takes_the_password(ada: Browser) -> None:
    await ada.open("/account")
    page = await ada.submit("Change email", New_email="new@example.com", Current_password="wrong one")
    assert page.status == 403
    page = await ada.submit("Change email", New_email="new@example.com", Current_password=PASSWORD)
    assert "new@example.com" in page.body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
async def test_forms_of_other_sites_are_refused(ada: Browser, headers: dict[str, str], status: int) -> None:
    url = ada.server.make_url("/projects")
    data = {"name": "Forged"}
    async with ada.http.post(url, data=data, headers=headers, allow_redirects=False) as response:
        assert response.status == status


async def test_a_form_token_stands_in_for_the_headers(ada: Browser) -> None:
    data = {"name": "Mine", "csrf_token": ada.page.form("Create project").fields["csrf_token"]}
    url = ada.server.make_url("/projects")
    async with ada.http.post(url, data=data, allow_redirects=False) as response:
        assert response.status == 303
