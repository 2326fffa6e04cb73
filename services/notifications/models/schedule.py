"""The weekly schedule mail: who gets it, what is new, and how far its runs have come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from ..rules import changes
from .declarative import Base

IS_ON_THE_WAY = text("next_due_at IS NOT NULL")


class Subscriber(Base):
    """Who gets the weekly schedule mail, or asked for it; one for each address."""

    __tablename__ = "subscribers"
    __table_args__ = (
        CheckConstraint(
            "(next_due_at IS NOT NULL) = (confirmed_at IS NOT NULL AND ended_at IS NULL)",
            name="due",
        ),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        Index(
            "ix_subscribers_next_due_at",
            "next_due_at",
            "id",
            postgresql_where=IS_ON_THE_WAY,
            sqlite_where=IS_ON_THE_WAY,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    """In the form in which two spellings are equal."""
    address: Mapped[str] = mapped_column(Text, index=True)
    """Its HMAC, by which who is erased is found."""
    first_name: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text, unique=True)
    """What the links in their mails carry; this service signs nothing, so it is kept."""
    postcode: Mapped[str] = mapped_column(Text)
    """As it was typed; empty is everywhere."""
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    is_rough: Mapped[bool]
    """Whether that is only about where the postcode lies."""
    miles: Mapped[int]
    kinds: Mapped[list[str]] = mapped_column(JSON)
    """Of events; none is all."""
    online: Mapped[bool]
    """Whether they want to hear of what can be joined from anywhere."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    """Whose events only; none is the whole network."""
    weekday: Mapped[int]
    """0 is Monday."""
    hour: Mapped[int]
    """UK time."""
    wording: Mapped[str] = mapped_column(Text)
    """The words beside the box that was ticked."""
    wording_version: Mapped[int]
    origin: Mapped[str] = mapped_column(Text)
    """`page`, `sign-up`, or the site on which the form stood."""
    agreed_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    requested_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    """When they were last asked by mail to confirm."""
    confirmed_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    considered_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """News up to this instant were weighed for a mail; empty before the first one.

    An instant and not a number: numbers are not given in the order of commits.
    """
    looked_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    outcome: Mapped[str] = mapped_column(Text)
    """What came of the last look: `planned`, `silent` (there was nothing to say), or `spared`."""


class News(Base):
    """What became new or different of a shift, for those who hear once a week."""

    __tablename__ = "news"
    __table_args__ = (
        CheckConstraint(columns.one_of("kind", changes.NEWS), name="kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"))
    kind: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """When and where a moved shift was; of others empty."""
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)


class ShiftPlaces(Base):
    """A copy of how many places of a shift are taken; it may be heard before the shift is."""

    __tablename__ = "shift_places"

    shift_id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    places_revision: Mapped[int] = mapped_column(columns.BigKey)
    taken: Mapped[int]


class ScheduleRun(Base):
    """How far the schedule mails of one day have come."""

    __tablename__ = "schedule_runs"

    day: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    """The UK date as a number like 20261203."""
    began_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    worked_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    planned: Mapped[int]
    silent: Mapped[int]
    """Subscribers for whom there was nothing to say."""
    spared: Mapped[int]
    """Subscribers who were asked often enough that week."""
    sent: Mapped[int]
