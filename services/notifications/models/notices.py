"""Notices, and the mails of an installation without a mail server."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from ..rules import kinds, states
from .declarative import Base

IS_ASK = text(columns.one_of("kind", kinds.ASKS))
IS_NEWS = text(f"NOT ({columns.one_of('kind', kinds.ASKS)})")
"""Service mail: what people wait for. Written as here, a database finds the index that has it."""

PENDING_ASK = text(f"due_at IS NOT NULL AND {IS_ASK.text}")
PENDING_NEWS = text(f"due_at IS NOT NULL AND {IS_NEWS.text}")
IS_LEASED = text("lease_until IS NOT NULL")
IS_ENDING = text("expires_at IS NOT NULL")
IS_WITHOUT_GROUP = text("signup_id IS NOT NULL AND group_id IS NULL")
IS_MAILING = text("kind = 'mailing'")
IS_SCHEDULE = text("kind = 'schedule'")
WAS_SENT = text("sent_at IS NOT NULL")


class Notice(Base):
    """One mail to one person: a row before it is a mail."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(columns.one_of("kind", tuple(kinds.KINDS)), name="kind"),
        CheckConstraint(columns.one_of("state", tuple(states.STATES)), name="state"),
        CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint(
            f"(due_at IS NOT NULL AND ({columns.one_of('state', states.PENDING)})) OR "
            f"(due_at IS NULL AND (state NOT IN ('planned', 'due', 'deferred')))",
            name="due",
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        # One for each stream, so that service mail is found at once behind a mailing to thousands.
        Index(
            "ix_notices_due_news",
            "due_at",
            "id",
            postgresql_where=PENDING_NEWS,
            sqlite_where=PENDING_NEWS,
        ),
        Index(
            "ix_notices_due_asks",
            "due_at",
            "id",
            postgresql_where=PENDING_ASK,
            sqlite_where=PENDING_ASK,
        ),
        Index("ix_notices_sent_at", "sent_at", postgresql_where=WAS_SENT, sqlite_where=WAS_SENT),
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
        # How many schedule mails of a day were sent.
        Index(
            "ix_notices_schedule",
            "revision",
            "state",
            postgresql_where=IS_SCHEDULE,
            sqlite_where=IS_SCHEDULE,
        ),
        # What somebody was asked lately, over all groups.
        Index("ix_notices_asks", "recipient", postgresql_where=IS_ASK, sqlite_where=IS_ASK),
        # The newest of a group, of an event, of an address, and of some days.
        Index("ix_notices_group_id", "group_id", "id"),
        Index("ix_notices_event_id", "event_id", "id"),
        Index("ix_notices_recipient", "recipient"),
        Index("ix_notices_created_at", "created_at"),
        Index(
            "ix_notices_without_group",
            "id",
            postgresql_where=IS_WITHOUT_GROUP,
            sqlite_where=IS_WITHOUT_GROUP,
        ),
        # What became of one mailing.
        Index(
            "ix_notices_mailing",
            "subject",
            "state",
            postgresql_where=IS_MAILING,
            sqlite_where=IS_MAILING,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text, index=True)
    subject: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    signup_id: Mapped[int | None] = mapped_column(ForeignKey("signups.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    """That of its sign-up."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    """Whose organisers may read of it: that of its event, or the one it was written for."""
    state: Mapped[str] = mapped_column(Text, index=True)
    reason: Mapped[str] = mapped_column(Text)
    """Why it is not sent, in words for the organiser; empty when there is nothing to explain."""
    recipient: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    message_id: Mapped[uuid.UUID] = mapped_column(Uuid, index=True)
    calendar_sequence: Mapped[int]
    attempts: Mapped[int]
    doubts: Mapped[int]
    """How often nobody knew whether it had left: the server never answered, or the sender died."""
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    claim: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    """Which claim the row belongs to: a sender whose claim was taken over does not send."""
    began_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When this claim's talk with the mail server began; empty while the row waits its turn."""
    sent_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    told_in: Mapped[int | None] = mapped_column(columns.BigKey)
    """The notice in whose mail this one was said, or is being said."""
    expires_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it opens a door no longer: until then `details` hold the key, and no longer than that.

    Of kinds whose details may stay it is empty.
    """


class Try(Base):
    """One try that did not send a notice, and what the mail server said to it."""

    __tablename__ = "tries"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    meaning: Mapped[str] = mapped_column(Text)
    """A value of `rules.replies.Meaning`."""
    answer: Mapped[str] = mapped_column(Text)


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
