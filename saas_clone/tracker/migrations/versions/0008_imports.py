"""Imports: files that were looked at, and what tasks are called elsewhere.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_files",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_import_files_organisation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_import_files_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_import_files_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_import_files"),
        sa.UniqueConstraint("public_id", name="uq_import_files_public_id"),
    )
    op.create_index("ix_import_files_created_at", "import_files", ["created_at"])
    op.create_index("ix_import_files_organisation_id", "import_files", ["organisation_id"])
    op.create_index("ix_import_files_user_id", "import_files", ["user_id"])
    op.create_table(
        "imported_tasks",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_imported_tasks_organisation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name="fk_imported_tasks_task_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "external_id", name="pk_imported_tasks"),
    )
    op.create_index("ix_imported_tasks_task_id", "imported_tasks", ["task_id"])


def downgrade() -> None:
    op.drop_table("imported_tasks")
    op.drop_table("import_files")
