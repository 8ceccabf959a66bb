"""Accounts, roles, the borders between firms, the public link."""

import pytest

from invoicing.runtime import Runtime
from invoicing.web.pages import ANYBODY
from tests.people import PASSWORD, Caller, Someone

pytestmark = pytest.mark.anyio


async def test_logging_out_ends_the_session(ada: Someone) -> None:
    kept = [(cookie.key, cookie.value) for cookie in ada.http.cookie_jar]
    page = await ada.press("Log out")
    assert page.roles["status"] == "You are logged out."
    ada.http.cookie_jar.update_cookies(dict(kept))
    assert (await ada.open("/invoices")).h1 == "Log in"
    page = await ada.press("Log in", Email="ADA@example.com", Password=PASSWORD)
    assert page.h1 == "Invoices"


async def test_wrong_passwords_are_throttled(ada: Someone, visitor: Someone) -> None:
    await visitor.open("/login")
    for _ in range(10):
        page = await visitor.press("Log in", Email="ada@example.com", Password="wrong one")
        assert page.status == 401
    page = await visitor.press("Log in", Email="ada@example.com", Password=PASSWORD)
    assert page.status == 429


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_a_log_in_leads_nowhere_else(ada: Someone, visitor: Someone, target: str) -> None:
    values = {"email": "ada@example.com", "password": PASSWORD, "next": target}
    page = await visitor.post("/login", values)
    assert page.h1 == "Overview"


async def test_changing_the_password_logs_out_elsewhere(ada: Someone, visitor: Someone) -> None:
    await visitor.open("/login")
    await visitor.press("Log in", Email="ada@example.com", Password=PASSWORD)
    await ada.open("/account")
    await ada.press("Change password", Current_password=PASSWORD, New_password="another horse")
    assert (await visitor.open("/overview")).h1 == "Log in"
    assert (await ada.open("/overview")).h1 == "Overview"


async def test_an_invitation_works_once(ada: Someone, visitor: Someone, grace: Someone) -> None:
    await ada.invite(visitor, "Bob", "Bookkeeper")
    assert (await grace.open(visitor.page.path)).status == 200
    await ada.open("/members")
    page = await ada.press("Create invitation", Email="grace@example.com", Role="Reader")
    assert page.status == 409 and "another address" in page.roles["alert"]


async def test_readers_read_and_change_nothing(ada: Someone, visitor: Someone) -> None:
    path = await ada.issue()
    draft = await ada.draft()
    await ada.invite(visitor, "Rita", "Reader")
    assert (await visitor.open(path)).says("Total 119.00 EUR")
    assert [form.button for form in visitor.page.forms] == ["Search", "Log out"]
    for target in (f"{draft}/issue", f"{draft}/lines", f"{path}/payments", f"{path}/credit", "/clients", "/items"):
        page = await visitor.post(target, {"amount": "1", "name": "x"})
        assert page.status == 403, target
    assert (await visitor.open("/clients/new")).status == 403
    status, _ = await Caller(visitor, await visitor.make_token()).call("POST", "/payments", {"amount": "1"})
    assert status == 403


async def test_every_form_takes_a_role(runtime: Runtime, server) -> None:
    """Only entrances are for anybody; readers change only their own account."""
    own = {"/logout", "/account/name", "/account/password", "/account/tokens", "/account/tokens/{token}/revoke"}
    for route in server.app.router.routes():
        role = getattr(getattr(route.handler, "__self__", None), "role", None)
        if route.method != "POST" or role is None:
            continue
        path = route.resource.canonical
        if role == ANYBODY:
            assert path in ("/signup", "/login", "/join/{secret}")
        elif role == "reader":
            assert path in own


async def test_bookkeepers_write_but_do_not_rule(ada: Someone, visitor: Someone) -> None:
    await ada.invite(visitor, "Bob", "Bookkeeper")
    await visitor.issue()
    assert (await visitor.post("/firm", {"name": "Mine"})).status == 403
    assert (await visitor.post("/members/invite", {"email": "x@example.com", "role": "owner"})).status == 403


async def test_a_firm_keeps_an_owner_and_the_removed_are_out_at_once(ada: Someone, visitor: Someone) -> None:
    await ada.invite(visitor, "Bob", "Owner")
    await ada.open("/members")
    await ada.press("Remove Bob")
    assert (await visitor.open("/overview")).h1 == "Log in"
    page = await ada.press("Remove Ada")
    assert page.status == 409 and "needs an owner" in page.roles["alert"]
    page = await ada.press("Change role of Ada", Role_of_Ada="Reader")
    assert page.status == 409


async def test_other_firms_do_not_exist(ada: Someone, grace: Someone) -> None:
    path = await ada.issue({"Description": "Secret plans"})
    client = await ada.add_client("Secret client")
    for target in (path, f"{path}/print", f"{path}/edit", client, f"{client}/statement", f"{client}/edit"):
        page = await grace.open(target)
        assert page.status == 404 and "Secret" not in page.text, target
    for target in (f"{path}/payments", f"{path}/send", f"{path}/credit", f"{path}/lines", f"{client}/edit"):
        assert (await grace.post(target, {"amount": "1", "name": "x"})).status == 404, target
    for target in ("/invoices", "/clients", "/search?q=secret", "/audit", "/reports"):
        assert "Secret" not in (await grace.open(target)).text, target
    caller = Caller(grace, await grace.make_token())
    status, _ = await caller.call("GET", f"/invoices/{path.rsplit('/', 1)[-1]}")
    assert status == 404


async def test_a_draft_cannot_go_to_a_client_of_others(ada: Someone, grace: Someone) -> None:
    client = (await ada.add_client("Ours")).rsplit("/", 1)[-1]
    page = await grace.post("/invoices", {"client": client, "subject": "x"})
    assert page.status == 404


async def test_a_client_sees_its_invoice_by_the_link(ada: Someone, visitor: Someone) -> None:
    await ada.issue({"Description": "Hours well spent"})
    link = ada.page.links["Public link"].removeprefix(ada.origin)
    page = await visitor.open(link)
    assert page.status == 200 and page.says("Hours well spent") and not page.forms
    assert (await visitor.open(link[:-1] + ("A" if link[-1] != "A" else "B"))).status == 404
    await ada.press("Renew public link")
    assert (await visitor.open(link)).status == 404
    assert (await visitor.open(ada.page.links["Public link"].removeprefix(ada.origin))).status == 200


async def test_forms_of_other_sites_are_refused(ada: Someone) -> None:
    url = ada.server.make_url("/clients")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        async with ada.http.post(url, data={"name": "x"}, headers=headers) as response:
            assert response.status == 403, headers
    await ada.open("/clients/new")
    token = ada.page.form("Add client").values["form_token"]
    async with ada.http.post(url, data={"name": "Fine", "form_token": token}) as response:
        assert response.status == 200


async def test_the_profile(ada: Someone) -> None:
    await ada.open("/firm")
    page = await ada.press(
        "Save profile", Address="1 Lane\nLondon", VAT_number="GB1", Time_zone="Europe/London", Currency="GBP"
    )
    assert page.roles["status"] == "Profile saved."
    await ada.issue()
    page = await ada.click("Print view")
    assert page.says("1 Lane London VAT GB1") and page.says("Total 119.00 GBP")
    await ada.open("/firm")
    page = await ada.press("Save profile", Currency="EUR")
    assert page.status == 409
