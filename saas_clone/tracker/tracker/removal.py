"""Deleted projects. To delete thousands of rows takes long: so a project is marked, and cleaned up later.

Whoever lists or finds something that lies in a project says so with one of these conditions.
"""

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.models import Project


def removed() -> Select[int]:
    """The marked projects of everybody: seldom more than a few, and found by index."""
    return select(Project.id).where(Project.removed_at.is_not(None))


def still_there(project_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Leave out what lies in a deleted project."""
    return project_id.not_in(removed())


def still_there_or_none(project_id: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """The same for what need not lie in a project."""
    return or_(project_id.is_(None), project_id.not_in(removed()))
