"""The firm's own profile: what stands at the head of its invoices."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import audit
from invoicing.people import Person
from invoicing.refusals import Conflict
from invoicing.tables import Document

CURRENCIES = ("CHF", "EUR", "GBP", "SEK", "USD")
"""All of two decimals: see ``money.py``."""
MOST_PAYMENT_DAYS = 365


@dataclass(frozen=True)
class Profile:
    """What the owner may change."""

    name: str
    address: str
    vat_number: str
    time_zone: str
    currency: str
    payment_days: int


async def change(session: AsyncSession, person: Person, profile: Profile) -> None:
    """Change the profile. Documents that are issued keep what they say."""
    firm = person.firm
    if profile.currency != firm.currency:
        used = await session.scalar(select(Document.id).where(Document.firm_id == firm.id).limit(1))
        if used is not None:
            raise Conflict("The currency cannot change any more: there are documents in it.")
    for name in ("name", "address", "vat_number", "time_zone", "currency", "payment_days"):
        setattr(firm, name, getattr(profile, name))
    audit.record(session, person, "changed the profile of", firm.name)


def letterhead(name: str, address: str, vat_number: str) -> str:
    """Write who somebody is, as it stands on a document."""
    return "\n".join(part for part in (name, address, f"VAT {vat_number}" if vat_number else "") if part)
