"""More tables: webhooks, recurring tasks, imports, the history of states, requests that may be repeated."""

from datetime import date, datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Base, Project, Public, User, cascade, forget, now


class TaskStateChange(Base):
    """A task came into a state; what it was in before, and for how long, is kept with it."""

    __tablename__ = "task_state_changes"
    __table_args__ = (
        Index(None, "organisation_id", "after", "at"),
        Index(None, "organisation_id", "at"),
        Index(None, "task_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    task_id: Mapped[int] = mapped_column(cascade("tasks.id"))
    before: Mapped[str | None] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    seconds_before: Mapped[int | None]
    """How long the task was in ``before``; nothing for its first state."""
    at: Mapped[datetime] = mapped_column(default=now)


class Webhook(Public, Base):
    """An address that wants to hear of changes. We sign with the secret, so we keep it."""

    __tablename__ = "webhooks"
    __table_args__ = (Index(None, "organisation_id", "id"),)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[str]
    """Names, with a space between them."""
    secret: Mapped[str] = mapped_column(String(60))
    failures: Mapped[int] = mapped_column(default=0)
    """Attempts in a row that failed."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class WebhookDelivery(Public, Base):
    """One event for one webhook: written with the change itself, sent by the job ``webhooks``."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(None, "webhook_id", "id"),
        Index(None, "state", "next_attempt_at"),
    )
    webhook_id: Mapped[int] = mapped_column(cascade("webhooks.id"))
    event: Mapped[str] = mapped_column(String(30))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    """``waiting`` for its turn, ``sent`` without an answer so far, ``delivered`` or ``failed``."""
    attempts: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    """Attempts since somebody last asked for it."""
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    """When it is sent; once sent, until when we wait for the answer."""
    answer: Mapped[int | None]
    """HTTP status of the last attempt."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    webhook: Mapped[Webhook] = relationship()


class ImportFile(Public, Base):
    """A file that was looked at and not imported yet."""

    __tablename__ = "import_files"
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"), index=True)
    user_id: Mapped[int] = mapped_column(cascade("users.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(cascade("projects.id"))
    name: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ImportedTask(Base):
    """What a task is called where it came from: so a file that is imported again doubles nothing."""

    __tablename__ = "imported_tasks"
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(cascade("tasks.id"), index=True)


class RecurringTask(Public, Base):
    """A task to be made again and again: what it says, and when."""

    __tablename__ = "recurring_tasks"
    __table_args__ = (Index(None, "organisation_id", "id"),)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    project_id: Mapped[int] = mapped_column(cascade("projects.id"), index=True)
    creator_id: Mapped[int | None] = mapped_column(forget("users.id"))
    assignee_id: Mapped[int | None] = mapped_column(forget("users.id"))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")
    priority: Mapped[str] = mapped_column(String(10), default="normal")
    frequency: Mapped[str] = mapped_column(String(10))
    weekdays: Mapped[str] = mapped_column(String(7), default="")
    """Digits, Monday is 0; for weekly ones."""
    month_day: Mapped[int | None]
    """For monthly ones; in a shorter month its last day."""
    next_on: Mapped[date] = mapped_column(index=True)
    """In the organisation's time zone."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    project: Mapped[Project] = relationship()
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])


class Occurrence(Base):
    """A day for which a recurring task was made: it is made once."""

    __tablename__ = "occurrences"
    recurring_task_id: Mapped[int] = mapped_column(cascade("recurring_tasks.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    task_id: Mapped[int | None] = mapped_column(forget("tasks.id"), index=True)


class IdempotencyKey(Base):
    """The answer to a request that its sender may repeat, not knowing whether it has arrived."""

    __tablename__ = "idempotency_keys"
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(cascade("users.id"), primary_key=True, index=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    """Fingerprint of method, path and body."""
    status: Mapped[int]
    etag: Mapped[str | None] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
