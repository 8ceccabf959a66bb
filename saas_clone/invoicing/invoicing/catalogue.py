"""The catalogue: what a firm sells often, with unit, price and tax rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import audit
from invoicing.dates import now
from invoicing.inputs import Inputs
from invoicing.paging import Page, Window, newest
from invoicing.people import Person
from invoicing.refusals import NotFound
from invoicing.tables import Item

MOST_CHOICES = 500
"""Items that a form offers."""


@dataclass(frozen=True)
class ItemInput:
    """One thing for sale."""

    name: str
    unit: str
    unit_price_cents: int
    tax_rate: int


def read(inputs: Inputs) -> ItemInput:
    """Read an item from a form or from JSON."""
    return ItemInput(
        name=inputs.text("name", "Item name"),
        unit=inputs.text("unit", "Unit", least=0, most=20),
        unit_price_cents=inputs.cents("unit_price", "Unit price"),
        tax_rate=inputs.rate("tax_rate", "Tax rate"),
    )


async def listed(session: AsyncSession, person: Person, window: Window) -> Page[Item]:
    """List what is for sale, the newest first."""
    statement = select(Item).where(Item.firm_id == person.firm.id, Item.retired_at.is_(None))
    return await newest(session, statement, Item, window)


async def choices(session: AsyncSession, person: Person) -> Sequence[Item]:
    """List what is for sale by name, for a form."""
    statement = select(Item).where(Item.firm_id == person.firm.id, Item.retired_at.is_(None))
    return (await session.scalars(statement.order_by(Item.name, Item.id).limit(MOST_CHOICES))).all()


async def get(session: AsyncSession, person: Person, public_id: str) -> Item:
    """Return an item."""
    item = await session.scalar(select(Item).where(Item.firm_id == person.firm.id, Item.public_id == public_id))
    if item is None:
        raise NotFound
    return item


async def create(session: AsyncSession, person: Person, given: ItemInput) -> Item:
    """Add an item."""
    item = Item(firm_id=person.firm.id, retired_at=None, **vars(given))
    session.add(item)
    await session.flush()
    audit.record(session, person, "added the item", item.name)
    return item


async def change(session: AsyncSession, person: Person, item: Item, given: ItemInput) -> None:
    """Change an item. Lines that were made from it keep what they say."""
    for name, value in vars(given).items():
        setattr(item, name, value)
    audit.record(session, person, "changed the item", item.name)


async def retire(session: AsyncSession, person: Person, item: Item) -> None:
    """Stop selling it."""
    item.retired_at = now()
    audit.record(session, person, "retired the item", item.name)
