"""The tables. Integer keys join them; addresses and JSON have public ids only."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from invoicing.dates import now
from invoicing.security import new_public_id


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone, so it is said again on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)


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
    type_annotation_map = {datetime: Moment, str: String(200)}


class Public:
    """A row that an address may name."""

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(12), unique=True, default=new_public_id)


class Firm(Public, Base):
    """A customer of ours: who writes the invoices."""

    __tablename__ = "firms"
    name: Mapped[str]
    address: Mapped[str] = mapped_column(String(500), default="")
    vat_number: Mapped[str] = mapped_column(String(40), default="")
    time_zone: Mapped[str] = mapped_column(String(40), default="UTC")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    payment_days: Mapped[int] = mapped_column(default=14)
    created_at: Mapped[datetime] = mapped_column(default=now)


class User(Public, Base):
    """A person of one firm. ``email`` is case-folded: it names the account."""

    __tablename__ = "users"
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(12))
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    firm: Mapped[Firm] = relationship()


class Session(Base):
    """A browser that is logged in."""

    __tablename__ = "sessions"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LoginFailure(Base):
    """One wrong password, for the throttle."""

    __tablename__ = "login_failures"
    __table_args__ = (Index(None, "email", "address", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class Invitation(Public, Base):
    """A link by which one person joins, once."""

    __tablename__ = "invitations"
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(12))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    firm: Mapped[Firm] = relationship()


class ApiToken(Public, Base):
    """Lets a program act as its owner."""

    __tablename__ = "api_tokens"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Client(Public, Base):
    """Who gets invoices from a firm."""

    __tablename__ = "clients"
    __table_args__ = (Index(None, "firm_id", "folded_name"),)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"))
    name: Mapped[str]
    folded_name: Mapped[str] = mapped_column(String(400))
    email: Mapped[str] = mapped_column(String(254), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    vat_number: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Item(Public, Base):
    """Something that a firm sells often."""

    __tablename__ = "items"
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"), index=True)
    name: Mapped[str]
    unit: Mapped[str] = mapped_column(String(20), default="")
    unit_price_cents: Mapped[int] = mapped_column(BigInteger)
    tax_rate: Mapped[int]
    retired_at: Mapped[datetime | None]


class Document(Public, Base):
    """An invoice or a credit note. Once issued, only what happens to it may still change: see ``issuing.py``."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("firm_id", "kind", "year", "sequence"),
        UniqueConstraint("schedule_id", "schedule_on"),
        Index(None, "firm_id", "state", "due_on"),
        Index(None, "firm_id", "issued_on"),
        Index(None, "client_id", "issued_on"),
    )
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    kind: Mapped[str] = mapped_column(String(12), default="invoice")
    state: Mapped[str] = mapped_column(String(12), default="draft")
    subject: Mapped[str]
    notes: Mapped[str] = mapped_column(String(2000), default="")
    payment_days: Mapped[int] = mapped_column(default=14)
    year: Mapped[int | None]
    sequence: Mapped[int | None]
    number: Mapped[str] = mapped_column(String(20), default="")
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    written_off_on: Mapped[date | None]
    seller: Mapped[str] = mapped_column(String(1000), default="")
    buyer: Mapped[str] = mapped_column(String(1000), default="")
    """Names, addresses and VAT numbers as they were on the day of issue."""
    currency: Mapped[str] = mapped_column(String(3))
    net_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    total_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    credited_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    credits_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    """The invoice that a credit note takes back."""
    schedule_id: Mapped[int | None]
    """Of the schedule that made it. No foreign key: a schedule refers to a document, and a circle cannot be created."""
    schedule_on: Mapped[date | None]
    link_version: Mapped[int] = mapped_column(default=1)
    """Part of the public link: raising it ends the old one."""
    search_text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    client: Mapped[Client] = relationship()
    lines: Mapped[list["Line"]] = relationship(
        order_by="Line.position", cascade="all, delete-orphan", back_populates="document"
    )
    credits: Mapped["Document | None"] = relationship(remote_side="Document.id")

    @property
    def open_cents(self) -> int:
        """What the client still owes; below zero, what we owe the client."""
        return self.total_cents - self.paid_cents - self.credited_cents

    @property
    def is_draft(self) -> bool:
        """Whether it may still be written in."""
        return self.state == "draft"


class Line(Base):
    """One line of a document."""

    __tablename__ = "lines"
    __table_args__ = (UniqueConstraint("document_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    position: Mapped[int]
    description: Mapped[str] = mapped_column(String(500))
    unit: Mapped[str] = mapped_column(String(20), default="")
    quantity_milli: Mapped[int] = mapped_column(BigInteger)
    unit_price_cents: Mapped[int] = mapped_column(BigInteger)
    discount_rate: Mapped[int] = mapped_column(default=0)
    tax_rate: Mapped[int]
    net_cents: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[Document] = relationship(back_populates="lines")


class TaxTotal(Base):
    """Net and tax of one rate on an issued document: what reports add up."""

    __tablename__ = "tax_totals"
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    tax_rate: Mapped[int] = mapped_column(primary_key=True)
    net_cents: Mapped[int] = mapped_column(BigInteger)
    tax_cents: Mapped[int] = mapped_column(BigInteger)


class Numbering(Base):
    """The last number given out, per firm, kind and year."""

    __tablename__ = "numbering"
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Payment(Public, Base):
    """Money that came in; matched once we know for which invoice."""

    __tablename__ = "payments"
    __table_args__ = (Index(None, "firm_id", "document_id"),)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    received_on: Mapped[date]
    reference: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    document: Mapped[Document | None] = relationship()


class Schedule(Public, Base):
    """An invoice that comes again each month."""

    __tablename__ = "schedules"
    __table_args__ = (Index(None, "next_on"),)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"), index=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    """The issued invoice whose lines are repeated."""
    day: Mapped[int]
    next_on: Mapped[date | None]
    """Nothing once it is stopped."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    template: Mapped[Document] = relationship(foreign_keys=[template_id])


class Letter(Public, Base):
    """A mail for a client: the platform's relay takes them from here. One of each kind per document."""

    __tablename__ = "letters"
    __table_args__ = (UniqueConstraint("document_id", "kind"),)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    kind: Mapped[str] = mapped_column(String(12))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    document: Mapped[Document] = relationship()


class IdempotencyKey(Base):
    """An answer that was given once, and is given again to the same request."""

    __tablename__ = "idempotency_keys"
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class AuditEntry(Base):
    """Who did what. Rows are added, never changed."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "firm_id", "id"), Index(None, "document_id", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firms.id"))
    document_id: Mapped[int | None]
    """No foreign key: a deleted draft stays in the trail."""
    actor: Mapped[str]
    """A name; ``Folio`` for what a job did."""
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(default=now)
