"""What people come to do in Folio: a file for each sort of errand."""

from agents.users.journeys import Journey
from agents.users.products.invoicing.journeys import advising, automatic, calling, paying, reading, writing

JOURNEYS: tuple[Journey, ...] = (
    reading.browsing,
    reading.finding,
    reading.leafing,
    reading.odd,
    writing.issuing,
    writing.small,
    writing.discarding,
    writing.items,
    writing.twice,
    paying.paying,
    paying.transfer,
    paying.staying,
    paying.crediting,
    advising.balance,
    advising.report,
    advising.link,
    advising.reading,
    automatic.repeating,
    automatic.reminding,
    calling.syncing,
    calling.evening,
)
