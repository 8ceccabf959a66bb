"""Which charges are owed back, by the invoices alone."""

import pytest
from made_up_company import DOLLAR, invoice

from agents.operator.duties.claims import Owed, given_back, owed_back
from bus.messages.billing import InvoiceInfo
from bus.money import Micros
from bus.simtime import DAY

PRICES = {"team": Micros(12 * DOLLAR)}
FULL = Micros(36 * DOLLAR)
FIRST = invoice("i_1")
NEXT = invoice("i_2", begins=30 * DAY, ends=60 * DAY)


@pytest.mark.parametrize(
    ("invoices", "owed"),
    [
        ([], []),
        ([FIRST, NEXT], []),
        ([FIRST, invoice("i_9")], [Owed("i_9", FULL)]),
        ([invoice("i_9"), FIRST], [Owed("i_9", FULL)]),
        ([FIRST, invoice("i_8"), invoice("i_9")], [Owed("i_8", FULL), Owed("i_9", FULL)]),
        ([FIRST, invoice("i_9", refunded=FULL)], []),
        ([FIRST, invoice("i_9", refunded=FULL - 5)], [Owed("i_9", Micros(5))]),
        ([FIRST, invoice("i_9", begins=-5 * DAY, ends=-5 * DAY)], [Owed("i_9", FULL)]),
        ([invoice("i_1", amount=2 * FULL)], [Owed("i_1", FULL)]),
        ([invoice("i_1", amount=2 * FULL, refunded=FULL)], []),
        ([invoice("i_1", amount=2 * FULL, plan="gone")], []),
        ([invoice("i_1", amount=2 * FULL, seats=6)], []),
        ([invoice("i_1", ends=10 * DAY), invoice("i_2", begins=10 * DAY, seats=4, amount=48 * DOLLAR)], []),
    ],
)
def test_owed_back(invoices: list[InvoiceInfo], owed: list[Owed]) -> None:
    assert owed_back(invoices, PRICES) == owed


def test_given_back() -> None:
    assert given_back([FIRST, invoice("i_9", refunded=FULL)]) == FULL
