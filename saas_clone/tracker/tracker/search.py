"""Search: all words must occur, in any case and any order, in the title, the description or the comments."""

import unicodedata

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker.actors import Actor
from tracker.fields import MAX_INTEGER, clean
from tracker.models import Comment, SearchDocument, Task, search_place
from tracker.paging import Page, Window, newest_first
from tracker.removal import still_there

MOST_WORDS = 8
MOST_CHARACTERS = 200


def fold(text: str) -> str:
    """Make upper and lower case the same in every script: ``STRASSE`` and ``Straße``, ``Ä`` and ``ä``."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def words_of(query: str) -> list[str]:
    """Split a query into the words to look for."""
    return fold(clean(query[:MOST_CHARACTERS])).split()[:MOST_WORDS]


async def find(session: AsyncSession, actor: Actor, query: str, window: Window) -> Page[Task]:
    """Find the organisation's tasks that hold all words of ``query``, the newest tasks first."""
    words = words_of(query)
    if not words:
        return Page([], None)
    here = actor.organisation.id
    statement = (
        select(Task)
        .join(SearchDocument, SearchDocument.task_id == Task.id)
        .where(SearchDocument.place > search_place(here, 0))
        .where(
            SearchDocument.place < search_place(here, MAX_INTEGER if window.after is None else window.after)
        )
        .where(still_there(Task.project_id))
        .where(*(SearchDocument.text.contains(word, autoescape=True) for word in words))
        .options(joinedload(Task.project), joinedload(Task.assignee))
    )
    # The database reads the organisation's documents from the newest on, and stops when the page is full.
    return await newest_first(session, statement, SearchDocument.task_id, window, order=SearchDocument.place)


def add_task(session: AsyncSession, task: Task) -> None:
    """Make a new task findable."""
    session.add(
        SearchDocument(
            task_id=task.id, organisation_id=task.organisation_id, text=text_of(task.title, task.description)
        )
    )


def text_of(title: str, description: str, *comments: str) -> str:
    """Return what is searched for a task."""
    return fold("\n".join((title, description, *comments)))


async def add_comment(session: AsyncSession, task: Task, body: str) -> None:
    """Make a new comment findable. The database appends, so two comments in one instant both count."""
    await session.execute(
        update(SearchDocument)
        .where(SearchDocument.task_id == task.id)
        .values(text=SearchDocument.text + ("\n" + fold(body)))
    )


async def rebuild(session: AsyncSession, task: Task) -> None:
    """Read the task's text again, after an edit or a deletion."""
    # Whoever appends a comment now is waited for, or waits (SQLite has one writer; Postgres locks the row).
    document = select(SearchDocument.task_id).where(SearchDocument.task_id == task.id).with_for_update()
    await session.execute(document)
    bodies = await session.scalars(
        select(Comment.body).where(Comment.task_id == task.id).order_by(Comment.id)
    )
    await session.execute(
        update(SearchDocument)
        .where(SearchDocument.task_id == task.id)
        .values(text=text_of(task.title, task.description, *bodies.all()))
    )
