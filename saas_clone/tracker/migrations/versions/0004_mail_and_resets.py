"""Password resets, mail that people do not want, and notifications that can be read one by one.

Revision ID: 0004
Revises: 0003
"""

import base64
import os

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "reset_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reset_requests"),
    )
    op.create_index("ix_reset_requests_address_at", "reset_requests", ["address", "at"])
    op.create_index("ix_reset_requests_at", "reset_requests", ["at"])
    op.create_index("ix_reset_requests_email_at", "reset_requests", ["email", "at"])
    op.create_table(
        "password_resets",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_password_resets_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_password_resets"),
    )
    op.create_index("ix_password_resets_expires_at", "password_resets", ["expires_at"])
    op.create_index("ix_password_resets_user_id", "password_resets", ["user_id"])
    op.create_table(
        "muted_mail",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_muted_mail_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", name="pk_muted_mail"),
    )
    with op.batch_alter_table("notifications") as notifications:
        notifications.add_column(sa.Column("public_id", sa.String(length=12), nullable=True))
    _fill()
    with op.batch_alter_table("notifications") as notifications:
        notifications.alter_column("public_id", existing_type=sa.String(length=12), nullable=False)
        notifications.create_unique_constraint("uq_notifications_public_id", ["public_id"])


def _fill() -> None:
    """Draw ids for the notifications that are there."""
    connection = op.get_bind()
    notifications = sa.table("notifications", sa.column("id"), sa.column("public_id"))
    number = notifications.c.id
    after = 0
    while True:
        found = sa.select(number).where(number > after).order_by(number).limit(BATCH)
        batch = connection.scalars(found).all()
        if not batch:
            return
        statement = sa.update(notifications).where(number == sa.bindparam("key"))
        rows = [{"key": key, "drawn": _public_id()} for key in batch]
        connection.execute(statement.values(public_id=sa.bindparam("drawn")), rows)
        after = batch[-1]


def _public_id() -> str:
    return base64.b32encode(os.urandom(8))[:12].decode("ascii").lower()


def downgrade() -> None:
    with op.batch_alter_table("notifications") as notifications:
        notifications.drop_constraint("uq_notifications_public_id", type_="unique")
        notifications.drop_column("public_id")
    for table in ("muted_mail", "password_resets", "reset_requests"):
        op.drop_table(table)
