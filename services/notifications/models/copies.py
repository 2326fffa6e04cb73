"""Copies of what others own: groups, events, shifts, sign-ups."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns, messages

from .declarative import Base

USUAL_REMINDERS = [asdict(rule) for rule in messages.USUAL_REMINDERS]


def usual_reminders() -> list[dict[str, Any]]:
    """Return when an event reminds that says nothing of it, as a list of its own."""
    return [dict(rule) for rule in USUAL_REMINDERS]


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
    representative_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    representative_role: Mapped[str] = mapped_column(Text, default="", server_default="")


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
    reminders: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=usual_reminders, server_default=json.dumps(USUAL_REMINDERS)
    )
    """When those with a place are reminded, as in `ReminderFacts`."""


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
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    """About where it is; of shifts known before this was told, not until they change."""
    capacity: Mapped[int | None]
    """Empty is no limit."""


class Signup(Base):
    """A copy of a sign-up, with as little of the person as a mail needs."""

    __tablename__ = "signups"
    __table_args__ = (
        # What else the same person signed up for.
        Index("ix_signups_lower_email", text("lower(email)")),
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), index=True)
    state: Mapped[str] = mapped_column(Text)
    party: Mapped[int]
    first_name: Mapped[str] = mapped_column(Text, index=True)
    email: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    had_place: Mapped[bool]
    """Whether this sign-up ever had a place: who had one gets the calendar entry taken back."""
    placed_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it was heard that it has a place; empty for one from before this was kept."""
    calendar_uid: Mapped[uuid.UUID] = mapped_column(Uuid)
    calendar_sequence: Mapped[int]
    daily_notice_key: Mapped[str | None] = mapped_column(Text, index=True)
    """The key of the daily list in which the group's contact reads of this sign-up."""
