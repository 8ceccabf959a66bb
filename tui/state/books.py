"""The company's books, as billing closes them at each tick."""

from dataclasses import dataclass, field, replace

from bus.messages.base import Event
from bus.messages.billing import (
    BooksClosed,
    CompanyBankrupt,
    EntryPosted,
    InvoiceIssued,
    InvoiceRefunded,
    PlansChanged,
)
from bus.money import Micros


@dataclass(frozen=True, slots=True)
class Books:
    """The latest closing, which is absolute: a viewer who comes late knows all of it after one tick."""

    closed: BooksClosed | None = None
    first_mrr: Micros | None = None
    """At the first closing that was heard."""
    entries: int = 0
    invoices: int = 0
    refunds: int = 0
    refunded: Micros = field(default=Micros(0))
    plans: PlansChanged | None = None
    bankrupt: bool = False

    @property
    def revenue(self) -> Micros | None:
        """All kinds since the start."""
        return Micros(sum(self.closed.revenue.values())) if self.closed else None

    @property
    def costs(self) -> Micros | None:
        """All kinds since the start; positive."""
        return Micros(sum(self.closed.costs.values())) if self.closed else None

    @property
    def net(self) -> Micros | None:
        """Change in equity since the start: revenue less costs."""
        if self.revenue is None or self.costs is None:
            return None
        return Micros(self.revenue - self.costs)


def heard(books: Books, event: Event) -> Books:  # noqa: PLR0911 (one a kind of event)
    """The books after one more event."""
    match event:
        case BooksClosed():
            first = event.mrr if books.first_mrr is None else books.first_mrr
            return replace(books, closed=event, first_mrr=first)
        case EntryPosted():
            return replace(books, entries=books.entries + 1)
        case InvoiceIssued():
            return replace(books, invoices=books.invoices + 1)
        case InvoiceRefunded():
            return replace(books, refunds=books.refunds + 1, refunded=Micros(books.refunded + event.amount))
        case PlansChanged():
            return replace(books, plans=event)
        case CompanyBankrupt():
            return replace(books, bankrupt=True)
        case _:
            return books
