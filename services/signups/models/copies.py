"""Copies of what the events service owns: groups, events and shifts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Integer,
    Text,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .. import rules
from .declarative import Base


class Group(Base):
    """A copy of a group's facts, as the form needs them."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    name: Mapped[str] = mapped_column(Text)
    privacy_url: Mapped[str] = mapped_column(Text)
    representative_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    representative_role: Mapped[str] = mapped_column(Text, default="", server_default="")
    sites: Mapped[list[str]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    """Origins of web sites that may show its sign-up forms."""


class Event(Base):
    """A copy of an event's facts, and what its organisers want of its sign-ups."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint(columns.one_of("verification", rules.VERIFICATIONS), name="verification"),
        CheckConstraint(columns.one_of("promotion", rules.PROMOTIONS), name="promotion"),
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="", server_default="")
    mode: Mapped[str] = mapped_column(Text, default="in_person", server_default="in_person")
    online_url: Mapped[str] = mapped_column(Text, default="", server_default="")
    address_shown: Mapped[str] = mapped_column(Text, default="public", server_default="public")
    verification: Mapped[str] = mapped_column(Text, default="soft", server_default="soft")
    """Whether an address has to be proven: `off`, `soft` or `strict`."""
    promotion: Mapped[str] = mapped_column(Text, default="by_time", server_default="by_time")
    """How a place that comes free is given: by the time left, or as the organiser chose."""
    waiting_list: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    """Whether there is one; without it a full shift takes nobody."""
    questions: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default=text("'[]'")
    )
    """What its form asks besides, as the messages tell it."""


class Shift(Base):
    """A copy of a shift's facts, and the totals that this service alone decides."""

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND waiting >= 0", name="totals"),
        CheckConstraint("capacity IS NULL OR capacity >= 1", name="capacity"),
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    place: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    starts_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    zone: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int | None] = mapped_column(Integer)
    closes_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    cancelled: Mapped[bool] = mapped_column(Boolean)
    work: Mapped[str] = mapped_column(Text, default="", server_default="")
    needs: Mapped[str] = mapped_column(Text, default="", server_default="")
    taken: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Places given, offered and held, in people."""
    waiting: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Sign-ups on the waiting list."""
    flood_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """Until then forms need a proof of work, since very many came at once."""
    places_revision: Mapped[int] = mapped_column(columns.BigKey, default=0, server_default="0")


class Notice(Base):
    """A copy of one mail's fate, for those who look after the person it went to."""

    __tablename__ = "notices"
    __table_args__ = (CheckConstraint("state IN ('sent', 'failed')", name="state"),)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    signup_id: Mapped[int] = mapped_column(columns.BigKey, index=True)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    """`sent`, or `failed` for good."""
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
