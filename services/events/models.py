"""The tables of the events service: groups, their events, and the shifts of an event."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, Text, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shared import columns

from . import rules


class Base(DeclarativeBase):
    """All tables of this service."""

    metadata = columns.new_metadata()


class Group(Base):
    """Those who hold events: a campaign, a local party, a community project."""

    __tablename__ = "groups"
    __table_args__ = (
        CheckConstraint(
            columns.one_of("signup_notices", rules.SIGNUP_NOTICES), name="signup_notices"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    name: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    privacy_url: Mapped[str] = mapped_column(Text)
    imprint: Mapped[str] = mapped_column(Text)
    signup_notices: Mapped[str] = mapped_column(Text)


class Event(Base):
    """What a group invites people to, on one day or many."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint(columns.one_of("kind", rules.KINDS), name="kind"),
        CheckConstraint(columns.one_of("status", rules.STATUSES), name="status"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it came before the public; an event that never did is shown to nobody."""
    cancel_reason: Mapped[str] = mapped_column(Text, default="", server_default="")

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)
    shifts: Mapped[list[Shift]] = relationship(
        back_populates="event", lazy="selectin", order_by="(Shift.starts_at, Shift.id)"
    )


class Shift(Base):
    """A time at a meeting point, with places; `taken` and `waiting` are copied from signups."""

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("closes_at <= starts_at", name="closes_by_start"),
        CheckConstraint("capacity IS NULL OR capacity >= 1", name="capacity"),
        CheckConstraint("taken >= 0 AND waiting >= 0", name="totals"),
        # The schedule walks along the days.
        Index(None, "day", "event_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    place: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str] = mapped_column(Text)
    constituency: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    zone: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    """The date of its start in its own zone, so that the schedule can be cut by days in SQL."""
    capacity: Mapped[int | None] = mapped_column(Integer)
    closes_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    cancelled: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    taken: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    waiting: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    places_revision: Mapped[int] = mapped_column(columns.BigKey, default=0, server_default="0")

    event: Mapped[Event] = relationship(back_populates="shifts", lazy="select")
