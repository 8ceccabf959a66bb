"""The record: append-only, complete, and equal to what the books say."""

import pytest
from billing_company import FREE, inherited, joined, usd
from sqlalchemy import Table, func, select
from sqlalchemy.exc import IntegrityError

from bus.scenario import BillingSection
from bus.simtime import DAY, SimTime
from services.billing.books import Books, open_books
from services.billing.model import Stage, settle
from services.billing.opening import inherit
from services.billing.store import ENTRIES, INVOICES, LINES, SUBSCRIPTIONS, Store
from services.billing.subscriptions import join


def kept() -> tuple[Store, Books]:
    """A store that holds an opened company with one inherited and one new customer."""
    store, books = Store(None), open_books(BillingSection.model_validate(FREE))
    settle(books, Stage(0, SimTime(0)), [])
    inherit(books, inherited(("ada", "team", 5, SimTime(-3 * DAY), usd(1), usd(1))), "users-1")
    join(books, joined("bob", 2), "users-2")
    with store.begin() as connection:
        store.save(connection, books.take_changes())
    return store, books


def test_everything_is_stored() -> None:
    store, books = kept()
    with store.begin() as connection:
        heads = connection.execute(select(ENTRIES.c.head).order_by(ENTRIES.c.position)).scalars().all()
        cash = select(func.sum(LINES.c.amount)).where(LINES.c.account == "asset:cash")
        assert connection.execute(cash).scalar_one() == books.ledger.cash
        states = connection.execute(select(SUBSCRIPTIONS.c.customer, SUBSCRIPTIONS.c.state)).all()
        amounts = connection.execute(select(INVOICES.c.customer, INVOICES.c.amount)).all()
    assert heads[-1] == books.ledger.head
    assert len(heads) == len(set(heads))
    assert [tuple(row) for row in states] == [("ada", "active"), ("bob", "active")]
    assert sorted(tuple(row) for row in amounts) == [("ada", usd(60)), ("bob", usd(24))]


@pytest.mark.parametrize("table", [ENTRIES, LINES], ids=lambda table: table.name)
def test_entries_are_never_changed_or_deleted(table: Table) -> None:
    store, _ = kept()
    for statement in (table.update().values(position=99), table.delete()):
        with pytest.raises(IntegrityError, match="append-only"), store.begin() as connection:
            connection.execute(statement)


def test_rows_follow_what_changes() -> None:
    store, books = kept()
    settle(books, Stage(24, SimTime(DAY)), [])
    books.customers["bob"].credit = usd(1)
    books.touch(books.customers["bob"])
    with store.begin() as connection:
        store.save(connection, books.take_changes())
    with store.begin() as connection:
        credit = connection.execute(select(SUBSCRIPTIONS.c.credit).where(SUBSCRIPTIONS.c.customer == "bob"))
        assert credit.scalar_one() == usd(1)
        assert connection.execute(select(func.count()).select_from(SUBSCRIPTIONS)).scalar_one() == 2
