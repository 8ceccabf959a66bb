"""An organisation's search documents lie side by side.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PLACE = sa.Column(
    "place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
)
OLD_INDEX = "ix_search_documents_organisation_id_task_id"


def upgrade() -> None:
    op.drop_index(OLD_INDEX, "search_documents")
    _rebuild(
        "place, task_id, organisation_id, text",
        "CAST(organisation_id AS BIGINT) * 4294967296 + task_id, task_id, organisation_id, text",
        PLACE,
        sa.PrimaryKeyConstraint("place", name="pk_search_documents"),
        sa.UniqueConstraint("task_id", name="uq_search_documents_task_id"),
    )


def downgrade() -> None:
    _rebuild(
        "task_id, organisation_id, text",
        "task_id, organisation_id, text",
        sa.PrimaryKeyConstraint("task_id", name="pk_search_documents"),
    )
    op.create_index(OLD_INDEX, "search_documents", ["organisation_id", "task_id"])


def _rebuild(columns: str, values: str, *parts: sa.schema.SchemaItem) -> None:
    """Make the table anew with another key. It keeps its names, so the rows wait in another table."""
    op.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM search_documents")
    op.drop_table("search_documents")
    op.create_table(
        "search_documents",
        *(part for part in parts if isinstance(part, sa.Column)),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_search_documents_organisation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name="fk_search_documents_task_id", ondelete="CASCADE"
        ),
        *(part for part in parts if not isinstance(part, sa.Column)),
    )
    op.execute(f"INSERT INTO search_documents ({columns}) SELECT {values} FROM kept")
    op.execute("DROP TABLE kept")
