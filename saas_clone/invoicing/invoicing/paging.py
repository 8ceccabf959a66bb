"""Lists, a page at a time, the newest first. A page begins after a row, so deep pages cost what the first costs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing.refusals import Malformed

WEB_ROWS, API_ROWS, MOST_ROWS = 25, 50, 100
MOST_KEY = 2**31 - 1

Row = TypeVar("Row")


@dataclass(frozen=True)
class Window:
    """At most ``rows`` rows, older than the one that ``cursor`` names."""

    rows: int = WEB_ROWS
    cursor: str = ""

    @property
    def before(self) -> int | None:
        """The key of the last row that was seen."""
        if not self.cursor:
            return None
        if not re.fullmatch("[0-9a-f]{1,8}", self.cursor) or int(self.cursor, 16) > MOST_KEY:
            raise Malformed("This page address is not valid. Begin again with the first page.")
        return int(self.cursor, 16)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows, and the cursor of what follows them, if anything does."""

    rows: Sequence[Row]
    next_cursor: str | None


async def newest(session: AsyncSession, statement: Select[Any], table: Any, window: Window) -> Page[Any]:
    """Fetch one page of a statement that selects ``table``; its key is the order of creation."""
    if window.before is not None:
        statement = statement.where(table.id < window.before)
    found = (await session.scalars(statement.order_by(table.id.desc()).limit(window.rows + 1))).all()
    shown = found[: window.rows]
    return Page(shown, f"{shown[-1].id:x}" if len(found) > window.rows else None)
