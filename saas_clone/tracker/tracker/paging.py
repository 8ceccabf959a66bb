"""Lists, a page at a time. A page starts after a row, not at a number: page 1,000 costs what page 1 costs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from tracker.errors import Malformed
from tracker.fields import MAX_INTEGER

WEB_PAGE = 25
API_PAGE = 50
API_PAGE_MOST = 100

Row = TypeVar("Row")


@dataclass(frozen=True)
class Window:
    """Which page: at most ``limit`` rows, those after ``cursor`` (from the start without one)."""

    limit: int = WEB_PAGE
    cursor: str | None = None

    @property
    def after(self) -> int | None:
        """The key of the last row that the client has seen."""
        if not self.cursor:
            return None
        if not re.fullmatch("[0-9a-f]{1,8}", self.cursor) or int(self.cursor, 16) > MAX_INTEGER:
            raise Malformed("This page address is not valid. Start again from the first page.")
        return int(self.cursor, 16)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows, and the cursor of the page after them if there is one."""

    rows: Sequence[Row]
    next_cursor: str | None


async def newest_first(
    session: AsyncSession,
    statement: Select[Row],
    key: InstrumentedAttribute[int],
    window: Window,
    *,
    order: InstrumentedAttribute[int] | None = None,
) -> Page[Row]:
    """Fetch one page in falling order of ``key``, the row's integer key: that is the order of creation.

    ``order`` is a column that rises with the key, where the database reads quicker in its order.
    """
    if window.after is not None:
        before: ColumnElement[bool] = key < window.after
        statement = statement.where(before)
    order = key if order is None else order
    # One row more than we show tells whether there is a next page; counting them all would read them all.
    found = await session.execute(
        statement.add_columns(key.label("page_key")).order_by(order.desc()).limit(window.limit + 1)
    )
    rows = found.all()
    shown = rows[: window.limit]
    more = len(rows) > window.limit
    return Page([row[0] for row in shown], f"{shown[-1].page_key:x}" if more else None)
