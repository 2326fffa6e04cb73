"""Who is new with a group, and what newcomers are told there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from ..rules import newcomers
from .declarative import Base

OPEN = text("state = 'open'")


class Newcomer(Base):
    """Somebody's first sign-up with a group: an organiser is to get in touch."""

    __tablename__ = "newcomers"
    __table_args__ = (
        CheckConstraint(columns.one_of("state", newcomers.STATES), name="state"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        Index("ix_newcomers_group_id", "group_id", "state"),
        Index("ix_newcomers_open", "since", postgresql_where=OPEN, sqlite_where=OPEN),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    signup_id: Mapped[int] = mapped_column(ForeignKey("signups.id"), unique=True)
    state: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    late_number: Mapped[int | None] = mapped_column(columns.BigKey)
    """Of the day on which the group's owners hear that nobody got in touch."""
    done_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    done_by: Mapped[str] = mapped_column(Text)
    done_how: Mapped[str] = mapped_column(Text)


class Welcome(Base):
    """What newcomers of a group are told besides who is there for them."""

    __tablename__ = "welcomes"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id"), primary_key=True, autoincrement=False
    )
    the_day: Mapped[str] = mapped_column(Text)
    buddy_name: Mapped[str] = mapped_column(Text)
    buddy_how: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
