"""Saved filters, share links and the audit log.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("assignee", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        _belongs("saved_filters", "organisation_id", "organisations.id"),
        _belongs("saved_filters", "owner_id", "users.id"),
        _belongs("saved_filters", "project_id", "projects.id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filters"),
        sa.UniqueConstraint("public_id", name="uq_saved_filters_public_id"),
    )
    op.create_index("ix_saved_filters_organisation_id_id", "saved_filters", ["organisation_id", "id"])
    op.create_index("ix_saved_filters_project_id", "saved_filters", ["project_id"])
    op.create_table(
        "share_links",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("with_comments", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        _belongs("share_links", "creator_id", "users.id", "SET NULL"),
        _belongs("share_links", "organisation_id", "organisations.id"),
        _belongs("share_links", "project_id", "projects.id"),
        _belongs("share_links", "task_id", "tasks.id"),
        sa.PrimaryKeyConstraint("id", name="pk_share_links"),
        sa.UniqueConstraint("fingerprint", name="uq_share_links_fingerprint"),
        sa.UniqueConstraint("public_id", name="uq_share_links_public_id"),
    )
    op.create_index("ix_share_links_organisation_id_id", "share_links", ["organisation_id", "id"])
    op.create_index("ix_share_links_project_id", "share_links", ["project_id"])
    op.create_index("ix_share_links_task_id", "share_links", ["task_id"])
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _belongs("audit_events", "actor_id", "users.id", "SET NULL"),
        _belongs("audit_events", "organisation_id", "organisations.id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_index("ix_audit_events_organisation_id_id", "audit_events", ["organisation_id", "id"])
    op.create_index(
        "ix_audit_events_organisation_id_kind_id", "audit_events", ["organisation_id", "kind", "id"]
    )


def _belongs(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=ondelete)


def downgrade() -> None:
    for table in ("audit_events", "share_links", "saved_filters"):
        op.drop_table(table)
