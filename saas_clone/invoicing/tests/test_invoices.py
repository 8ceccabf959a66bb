"""Invoices as people write them."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import select, update

from invoicing.runtime import Runtime
from invoicing.sealing import SealedError
from invoicing.tables import Document, Line
from tests.people import Someone

pytestmark = pytest.mark.anyio


async def test_what_was_written_is_added_up(ada: Someone) -> None:
    await ada.draft(
        {"Description": "Design & words", "Quantity": "1,5", "Unit price": "3.33", "Unit": "h"},
        {"Quantity": "2", "Unit price": "10", "Discount %": "12.5", "Tax rate %": "7"},
    )
    page = ada.page
    assert page.says("Design & words 1.5 h 3.33 0% 19% 5.00")
    assert page.says("Tax 7% on 17.50 1.23 EUR") and page.says("Tax 19% on 5.00 0.95 EUR")
    assert page.says("Total 24.68 EUR")


async def test_lines_are_changed_and_removed(ada: Someone) -> None:
    path = await ada.draft({"Description": "First"}, {"Description": "Second"})
    await ada.click("Edit line 2")
    await ada.press_typed("Save line", {"Unit price": "7", "Tax rate %": "0"})
    assert ada.page.says("Second 1 7.00 0% 0% 7.00")
    await ada.press("Remove line 1")
    assert ada.page.path == path and not ada.page.says("First") and ada.page.says("Total 7.00 EUR")


async def test_wrong_numbers_are_told_and_what_was_typed_stays(ada: Someone) -> None:
    await ada.draft()
    page = await ada.press_typed("Add line", {"Description": "Kept", "Quantity": "1.2345", "Unit price": "x"})
    assert page.status == 422
    for text in ("Quantity must be a number", "Unit price must be a number", "Tax rate must be a number"):
        assert text in page.roles["alert"]
    assert page.form("Add line").values["description"] == "Kept"


async def test_an_item_fills_what_is_left_empty(ada: Someone) -> None:
    await ada.open("/items")
    await ada.press_typed("Add item", {"Item name": "Workshop", "Unit price": "950", "Unit": "day", "Tax rate %": "19"})
    await ada.open("/invoices/new")
    await ada.press("Create draft", Subject="From the catalogue")
    page = await ada.press("Add line", Item="Workshop")
    assert page.says("Workshop 1 day 950.00 0% 19% 950.00")


async def test_numbers_have_no_gaps(ada: Someone) -> None:
    draft = await ada.draft()
    numbers = []
    for _ in range(3):
        await ada.issue()
        numbers.append(ada.page.h1.removeprefix("Invoice "))
    await ada.open(draft)
    await ada.press("Delete draft")
    await ada.issue()
    numbers.append(ada.page.h1.removeprefix("Invoice "))
    year = numbers[0][:4]
    assert numbers == [f"{year}-000{n}" for n in (1, 2, 3, 4)]


async def test_numbers_drawn_at_the_same_time_have_no_gaps(ada: Someone) -> None:
    paths = [await ada.draft() for _ in range(6)]

    async def issue(path: str) -> int:
        url, headers = ada.server.make_url(f"{path}/issue"), {"Origin": ada.origin}
        async with ada.http.post(url, headers=headers, allow_redirects=False) as response:
            return response.status

    assert set(await asyncio.gather(*map(issue, [*paths, *paths]))) == {303, 409}
    numbers = [(await ada.open(path)).h1[-4:] for path in paths]
    assert sorted(numbers) == [f"000{n}" for n in range(1, 7)]


async def test_an_empty_draft_is_not_issued_and_draws_no_number(ada: Someone) -> None:
    await ada.open("/invoices/new")
    await ada.press("Create draft", Subject="Empty")
    page = await ada.press("Issue invoice")
    assert page.status == 409 and "without lines" in page.roles["alert"]
    await ada.issue()
    assert ada.page.h1.endswith("-0001")


async def test_an_issued_invoice_cannot_be_changed(ada: Someone) -> None:
    path = await ada.issue()
    for action, values in (
        ("lines", {"description": "x", "quantity": "1", "unit_price": "1", "tax_rate": "0"}),
        ("lines/1", {"description": "x", "quantity": "1", "unit_price": "1", "tax_rate": "0"}),
        ("lines/1/remove", {}),
        ("delete", {}),
        ("issue", {}),
    ):
        assert (await ada.post(f"{path}/{action}", values)).status == 409, action
    assert (await ada.open(path)).says("Total 119.00 EUR")


async def test_an_issued_invoice_keeps_the_names_of_its_day(ada: Someone) -> None:
    path = await ada.issue()
    await ada.click("Ada's client")
    await ada.click("Edit client")
    await ada.press("Save client", Client_name="Renamed", Address="Elsewhere 1")
    page = await ada.open(f"{path}/print")
    assert page.says("Ada's client") and not page.says("Renamed")


@pytest.mark.parametrize("table", [Document, Line])
async def test_the_last_guard_of_issued_documents(ada: Someone, runtime: Runtime, table: type) -> None:
    await ada.issue()
    async with runtime.storage.open(writes=True) as session:
        document = (await session.scalars(select(Document))).one()
        row = (await session.scalars(select(table))).one()
        if isinstance(row, Document):
            row.total_cents = 1
        else:
            row.net_cents, row.document = 1, document
        with pytest.raises(SealedError, match="is issued"):
            await session.commit()


async def test_states_follow_what_happens(ada: Someone, runtime: Runtime) -> None:
    path = await ada.issue()
    assert ada.page.says("Status Issued")
    assert (await ada.press("Send to client")).says("Status Sent")
    await ada.press("Record payment", Amount="19")
    assert ada.page.says("Status Partly paid") and ada.page.says("Open 100.00 EUR")
    async with runtime.storage.writing() as session:
        await session.execute(update(Document).values(due_on=date(2020, 1, 1)))
    assert (await ada.open(path)).says("Status Overdue")
    assert "Invoice" in " ".join((await ada.open("/invoices?show=overdue")).links)
    await ada.open(path)
    assert (await ada.press("Record payment")).says("Status Paid")
    page = await ada.open("/invoices?show=overdue")
    assert page.says("Nothing here.")


async def test_writing_off(ada: Someone) -> None:
    path = await ada.issue()
    assert (await ada.press("Write off")).says("Status Written off")
    assert (await ada.post(f"{path}/payments", {"amount": "1"})).status == 409
    assert (await ada.post(f"{path}/write-off", {})).status == 409


async def test_credit_notes_have_numbers_of_their_own_and_cannot_exceed_the_invoice(ada: Someone) -> None:
    path = await ada.issue({"Description": "One"}, {"Description": "Two", "Unit price": "50"})
    await ada.press("Create credit note")
    await ada.press("Remove line 1")
    page = await ada.press("Issue credit note")
    assert page.h1.startswith("Credit note CN-") and page.h1.endswith("-0001")
    page = await ada.open(path)
    assert page.says("Credited 59.50 EUR") and page.says("Open 119.00 EUR")
    await ada.press("Create credit note")
    page = await ada.press("Issue credit note")
    assert page.status == 409 and "Only 119.00 EUR" in page.roles["alert"]


async def test_search_finds_all_words_in_any_case(ada: Someone) -> None:
    await ada.issue({"Description": "Übersetzung 100%"}, subject="Straße")
    for query, found in (("ÜBERSETZUNG strasse", True), ("100%", True), ("1%0", False), ("nothing", False)):
        await ada.press("Search", Search=query)
        assert any(text.startswith("Invoice ") for text in ada.page.links) is found, query


async def test_lists_have_pages(ada: Someone) -> None:
    await ada.draft(subject="The first")
    for number in range(25):
        await ada.draft(subject=f"Draft {number}")
    page = await ada.open("/invoices?show=draft")
    assert "Draft: The first" not in page.links
    page = await ada.click("Next page")
    assert "Draft: The first" in page.links and "show=draft" in page.links["First page"]
    assert (await ada.open("/invoices?after=zz")).status == 400


async def test_the_trail_tells_who_did_what(ada: Someone) -> None:
    await ada.issue()
    number = ada.page.h1.removeprefix("Invoice ")
    assert (await ada.open("/audit")).says(f"Ada issued {number}")
