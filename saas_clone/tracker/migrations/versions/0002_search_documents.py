"""Search reads one folded text per task.

Revision ID: 0002
Revises: 0001
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "search_documents",
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
        sa.PrimaryKeyConstraint("task_id", name="pk_search_documents"),
    )
    op.create_index(
        "ix_search_documents_organisation_id_task_id", "search_documents", ["organisation_id", "task_id"]
    )
    _fill()


def _fill() -> None:
    """Make what was there before findable. Folding must be Python's: SQLite's knows ASCII only."""
    connection = op.get_bind()
    tasks = sa.table(
        "tasks", *(sa.column(name) for name in ("id", "organisation_id", "title", "description"))
    )
    comments = sa.table("comments", *(sa.column(name) for name in ("id", "task_id", "body")))
    documents = sa.table("search_documents", *(sa.column(x) for x in ("task_id", "organisation_id", "text")))
    after = 0
    while True:
        batch = connection.execute(
            sa.select(tasks).where(tasks.c.id > after).order_by(tasks.c.id).limit(BATCH)
        ).all()
        if not batch:
            return
        bodies: dict[int, list[str]] = {}
        said = sa.select(comments).where(comments.c.task_id.between(batch[0].id, batch[-1].id))
        for comment in connection.execute(said.order_by(comments.c.id)):
            bodies.setdefault(comment.task_id, []).append(comment.body)
        rows = [
            {
                "task_id": task.id,
                "organisation_id": task.organisation_id,
                "text": _fold("\n".join((task.title, task.description, *bodies.get(task.id, [])))),
            }
            for task in batch
        ]
        connection.execute(sa.insert(documents), rows)
        after = batch[-1].id


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def downgrade() -> None:
    op.drop_table("search_documents")
