"""The last guard of issued documents: whoever tries to change one by mistake fails before anything is written."""

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from invoicing.tables import Document, Line

MAY_CHANGE = frozenset(
    {"state", "paid_cents", "credited_cents", "written_off_on", "link_version", "client", "credits", "lines"}
)
"""Of an issued document: what happens to it. (The relations are covered by their keys and by the lines.)"""


class SealedError(Exception):
    """Somebody tried to change an issued document: a mistake of ours, never of a person."""


class SealedSession(Session):
    """A session that does not write into issued documents."""


@event.listens_for(SealedSession, "before_flush")
def _check(session: Session, _context: Any, _instances: Any) -> None:
    for row in session.dirty:
        if isinstance(row, Document) and _was_issued(row):
            changed = {each.key for each in inspect(row).attrs if each.history.has_changes()} - MAY_CHANGE
            if changed:
                raise SealedError(f"{row.number} is issued; {', '.join(sorted(changed))} cannot change")
    for row in session.deleted:
        if isinstance(row, Document) and _was_issued(row):
            raise SealedError(f"{row.number} is issued and cannot be deleted")
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Line):
            _check_line(session, row)


def _check_line(session: Session, line: Line) -> None:
    history = inspect(line).attrs.document.history
    for document in (*history.sum(), *(history.deleted or ())):
        if document is not None and document not in session.new and _was_issued(document):
            raise SealedError(f"{document.number} is issued; its lines cannot change")


def _was_issued(document: Document) -> bool:
    """Whether it was issued before what is being flushed now."""
    history = inspect(document).attrs.state.history
    return (history.deleted or history.unchanged or ["draft"])[0] != "draft"
