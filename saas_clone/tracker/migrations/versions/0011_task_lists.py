"""Lists of tasks find their rows by project, organisation, and status or assignee.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OLD = (("project_id", "id"), ("project_id", "status", "id"))
NEW = (
    ("project_id", "organisation_id", "id"),
    ("project_id", "organisation_id", "status", "id"),
    ("project_id", "organisation_id", "assignee_id", "id"),
)


def upgrade() -> None:
    _replace(OLD, NEW)


def downgrade() -> None:
    _replace(NEW, OLD)


def _replace(old: tuple[tuple[str, ...], ...], new: tuple[tuple[str, ...], ...]) -> None:
    for columns in new:
        op.create_index(f"ix_tasks_{'_'.join(columns)}", "tasks", list(columns))
    for columns in old:
        op.drop_index(f"ix_tasks_{'_'.join(columns)}", "tasks")
