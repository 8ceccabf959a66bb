"""Payments, schedules, reminders, reports, statements: what happens after an invoice is issued."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from invoicing import dates
from invoicing.jobs import nightly, recurring, reminders
from invoicing.jobs.nightly import BooksError
from invoicing.runtime import Runtime
from invoicing.tables import Document, Letter, Numbering, Schedule
from tests.people import Someone

pytestmark = pytest.mark.anyio


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch):
    """Set the date of firms and jobs; sessions keep the true one."""

    def set_date(day: str) -> None:
        moment = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        for module in ("dates", "jobs.nightly"):
            monkeypatch.setattr(f"invoicing.{module}.now", lambda: moment)
        # The column took hold of the clock when the table was made.
        monkeypatch.setattr(Letter.__table__.columns["created_at"].default, "arg", lambda _context: moment)

    return set_date


async def test_a_payment_is_matched_by_its_reference(ada: Someone) -> None:
    path = await ada.issue()
    number = ada.page.h1.removeprefix("Invoice ")
    await ada.open("/payments")
    page = await ada.press("Record payment", Amount="119", Reference=f"INVOICE {number}, thank you")
    assert page.roles["status"] == f"Matched to {number}."
    assert (await ada.open(path)).says("Status Paid")


@pytest.mark.parametrize("reference", ["no number", "{number}, 2020-0001", "{number}1", "x{number}"])
async def test_a_reference_that_says_too_little_or_too_much_is_left_to_people(ada: Someone, reference: str) -> None:
    path = await ada.issue()
    number = ada.page.h1.removeprefix("Invoice ")
    await ada.open("/payments")
    page = await ada.press("Record payment", Amount="20", Reference=reference.format(number=number))
    assert page.roles["status"] == "Recorded, not matched yet."
    await ada.open("/payments?show=unmatched")
    await ada.click(reference.format(number=number))
    await ada.press("Match payment", Invoice=number)
    assert (await ada.open(path)).says("Open 99.00 EUR")
    await ada.click(reference.format(number=number))
    await ada.press("Release payment")
    assert (await ada.open(path)).says("Open 119.00 EUR")


async def test_more_than_is_open_is_refused(ada: Someone) -> None:
    await ada.issue()
    page = await ada.press("Record payment", Amount="119.01")
    assert page.status == 409 and "Only 119.00 EUR is open" in page.roles["alert"]
    assert page.form("Record payment").values["amount"] == "119.01"


async def test_a_monthly_invoice_comes_once_on_its_day_also_in_short_months(ada: Someone, runtime: Runtime, on) -> None:
    on("2027-01-30")
    await ada.issue({"Unit price": "300"}, subject="Hosting")
    page = await ada.press("Repeat monthly", Day_of_the_month="31")
    assert "comes again on 2027-01-31" in page.roles["status"]
    assert await recurring.run(runtime) == 0
    for day, count in (("2027-01-31", 1), ("2027-02-27", 0), ("2027-02-28", 1), ("2027-03-31", 1)):
        on(day)
        assert await recurring.run(runtime) == count, day
        assert await recurring.run(runtime) == 0
    page = await ada.open("/search?q=hosting")
    assert [text for text in page.links if text.startswith("Invoice ")] == [
        f"Invoice 2027-000{n}" for n in (4, 3, 2, 1)
    ]
    assert (await ada.click("Invoice 2027-0002")).says("Total 357.00 EUR")
    assert ada.page.says("issued and sent, as scheduled")


async def test_months_that_were_missed_are_made_up_for(ada: Someone, runtime: Runtime, on) -> None:
    on("2027-01-10")
    await ada.issue()
    await ada.press("Repeat monthly", Day_of_the_month="10", Not_before="2027-02-01")
    on("2027-04-12")
    assert await recurring.run(runtime) == 3
    async with runtime.storage.open(writes=False) as session:
        days = (await session.scalars(select(Document.schedule_on).where(Document.schedule_id.is_not(None)))).all()
        assert [str(day) for day in days] == ["2027-02-10", "2027-03-10", "2027-04-10"]
        assert await session.scalar(select(Schedule.next_on)) == date(2027, 5, 10)


async def test_what_is_stopped_does_not_come(ada: Someone, runtime: Runtime) -> None:
    await ada.issue()
    number = ada.page.h1.removeprefix("Invoice ")
    await ada.press("Repeat monthly")
    assert (await ada.press(f"Stop {number}")).says("Stopped")
    assert await recurring.run(runtime) == 0


async def test_reminders_come_three_times_and_stop_with_the_payment(ada: Someone, runtime: Runtime, on) -> None:
    on("2027-01-01")
    path = await ada.issue()
    await ada.press("Send to client")
    for day, count in (
        ("2027-01-15", 0),  # the due date
        ("2027-01-16", 1),
        ("2027-01-20", 0),
        ("2027-01-30", 1),
        ("2027-02-15", 1),
        ("2027-04-01", 0),
    ):
        on(day)
        assert await reminders.run(runtime) == count, day
        assert await reminders.run(runtime) == 0
    assert (await ada.open(path)).says("Last reminder: Invoice 2027-0001 is overdue")
    assert (await ada.open("/outbox")).says("Second reminder: Invoice 2027-0001 is overdue")


async def test_nobody_is_reminded_of_what_is_paid_or_was_never_sent(ada: Someone, runtime: Runtime, on) -> None:
    on("2027-01-01")
    await ada.issue()
    await ada.issue()
    await ada.press("Send to client")
    await ada.press("Record payment")
    on("2027-03-01")
    assert await reminders.run(runtime) == 0


async def test_report_and_export_add_up_and_take_back(ada: Someone, on) -> None:
    on("2027-02-01")
    await ada.issue({"Unit price": "0.13"}, {"Unit price": "99.99", "Tax rate %": "7"}, subject="=cmd")
    await ada.issue({"Unit price": "10"})
    await ada.press("Create credit note")
    await ada.press("Issue credit note")
    on("2027-04-01")
    await ada.issue()
    page = await ada.open("/reports?period=2027-Q1")
    assert page.says("3 documents") and page.says("7% 99.99 7.00") and page.says("19% 0.13 0.02")
    assert page.says("Net 100.12 EUR Tax 7.02 EUR")
    async with ada.http.get(ada.server.make_url(page.links["Export 2027-Q1 as CSV"])) as response:
        assert response.content_type == "text/csv"
        rows = list(csv.DictReader(io.StringIO(await response.text())))
    assert [(row["number"], row["gross"]) for row in rows] == [
        ("CN-2027-0001", "-11.90"),
        ("2027-0001", "106.99"),
        ("2027-0001", "0.15"),
        ("2027-0002", "11.90"),
    ]
    assert rows[1]["subject"] == "'=cmd"
    assert (await ada.open("/reports?period=2027-04")).says("1 documents")
    assert (await ada.open("/reports?period=yesterday")).status == 422


async def test_a_statement_keeps_the_balance(ada: Someone) -> None:
    await ada.issue()
    await ada.press("Record payment", Amount="19")
    await ada.issue({"Unit price": "50"})
    await ada.press("Create credit note")
    await ada.press("Issue credit note")
    await ada.click("Ada's client")
    page = await ada.click("Statement")
    assert page.says("-59.50") and page.says("Balance 100.00 EUR")


async def test_the_books_are_checked_each_night(ada: Someone, runtime: Runtime) -> None:
    await ada.issue()
    await ada.press("Record payment", Amount="5")
    assert await nightly.run(runtime) == 0
    for change in (
        update(Numbering).values(last=2),
        update(Document).values(total_cents=1),
        update(Document).values(paid_cents=501),
    ):
        async with runtime.storage.open(writes=True) as session:
            await session.execute(change)
            await session.commit()
        with pytest.raises(BooksError):
            await nightly.run(runtime)
        async with runtime.storage.writing() as session:
            await session.execute(update(Numbering).values(last=1))
            await session.execute(update(Document).values(total_cents=11900, paid_cents=500))
    assert await nightly.run(runtime) == 0


async def test_what_is_old_is_removed(ada: Someone, runtime: Runtime, on) -> None:
    on(str(dates.now().date() + timedelta(days=30)))
    assert await nightly.run(runtime) == 1
    assert (await ada.open("/overview")).h1 == "Log in"
    async with runtime.storage.open(writes=False) as session:
        assert await session.scalar(select(func.count(Letter.id))) == 0
