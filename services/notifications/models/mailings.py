"""What organisers write to many, and where they themselves are reached."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from ..rules import mailings
from .declarative import Base

WAITING = text("send_at IS NOT NULL")


class Mailing(Base):
    """What an organiser writes to those of an event or of one shift."""

    __tablename__ = "mailings"
    __table_args__ = (
        CheckConstraint(columns.one_of("audience", mailings.AUDIENCES), name="audience"),
        CheckConstraint(columns.one_of("purpose", mailings.PURPOSES), name="purpose"),
        CheckConstraint(columns.one_of("state", mailings.STATES), name="state"),
        CheckConstraint("(state = 'scheduled') = (send_at IS NOT NULL)", name="scheduled"),
        CheckConstraint(
            f"({columns.one_of('state', mailings.LEFT)}) = (left_at IS NOT NULL)", name="left"
        ),
        Index("ix_mailings_send_at", "send_at", postgresql_where=WAITING, sqlite_where=WAITING),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shifts.id"))
    """The one shift it is for; empty when it is for all of the event."""
    audience: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    send_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it was decided who gets it; from then on it leaves."""
    written_by: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    """Who had it sent, or stopped it; empty until then."""
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class Organiser(Base):
    """Where somebody who plans for a group is reached; what they may do stands in memberships."""

    __tablename__ = "organisers"

    organiser_id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(
        columns.BigKey, primary_key=True, autoincrement=False, index=True
    )
    """0 is the network."""
    revision: Mapped[int] = mapped_column(columns.BigKey)
    role: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    """Empty, like the address, once the role is `none`."""
    email: Mapped[str] = mapped_column(Text)
