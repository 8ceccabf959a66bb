"""Recurring tasks, and the days for which they were made.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recurring_tasks",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("frequency", sa.String(length=10), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("month_day", sa.Integer(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name="fk_recurring_tasks_assignee_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["users.id"], name="fk_recurring_tasks_creator_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_recurring_tasks_organisation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_recurring_tasks_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recurring_tasks"),
        sa.UniqueConstraint("public_id", name="uq_recurring_tasks_public_id"),
    )
    op.create_index("ix_recurring_tasks_next_on", "recurring_tasks", ["next_on"])
    op.create_index("ix_recurring_tasks_organisation_id_id", "recurring_tasks", ["organisation_id", "id"])
    op.create_index("ix_recurring_tasks_project_id", "recurring_tasks", ["project_id"])
    op.create_table(
        "occurrences",
        sa.Column("recurring_task_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recurring_task_id"],
            ["recurring_tasks.id"],
            name="fk_occurrences_recurring_task_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name="fk_occurrences_task_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("recurring_task_id", "day", name="pk_occurrences"),
    )
    op.create_index("ix_occurrences_task_id", "occurrences", ["task_id"])


def downgrade() -> None:
    op.drop_table("occurrences")
    op.drop_table("recurring_tasks")
