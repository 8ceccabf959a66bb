"""Members, roles, invitations, billing."""

import pytest
from sqlalchemy import insert

from tests.browser import PASSWORD, Browser
from tracker.models import Invoice, now
from tracker.services import Services

pytestmark = pytest.mark.anyio


async def test_an_invitation_works_once(ada: Browser, visitor: Browser) -> None:
    await ada.open("/members")
    page = await ada.submit("Create invitation", Email="bob@example.com", Role="Member")
    assert page.status == 201
    link = next(address for text, address in page.links.items() if "/join/" in text)
    path = link.removeprefix(ada.origin)
    assert (await visitor.open(path)).h1 == "Join Analytical Engines"
    await visitor.submit("Join team", Your_name="Bob", Password=PASSWORD)
    assert visitor.page.message == "You have joined the team."
    assert (await ada.open(path)).status == 404


async def test_a_revoked_invitation_is_void(ada: Browser, visitor: Browser) -> None:
    await ada.open("/members")
    page = await ada.submit("Create invitation", Email="bob@example.com", Role="Member")
    path = next(x for text, x in page.links.items() if "/join/" in text).removeprefix(ada.origin)
    await ada.open("/members")
    await ada.submit("Revoke invitation for bob@example.com")
    assert (await visitor.open(path)).status == 404


async def test_somebody_with_an_account_joins_with_its_password(ada: Browser, grace: Browser) -> None:
    await ada.open("/members")
    page = await ada.submit("Create invitation", Email="grace@example.com", Role="Admin")
    path = next(x for text, x in page.links.items() if "/join/" in text).removeprefix(ada.origin)
    await grace.open(path)
    assert (await grace.submit("Join team", Password="not this one")).status == 403
    page = await grace.submit("Join team", Password=PASSWORD)
    assert "Analytical Engines" in page.body
    await grace.open("/account")
    page = await grace.submit("Switch team", Team="Compilers")
    assert "Compilers" in page.body


async def test_seats_limit_the_team(ada: Browser, visitor: Browser) -> None:
    await ada.open("/billing")
    await ada.submit("Change plan", Plan="Team", Seats="1")
    await ada.open("/members")
    page = await ada.submit("Create invitation", Email="bob@example.com", Role="Member")
    path = next(x for text, x in page.links.items() if "/join/" in text).removeprefix(ada.origin)
    await visitor.open(path)
    page = await visitor.submit("Join team", Your_name="Bob", Password=PASSWORD)
    assert page.status == 409 and "seats" in page.alert


async def test_members_manage_nothing(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    page = await visitor.open("/members")
    assert [form.button for form in page.forms] == ["Search", "Log out"]
    assert (await visitor.post("/invitations", {"email": "eve@example.com", "role": "owner"})).status == 403
    assert (await visitor.open("/billing")).status == 403


async def test_admins_make_no_owners(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com", role="Admin")
    await visitor.open("/members")
    page = await visitor.submit("Change role of Bob", Role_of_Bob="Owner")
    assert page.status == 403


async def test_a_team_keeps_an_owner(ada: Browser) -> None:
    await ada.open("/members")
    page = await ada.submit("Remove Ada")
    assert page.status == 409 and "needs an owner" in page.alert


async def test_a_removed_member_is_out_at_once(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await ada.open("/members")
    await ada.submit("Remove Bob")
    assert (await visitor.open("/projects")).h1 == "Log in"


async def test_labels_are_told_apart_without_case(ada: Browser) -> None:
    await ada.open("/labels")
    await ada.submit("Create label", Label_name="Über", Colour="Red")
    page = await ada.submit("Create label", Label_name="ÜBER")
    assert page.status == 409


async def test_labels_go_on_tasks_and_off_again(ada: Browser) -> None:
    await ada.open("/labels")
    await ada.submit("Create label", Label_name="urgent one", Colour="Red")
    task = await ada.make_task()
    page = await ada.submit("Add label", Label="urgent one")
    assert '<span class="label red">urgent one</span>' in page.body
    await ada.click("Notes")
    page = await ada.submit("Apply filters", Label="urgent one")
    assert "Write the notes" in page.links
    await ada.open(task)
    page = await ada.submit("Remove label urgent one")
    assert '<span class="label red">' not in page.body


async def test_billing(ada: Browser, services: Services) -> None:
    await ada.open("/billing")
    page = await ada.submit("Change plan", Plan="Business", Seats="20")
    assert "$400.00" in page.body
    page = await ada.submit("Change plan", Plan="Business", Seats="0")
    assert page.status == 422
    await ada.open("/billing")
    page = await ada.submit("Cancel subscription")
    assert "Cancelled on" in page.body
    page = await ada.submit("Resume subscription")
    assert "Active" in page.body
    async with services.database.writing() as session:
        invoice = {"number": "2026-1", "issued_on": now().date(), "amount_cents": 30_000, "status": "paid"}
        await session.execute(insert(Invoice), [{**invoice, "organisation_id": 1}])
    assert "2026-1" in (await ada.open("/billing")).body


async def test_the_feed_tells_who_did_what(ada: Browser) -> None:
    await ada.make_task("Build it")
    await ada.submit("Update status", Status="Done")
    page = await ada.open("/activity")
    assert "finished task" in page.body and "Build it" in page.links
    await ada.open("/projects")
    await ada.click("Notes")
    page = await ada.click("Project activity")
    assert page.h1 == "Activity in Notes" and "Build it" in page.links
