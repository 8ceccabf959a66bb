"""Who has how many open tasks is counted in an index alone.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = ["organisation_id", "status", "assignee_id", "priority", "project_id"]
NAME = f"ix_tasks_{'_'.join(COLUMNS)}"


def upgrade() -> None:
    op.create_index(NAME, "tasks", COLUMNS)


def downgrade() -> None:
    op.drop_index(NAME, "tasks")
