"""What people are invited to: events, their shifts, co-hosts and series."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import columns

from .. import rules
from ..rules import reminders
from .campaigns import Campaign, Election
from .declarative import Base
from .groups import Group


class Event(Base):
    """What a group invites people to, on one day or many."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint(columns.one_of("kind", rules.KINDS), name="kind"),
        CheckConstraint(columns.one_of("status", rules.STATUSES), name="status"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_at"),
        CheckConstraint(columns.one_of("mode", rules.MODES), name="mode"),
        CheckConstraint(columns.one_of("address_shown", rules.ADDRESS_SHOWN), name="address_shown"),
        CheckConstraint(columns.one_of("verification", rules.VERIFICATIONS), name="verification"),
        CheckConstraint(columns.one_of("promotion", rules.PROMOTIONS), name="promotion"),
        CheckConstraint(columns.one_of("when_full", rules.WHEN_FULL), name="when_full"),
        # A day of a series exists once, however often the series is expanded.
        UniqueConstraint("series_id", "series_day"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"), index=True)
    election_id: Mapped[str | None] = mapped_column(ForeignKey("elections.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    bring: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What to bring."""
    accessibility: Mapped[str] = mapped_column(Text, default="", server_default="")
    mode: Mapped[str] = mapped_column(Text, default="in_person", server_default="in_person")
    online_url: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where people meet online; shown only to those who signed up."""
    address_shown: Mapped[str] = mapped_column(Text, default="public", server_default="public")
    verification: Mapped[str] = mapped_column(Text, default="soft", server_default="soft")
    """When those who sign up have to prove their address."""
    promotion: Mapped[str] = mapped_column(Text, default="by_time", server_default="by_time")
    """How a place that comes free is given to those who wait."""
    when_full: Mapped[str] = mapped_column(Text, default="wait", server_default="wait")
    """What happens to those who find no place."""
    questions: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default=text("'[]'")
    )
    """What the sign-up form asks besides, in order; see `schemas.questions`."""
    reminders: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=reminders.usual, server_default=json.dumps(reminders.USUAL)
    )
    """When those with a place are reminded; see `schemas.reminders`."""
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it came before the public; an event that never did is shown to nobody."""
    cancel_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    archived_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it was put away; organisers' lists leave it out."""
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    series_day: Mapped[date | None] = mapped_column(Date)
    """The day on which the series put it, wherever it was moved since."""
    series_changed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Changed by itself: changes of all unchanged ones leave it alone."""
    series_adjusted: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """An hour of its shifts does not exist on its day, so its times are not its series'."""

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)
    campaign: Mapped[Campaign | None] = relationship(lazy="select")
    election: Mapped[Election | None] = relationship(lazy="select")
    series: Mapped[Series | None] = relationship(lazy="select")
    co_hosts: Mapped[list[CoHost]] = relationship(lazy="selectin", order_by="CoHost.group_id")
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
        CheckConstraint(columns.one_of("work", rules.WORK), name="work"),
        CheckConstraint("conversations IS NULL OR conversations >= 0", name="conversations"),
        # The schedule walks along the days, and finds there what a search asks of each shift; not
        # how many places are taken, since each sign-up would have to write the index, too.
        Index(
            None,
            "day",
            "event_id",
            postgresql_include=["latitude", "longitude", "starts_at", "ends_at", "cancelled"],
        ),
        # A search by postcode looks into a box on the map.
        Index(None, "latitude", "longitude", "day"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    place: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str] = mapped_column(Text)
    constituency: Mapped[str] = mapped_column(Text)
    constituency_code: Mapped[str] = mapped_column(Text, default="", server_default="", index=True)
    authority_code: Mapped[str] = mapped_column(Text, default="", server_default="")
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    located: Mapped[str] = mapped_column(Text, default="", server_default="")
    """How well `latitude` and `longitude` are known: `postcode`, `area` or not at all."""
    work: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What is done there: `training`, `campaigning`, or whatever the event's kind says."""
    needs: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The training that somebody needs for it, by its name."""
    lead_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    lead_email: Mapped[str] = mapped_column(Text, default="", server_default="")
    slot: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Which shift of its series' pattern it is."""
    starts_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    zone: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    """The date of its start in its own zone, so that the schedule can be cut by days in SQL."""
    announced_start: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """Its start when the public first heard of it, so that it can be said to have moved."""
    capacity: Mapped[int | None] = mapped_column(Integer)
    closes_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    cancelled: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    taken: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    waiting: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    places_revision: Mapped[int] = mapped_column(columns.BigKey, default=0, server_default="0")

    conversations: Mapped[int | None] = mapped_column(Integer)
    """How many the team reported; nothing before it did."""

    event: Mapped[Event] = relationship(back_populates="shifts", lazy="select")


class CoHost(Base):
    """Another group that was asked to hold an event together with its host."""

    __tablename__ = "co_hosts"
    __table_args__ = (CheckConstraint(columns.one_of("state", rules.CO_HOST_STATES), name="state"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)


class Series(Base):
    """A repeating event: a rule from which real events are made, some weeks ahead."""

    __tablename__ = "series"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    rule: Mapped[str] = mapped_column(Text)
    """An RRULE (RFC 5545, section 3.3.10) whose days are counted in the shifts' zone."""
    first_day: Mapped[date] = mapped_column(Date)
    """From which on the rule counts; it names this day, too."""
    ended_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    events_cancelled: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Its coming events were cancelled when it ended, which nothing undoes."""
