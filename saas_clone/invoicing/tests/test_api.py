"""The JSON API: what it does, what it does once, and that its document is true."""

import re

import pytest
from aiohttp.test_utils import TestServer

from invoicing.api import openapi
from invoicing.api.calls import PREFIX
from tests.people import Caller, Someone
from tests.schema import check

pytestmark = pytest.mark.anyio
DOCUMENT = openapi.document()


def fits(body: object, name: str) -> None:
    check(body, openapi.SCHEMAS[name], DOCUMENT)


async def test_the_document_names_all_routes(server: TestServer) -> None:
    served = {
        (route.method.lower(), re.sub(r"\{(\w+):[^}]+\}+", r"{\1}", route.resource.canonical.removeprefix(PREFIX)))
        for route in server.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith(PREFIX) and route.method != "HEAD"
    }
    described = {(method, path) for path, found in openapi.PATHS.items() for method in found}
    assert served - {("get", "/openapi.json")} == described


async def test_an_invoice_from_draft_to_paid(program: Caller) -> None:
    status, draft = await program.call("POST", "/invoices", await program.new_invoice())
    assert (status, draft["status"], draft["total_cents"]) == (201, "draft", 23_800)
    fits(draft, "Invoice")
    path = f"/invoices/{draft['id']}"
    _, issued = await program.call("POST", f"{path}/issue")
    assert issued["status"] == "issued" and issued["number"].endswith("-0001")
    _, sent = await program.call("POST", f"{path}/send")
    assert sent["status"] == "sent"
    status, payment = await program.call("POST", "/payments", {"amount": "238.00", "reference": issued["number"]})
    assert (status, payment["invoice_id"]) == (201, draft["id"])
    fits(payment, "Payment")
    _, paid = await program.call("GET", path)
    assert (paid["status"], paid["open_cents"]) == ("paid", 0)
    status, note = await program.call("POST", f"{path}/credit")
    assert (status, note["kind"], note["total_cents"]) == (201, "credit_note", 23_800)


async def test_issuing_with_a_key_happens_once(program: Caller) -> None:
    body = await program.new_invoice(issue=True)
    first = await program.call("POST", "/invoices", body, key="k1")
    assert first == await program.call("POST", "/invoices", body, key="k1")
    assert first[1]["number"].endswith("-0001")
    status, other = await program.call("POST", "/invoices", {**body, "subject": "Other"}, key="k1")
    assert (status, other["error"]["code"]) == (409, "idempotency_key_reused")
    _, second = await program.call("POST", "/invoices", body, key="k2")
    assert second["number"].endswith("-0002")


async def test_a_payment_with_a_key_is_booked_once(program: Caller) -> None:
    _, invoice = await program.call("POST", "/invoices", await program.new_invoice(issue=True))
    body = {"amount": "100", "invoice_id": invoice["id"]}
    answers = [await program.call("POST", "/payments", body, key="p") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    _, found = await program.call("GET", f"/invoices/{invoice['id']}")
    assert found["paid_cents"] == 10_000


async def test_what_was_refused_may_be_tried_again_with_its_key(program: Caller) -> None:
    _, invoice = await program.call("POST", "/invoices", await program.new_invoice(issue=True))
    body = {"amount": "1000", "invoice_id": invoice["id"]}
    assert (await program.call("POST", "/payments", body, key="p"))[0] == 409
    assert (await program.call("POST", "/payments", {**body, "amount": "10"}, key="p"))[0] == 201


async def test_keys_of_other_firms_are_others(program: Caller, grace: Someone) -> None:
    other = Caller(grace, await grace.make_token())
    for caller in (program, other):
        status, found = await caller.call("POST", "/invoices", await caller.new_invoice(issue=True), key="same")
        assert (status, found["number"][-4:]) == (201, "0001")


async def test_lists_go_on_where_they_ended(program: Caller) -> None:
    made = [(await program.call("POST", "/invoices", await program.new_invoice()))[1]["id"] for _ in range(5)]
    seen, cursor = [], ""
    for _ in range(3):
        _, page = await program.call("GET", f"/invoices?limit=2&cursor={cursor}")
        fits(page, "BriefInvoicePage")
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1] and cursor is None


async def test_every_list_and_report_fits_its_schema(program: Caller) -> None:
    await program.call("POST", "/invoices", await program.new_invoice(issue=True))
    for path, name in (
        ("/clients", "ClientPage"),
        ("/items", "ItemPage"),
        ("/payments", "PaymentPage"),
        ("/search?q=hours", "BriefInvoicePage"),
        ("/invoices?show=open", "BriefInvoicePage"),
        ("/reports/vat?period=2026-Q1", "VatReport"),
    ):
        status, body = await program.call("GET", path)
        assert status == 200, path
        fits(body, name)


async def test_clients_by_api(program: Caller) -> None:
    status, client = await program.call("POST", "/clients", {"name": "Zoë & Co", "vat_number": "DE1"})
    assert status == 201
    fits(client, "Client")
    path = f"/clients/{client['id']}"
    status, changed = await program.call("PUT", path, {"name": "Zoë"})
    assert (status, changed["vat_number"]) == (200, "")
    assert (await program.call("GET", path))[1] == changed


async def test_problems_name_their_place(program: Caller) -> None:
    line = {"description": "x", "quantity": 2.5, "unit_price": "1.999", "tax_rate": "19"}
    status, body = await program.call("POST", "/invoices", await program.new_invoice(lines=[line], subject=""))
    assert status == 422
    assert {"subject", "lines[0].quantity", "lines[0].unit_price"} == set(body["error"]["fields"])
    fits(body, "Error")


@pytest.mark.parametrize("token", ["", "fol_wrong"])
async def test_without_a_token_nothing(ada: Someone, token: str) -> None:
    status, body = await Caller(ada, token).call("GET", "/clients")
    assert (status, body["error"]["code"]) == (401, "unauthorised")


async def test_what_cannot_be_read_is_refused(program: Caller) -> None:
    url = program.owner.server.make_url("/api/v1/payments")
    headers = {"Authorization": f"Bearer {program.token}", "Content-Type": "application/json"}
    for body in (b"{", b"[]", b"\xff"):
        async with program.owner.http.post(url, data=body, headers=headers) as response:
            assert response.status == 400
    async with program.owner.http.post(url, data=b" " * 300_000, headers=headers) as response:
        assert response.status == 413
    status, _ = await program.call("GET", "/nowhere")
    assert status == 404
