"""The audit log: what was done about security, for owners and admins."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.browser import PASSWORD, Browser
from tracker.jobs import cleanup
from tracker.models import AuditEvent, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def kinds(services: Services) -> list[str]:
    async with services.database.session(writes=False) as session:
        return list(await session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id)))


async def test_who_did_what_from_where(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await ada.open("/members")
    await ada.submit("Change role of Bob", Role_of_Bob="Admin")
    await ada.make_token()
    await ada.open("/billing")
    await ada.submit("Change plan", Plan="Team", Seats="7")
    await ada.open("/members")
    page = await ada.click("Audit log")
    for words in (
        "Invitation created",
        "bob@example.com as member",
        "Joined the team",
        "bob@example.com is admin now",
        "API token created",
        "plan team, 7 seats",
        "127.0.0.1",
    ):
        assert words in page.body, words


async def test_log_ins_good_and_bad(ada: Browser, visitor: Browser, services: Services) -> None:
    data = {"email": "ada@example.com", "password": "wrong password"}
    await visitor.post("/login", data)
    await visitor.post("/login", {**data, "email": "nobody@example.com"})
    await visitor.post("/login", {**data, "password": PASSWORD})
    assert await kinds(services) == ["failed-log-in", "log-in"]
    await ada.open("/audit")
    page = await ada.submit("Apply filter", Kind="Failed to log in")
    assert page.body.count("<td>Failed to log in</td>") == 1 and "<td>Logged in</td>" not in page.body


async def test_account_changes_are_told_to_every_team(
    ada: Browser, grace: Browser, services: Services
) -> None:
    await ada.open("/members")
    page = await ada.submit("Create invitation", Email="grace@example.com", Role="Member")
    path = next(x for text, x in page.links.items() if "/join/" in text).removeprefix(ada.origin)
    await grace.open(path)
    await grace.submit("Join team", Password=PASSWORD)
    await grace.open("/account")
    await grace.submit("Change password", Current_password=PASSWORD, New_password="battery staple")
    await grace.open("/account")
    await grace.submit("Change email", New_email="g@example.com", Current_password="battery staple")
    assert (await kinds(services))[2:] == ["password", "password", "email", "email"]
    assert "Password changed" in (await ada.open("/audit")).body


async def test_revoking_and_removing(ada: Browser, visitor: Browser, services: Services) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await ada.open("/members")
    await ada.submit("Create invitation", Email="eve@example.com", Role="Member")
    await ada.open("/members")
    await ada.submit("Revoke invitation for eve@example.com")
    await ada.open("/members")
    await ada.submit("Remove Bob")
    await ada.make_token()
    await ada.open("/account/tokens")
    await ada.submit("Revoke token script")
    task = await ada.make_task()
    await ada.open(f"{task}/share")
    await ada.submit("Create share link")
    await ada.open("/share-links")
    await ada.submit("Revoke share link 1")
    assert (await kinds(services))[2:] == [
        "invited",
        "revoked",
        "removed",
        "token",
        "token-revoked",
        "share",
        "share-revoked",
    ]


async def test_it_is_for_managers_of_the_same_team(ada: Browser, visitor: Browser, grace: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    assert (await visitor.open("/audit")).status == 403
    assert "Audit log" not in (await visitor.open("/members")).links
    assert "bob@example.com" not in (await grace.open("/audit")).body


async def test_it_has_pages(ada: Browser, services: Services) -> None:
    await ada.make_token()
    async with services.database.writing() as session:
        one = (await session.scalars(select(AuditEvent))).one()
        fields = {"organisation_id": one.organisation_id, "kind": "role", "address": ""}
        session.add_all(AuditEvent(**fields, subject=f"number {n}") for n in range(30))
    page = await ada.open("/audit?kind=role")
    assert "number 29" in page.body and "number 4<" not in page.body
    page = await ada.click("Next page")
    assert "number 4<" in page.body and "API token" not in page.body.split("</form>")[-1]


async def test_cleanup_keeps_half_a_year(ada: Browser, services: Services) -> None:
    await ada.make_token()
    await ada.open("/account/tokens")
    await ada.submit("Revoke token script")
    async with services.database.writing() as session:
        for kind, days in (("token", 181), ("token-revoked", 179)):
            await session.execute(
                update(AuditEvent).where(AuditEvent.kind == kind).values(at=now() - timedelta(days=days))
            )
    assert await cleanup.run(services) == 1
    assert await kinds(services) == ["token-revoked"]
    async with services.database.session(writes=False) as session:
        assert await session.scalar(select(func.count()).select_from(AuditEvent)) == 1
