"""What people ask a group by its contact form, and what they are answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from ..rules import enquiries
from .declarative import Base


class Enquiry(Base):
    """What somebody wrote to a group."""

    __tablename__ = "enquiries"
    __table_args__ = (
        CheckConstraint(columns.one_of("state", enquiries.STATES), name="state"),
        CheckConstraint(
            f"({columns.one_of('state', enquiries.DONE)}) = (done_at IS NOT NULL)", name="done"
        ),
        Index("ix_enquiries_group_id", "group_id", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    nonce: Mapped[str] = mapped_column(Text, unique=True)
    """Of the form it came by: the same form sent twice is one enquiry."""
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    suspicion: Mapped[str] = mapped_column(Text)
    """Why it looks like a machine's; empty when it does not."""
    asked_at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
    late_told_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    done_by: Mapped[str] = mapped_column(Text)


class EnquiryAnswer(Base):
    """What an organiser answered by mail."""

    __tablename__ = "enquiry_answers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiries.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
