"""Work that a customer pays for once, when it is done."""

from typing import Final

from bus.messages.users import ContractMet
from services.billing.accounts import CASH, CONTRACT, INCOME, LedgerError
from services.billing.books import Books, Why

MEMO: Final = "what was agreed works"


def book_contract(books: Books, event: ContractMet, cause: str) -> None:
    """The agreed sum, from the customer's budget for it: no month's wallet. Each contract is paid once."""
    if event.amount <= 0:
        raise LedgerError(f"{event.customer!r} pays {event.amount} micro-dollars for {event.request!r}")
    customer = books.customer(event.customer, event.type)
    why = Why("customer", MEMO, customer.customer, cause=cause)
    company = {CASH: event.amount, CONTRACT: -event.amount}
    books.post("contract", (event.request,), company, {INCOME: -event.amount}, why)
