"""Organisations have a time zone and limits; projects are removed in two steps; states have a history.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organisations", sa.Column("time_zone", sa.String(length=50), server_default="UTC", nullable=False)
    )
    op.add_column("organisations", sa.Column("api_page_most", sa.Integer(), nullable=True))
    op.add_column("organisations", sa.Column("api_body_most", sa.Integer(), nullable=True))
    op.add_column("projects", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_projects_removed_at", "projects", ["removed_at"])
    op.create_index(
        "ix_tasks_organisation_id_status_due_on", "tasks", ["organisation_id", "status", "due_on"]
    )
    op.create_table(
        "task_state_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=True),
        sa.Column("after", sa.String(length=10), nullable=False),
        sa.Column("seconds_before", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_task_state_changes_organisation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name="fk_task_state_changes_task_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_task_state_changes"),
    )
    op.create_index(
        "ix_task_state_changes_organisation_id_after_at",
        "task_state_changes",
        ["organisation_id", "after", "at"],
    )
    op.create_index(
        "ix_task_state_changes_organisation_id_at", "task_state_changes", ["organisation_id", "at"]
    )
    op.create_index("ix_task_state_changes_task_id_id", "task_state_changes", ["task_id", "id"])
    _remember_finished()


def _remember_finished() -> None:
    """Tasks that are done count as finished when they were last changed: nobody wrote down more."""
    tasks = sa.table("tasks", *map(sa.column, ("id", "organisation_id", "status", "updated_at")))
    changes = sa.table("task_state_changes", *map(sa.column, ("organisation_id", "task_id", "after", "at")))
    done = sa.select(tasks.c.organisation_id, tasks.c.id, tasks.c.status, tasks.c.updated_at)
    op.execute(
        sa.insert(changes).from_select(
            list(changes.c.keys()), done.where(tasks.c.status == "done").order_by(tasks.c.id)
        )
    )


def downgrade() -> None:
    op.drop_table("task_state_changes")
    op.drop_index("ix_tasks_organisation_id_status_due_on", "tasks")
    # Not in batches: SQLite would make the tables anew, and what hangs on their rows would go with the old.
    op.drop_index("ix_projects_removed_at", "projects")
    op.drop_column("projects", "removed_at")
    for name in ("api_body_most", "api_page_most", "time_zone"):
        op.drop_column("organisations", name)
