"""Campaigns and elections, to which events belong."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import columns

from .. import rules
from .declarative import Base
from .groups import Group


class Election(Base):
    """An election by its Democracy Club id, as in `parl.lincoln.2029-05-03`."""

    __tablename__ = "elections"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date, index=True)


class Campaign(Base):
    """What a group wants to reach by many events: a goal, and the time for it."""

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint(columns.one_of("status", rules.CAMPAIGN_STATUSES), name="status"),
        CheckConstraint(columns.one_of("goal_kind", rules.GOAL_KINDS), name="goal_kind"),
        CheckConstraint("goal >= 1", name="goal"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_at"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    election_id: Mapped[str | None] = mapped_column(ForeignKey("elections.id"), index=True)
    status: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    goal_kind: Mapped[str] = mapped_column(Text)
    goal: Mapped[int] = mapped_column(Integer)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    published_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it came before the public; a campaign that never did is shown to nobody."""

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)
    election: Mapped[Election | None] = relationship(lazy="joined")
