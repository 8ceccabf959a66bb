"""The tables. Integer keys join them; only public ids, drawn at random, ever leave the database."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from tracker.ids import new_public_id


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. SQLite forgets time zones: so we store UTC, and say so again when we read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Common to all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, str: String(200)}


class Public:
    """A row with an id that may be shown in an address."""

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(12), unique=True, default=new_public_id)


def cascade(target: str) -> ForeignKey:
    """Refer to a row without which this one makes no sense."""
    return ForeignKey(target, ondelete="CASCADE")


def forget(target: str) -> ForeignKey:
    """Refer to a row that may go away, leaving this one."""
    return ForeignKey(target, ondelete="SET NULL")


class Organisation(Public, Base):
    """A customer: people who share projects and one bill."""

    __tablename__ = "organisations"
    name: Mapped[str]
    plan: Mapped[str] = mapped_column(String(20), default="starter")
    seats: Mapped[int] = mapped_column(default=5)
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    time_zone: Mapped[str] = mapped_column(String(50), default="UTC", server_default="UTC")
    """An IANA name: in which days and weeks recurring tasks and reports think."""
    api_page_most: Mapped[int | None]
    """Rows of one page of the API, when the organisation wants fewer than we allow."""
    api_body_most: Mapped[int | None]
    """Bytes of one request to the API, likewise."""


class User(Public, Base):
    """A person. ``email`` is stored case-folded: it names the account."""

    __tablename__ = "users"
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Membership(Base):
    """A person's place in an organisation."""

    __tablename__ = "memberships"
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(cascade("users.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10), default="member")
    created_at: Mapped[datetime] = mapped_column(default=now)
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()


class Session(Base):
    """A browser that is logged in. We keep only the fingerprint of its cookie."""

    __tablename__ = "sessions"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(cascade("users.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LoginFailure(Base):
    """One wrong password, for the throttle."""

    __tablename__ = "login_failures"
    __table_args__ = (Index(None, "email", "address", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class ResetRequest(Base):
    """Somebody asked for a new password; known address or not, for the throttle."""

    __tablename__ = "reset_requests"
    __table_args__ = (Index(None, "email", "at"), Index(None, "address", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class PasswordReset(Base):
    """A link that lets one person choose a new password. It works once."""

    __tablename__ = "password_resets"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(cascade("users.id"), index=True)
    """Nobody where the address was unknown: such a row only takes as long to write as any other."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class MutedMail(Base):
    """A kind of mail that a person does not want. Without a row they get it."""

    __tablename__ = "muted_mail"
    user_id: Mapped[int] = mapped_column(cascade("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)


class Invitation(Public, Base):
    """A link that lets one person join. It works once."""

    __tablename__ = "invitations"
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    accepted_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()


class ApiToken(Public, Base):
    """A key to the API, with the rights of the person who made it."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "organisation_id", "user_id"),)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    user_id: Mapped[int] = mapped_column(cascade("users.id"))
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Project(Public, Base):
    """A list of tasks with a name."""

    __tablename__ = "projects"
    __table_args__ = (Index(None, "organisation_id", "archived_at", "id"),)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    name: Mapped[str]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None] = mapped_column(index=True)
    """Deleted: nobody sees it or what is in it any more, and the job ``cleanup`` will delete it for good."""


class TaskLabel(Base):
    """A label on a task."""

    __tablename__ = "task_labels"
    label_id: Mapped[int] = mapped_column(cascade("labels.id"), primary_key=True)
    task_id: Mapped[int] = mapped_column(cascade("tasks.id"), primary_key=True, index=True)


class Label(Public, Base):
    """A word to sort tasks by, the same in all projects of an organisation."""

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("organisation_id", "folded_name"),)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    name: Mapped[str] = mapped_column(String(50))
    folded_name: Mapped[str]
    """The name without case, which is unique. Folding may lengthen it."""
    colour: Mapped[str] = mapped_column(String(10), default="grey")


class Task(Public, Base):
    """Something to do. ``version`` grows with each change, so that nobody overwrites what is new."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "organisation_id", "id"),
        Index(None, "organisation_id", "status", "due_on"),
        # A project's list names its organisation too. Without that column here SQLite, which has no
        # statistics, takes the organisation's index, and reads everything that is newer than the project.
        Index(None, "project_id", "organisation_id", "id"),
        Index(None, "project_id", "organisation_id", "status", "id"),
        Index(None, "project_id", "organisation_id", "assignee_id", "id"),
        Index(None, "assignee_id", "organisation_id", "id"),
        Index(None, "due_on", "id"),
        # Reports count the open tasks of each person in this index alone.
        Index(None, "organisation_id", "status", "assignee_id", "priority", "project_id"),
    )
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    project_id: Mapped[int] = mapped_column(cascade("projects.id"))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default="todo")
    priority: Mapped[str] = mapped_column(String(10), default="normal")
    assignee_id: Mapped[int | None] = mapped_column(forget("users.id"))
    creator_id: Mapped[int | None] = mapped_column(forget("users.id"))
    due_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    project: Mapped[Project] = relationship()
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])
    creator: Mapped[User | None] = relationship(foreign_keys=[creator_id])
    labels: Mapped[list[Label]] = relationship(
        secondary="task_labels", order_by="Label.folded_name", viewonly=True
    )

    # The check in tracker.tasks gives people a good answer; this one holds against another writer.
    __mapper_args__ = {"version_id_col": version}


def search_place(organisation_id: int, task_id: int) -> int:
    """Return where a task's search document stands: an organisation's side by side, as its tasks are."""
    return (organisation_id << 32) + task_id


def _own_place(context: DefaultExecutionContext) -> int:
    values = context.get_current_parameters()
    return search_place(values["organisation_id"], values["task_id"])


class SearchDocument(Base):
    """What a task can be found by: title, description and comments, case-folded.

    A search may have to read all documents of an organisation. In the order of ``place`` they lie side by
    side in the file, and need no look-up each.
    """

    __tablename__ = "search_documents"
    place: Mapped[int] = mapped_column(
        # Integer is what SQLite orders its file by, and has 64 bits there.
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
        default=_own_place,
    )
    task_id: Mapped[int] = mapped_column(cascade("tasks.id"), unique=True)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    text: Mapped[str] = mapped_column(Text)


class Comment(Public, Base):
    """Something that was said about a task."""

    __tablename__ = "comments"
    __table_args__ = (Index(None, "task_id", "id"),)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    task_id: Mapped[int] = mapped_column(cascade("tasks.id"))
    author_id: Mapped[int | None] = mapped_column(forget("users.id"))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    author: Mapped[User | None] = relationship()


class Attachment(Public, Base):
    """A file on a task. Its bytes are in the data folder, under ``public_id``."""

    __tablename__ = "attachments"
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    task_id: Mapped[int] = mapped_column(cascade("tasks.id"), index=True)
    uploader_id: Mapped[int | None] = mapped_column(forget("users.id"))
    file_name: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Activity(Base):
    """One line of the feed. ``subject`` is the name at that time, which stays when the thing is gone."""

    __tablename__ = "activity"
    __table_args__ = (Index(None, "organisation_id", "id"), Index(None, "project_id", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    project_id: Mapped[int | None] = mapped_column(forget("projects.id"))
    task_id: Mapped[int | None] = mapped_column(forget("tasks.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(forget("users.id"))
    verb: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[User | None] = relationship()
    task: Mapped[Task | None] = relationship()
    project: Mapped[Project | None] = relationship()


class Notification(Public, Base):
    """Something one person should know. A reminder is sent once per task and due date."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index(None, "user_id", "organisation_id", "read_at"),
        UniqueConstraint("task_id", "due_on"),
    )
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    user_id: Mapped[int] = mapped_column(cascade("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(400))
    task_id: Mapped[int | None] = mapped_column(cascade("tasks.id"))
    due_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
    task: Mapped[Task | None] = relationship()


class Invoice(Base):
    """A bill. The payment platform writes these; we show them."""

    __tablename__ = "invoices"
    __table_args__ = (Index(None, "organisation_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    number: Mapped[str] = mapped_column(String(40), unique=True)
    issued_on: Mapped[date]
    amount_cents: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))


class SavedFilter(Public, Base):
    """A filter of a project's list that somebody gave a name. The values are those of the list's address."""

    __tablename__ = "saved_filters"
    __table_args__ = (Index(None, "organisation_id", "id"), Index(None, "project_id"))
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    owner_id: Mapped[int] = mapped_column(cascade("users.id"))
    project_id: Mapped[int] = mapped_column(cascade("projects.id"))
    name: Mapped[str] = mapped_column(String(100))
    shared: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(10), default="")
    assignee: Mapped[str] = mapped_column(String(12), default="")
    label: Mapped[str] = mapped_column(String(12), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    owner: Mapped[User] = relationship()
    project: Mapped[Project] = relationship()


class ShareLink(Public, Base):
    """A link that shows one task, or one project's tasks, to whoever has it. We keep only its fingerprint."""

    __tablename__ = "share_links"
    __table_args__ = (Index(None, "organisation_id", "id"),)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    creator_id: Mapped[int | None] = mapped_column(forget("users.id"))
    project_id: Mapped[int | None] = mapped_column(cascade("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(cascade("tasks.id"), index=True)
    with_comments: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    creator: Mapped[User | None] = relationship()
    project: Mapped[Project | None] = relationship()
    task: Mapped[Task | None] = relationship()


class AuditEvent(Base):
    """One line of the audit log: something about security that somebody did, or tried."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "organisation_id", "id"), Index(None, "organisation_id", "kind", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(cascade("organisations.id"))
    actor_id: Mapped[int | None] = mapped_column(forget("users.id"))
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str]
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[User | None] = relationship()
