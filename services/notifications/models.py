"""The tables of the notifications service: copies of others' facts, notices, the mailbox."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, Text, Uuid, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared import columns

from .rules import kinds


class Base(DeclarativeBase):
    """All tables of this service."""

    metadata = columns.new_metadata()


class Group(Base):
    """A copy of a group: who signs the mails, and who hears of new sign-ups."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    name: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    privacy_url: Mapped[str] = mapped_column(Text)
    imprint: Mapped[str] = mapped_column(Text)
    signup_notices: Mapped[str] = mapped_column(Text)
    reply_email: Mapped[str] = mapped_column(Text, default="", server_default="")


class Event(Base):
    """A copy of an event: the words of a mail."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    status: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    bring: Mapped[str] = mapped_column(Text, default="", server_default="")
    accessibility: Mapped[str] = mapped_column(Text, default="", server_default="")
    mode: Mapped[str] = mapped_column(Text, default="in_person", server_default="in_person")
    online_url: Mapped[str] = mapped_column(Text, default="", server_default="")
    address_shown: Mapped[str] = mapped_column(Text, default="public", server_default="public")


class Shift(Base):
    """A copy of a shift: when and where."""

    __tablename__ = "shifts"

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    place: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    zone: Mapped[str] = mapped_column(Text)
    cancelled: Mapped[bool]
    work: Mapped[str] = mapped_column(Text, default="", server_default="")
    needs: Mapped[str] = mapped_column(Text, default="", server_default="")


class Signup(Base):
    """A copy of a sign-up, with as little of the person as a mail needs."""

    __tablename__ = "signups"

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), index=True)
    state: Mapped[str] = mapped_column(Text)
    party: Mapped[int]
    first_name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    had_place: Mapped[bool]
    """Whether this sign-up ever had a place: who had one gets the calendar entry taken back."""
    calendar_uid: Mapped[uuid.UUID] = mapped_column(Uuid)
    calendar_sequence: Mapped[int]
    daily_notice_key: Mapped[str | None] = mapped_column(Text, index=True)
    """The key of the daily list in which the group's contact reads of this sign-up."""


IS_PENDING = text("due_at IS NOT NULL")
IS_LEASED = text("lease_until IS NOT NULL")
IS_ENDING = text("expires_at IS NOT NULL")


class Notice(Base):
    """One mail to one person: a row before it is a mail."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(columns.one_of("kind", kinds.KINDS), name="kind"),
        CheckConstraint(columns.one_of("state", kinds.STATES), name="state"),
        CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint(
            f"(due_at IS NOT NULL AND ({columns.one_of('state', kinds.PENDING)})) OR "
            f"(due_at IS NULL AND (state NOT IN ('planned', 'due', 'deferred')))",
            name="due",
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        Index(
            "ix_notices_due_at",
            "due_at",
            "id",
            postgresql_where=IS_PENDING,
            sqlite_where=IS_PENDING,
        ),
        Index(
            "ix_notices_lease_until",
            "lease_until",
            postgresql_where=IS_LEASED,
            sqlite_where=IS_LEASED,
        ),
        Index(
            "ix_notices_expires_at",
            "expires_at",
            postgresql_where=IS_ENDING,
            sqlite_where=IS_ENDING,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text, index=True)
    subject: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    signup_id: Mapped[int | None] = mapped_column(ForeignKey("signups.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    state: Mapped[str] = mapped_column(Text, index=True)
    reason: Mapped[str] = mapped_column(Text)
    """Why it is not sent, in words for the organiser; empty when there is nothing to explain."""
    recipient: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    message_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    calendar_sequence: Mapped[int]
    attempts: Mapped[int]
    doubts: Mapped[int]
    """How often the server took the text and never answered."""
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    claim: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    """Which claim the row belongs to: a sender whose claim was taken over does not send."""
    began_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When this claim's talk with the mail server began; empty while the row waits its turn."""
    sent_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it opens a door no longer: until then `details` hold the key, and no longer than that.

    Of kinds whose details may stay it is empty.
    """


class SuppressedAddress(Base):
    """An address that does not exist, as its own mail server said: nothing more is sent there."""

    __tablename__ = "suppressed_addresses"

    email: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class Channel(Base):
    """The way out to the mail server; one row, there while it is paused."""

    __tablename__ = "channels"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    paused_until: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)


class KeptMail(Base):
    """A mail of an installation without a mail server, for the local mailbox page."""

    __tablename__ = "mailbox"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), unique=True)
    kept_at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
