"""The tables of the signups service: people, sign-ups, and copies of what they sign up for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared import columns

from . import rules


class Base(DeclarativeBase):
    """All tables of this service."""

    metadata = columns.new_metadata()


class Group(Base):
    """A copy of a group's facts, as the form needs them."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    name: Mapped[str] = mapped_column(Text)
    privacy_url: Mapped[str] = mapped_column(Text)
    representative_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    representative_role: Mapped[str] = mapped_column(Text, default="", server_default="")


class Event(Base):
    """A copy of an event's facts."""

    __tablename__ = "events"

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
    starts_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    zone: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int | None] = mapped_column(Integer)
    closes_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    cancelled: Mapped[bool] = mapped_column(Boolean)
    work: Mapped[str] = mapped_column(Text, default="", server_default="")
    needs: Mapped[str] = mapped_column(Text, default="", server_default="")
    taken: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Places given, in people."""
    waiting: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Sign-ups on the waiting list."""
    places_revision: Mapped[int] = mapped_column(columns.BigKey, default=0, server_default="0")


class Person(Base):
    """Somebody who signed up. An email address is not a person: couples share one."""

    __tablename__ = "people"
    __table_args__ = (Index(None, "email"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    """Normalised; what was typed stands in the sign-up."""
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


LIVE = text(columns.one_of("state", rules.LIVE))


class Signup(Base):
    """One person's request for one shift. Its id is its rank: who asked first comes first."""

    __tablename__ = "signups"
    __table_args__ = (
        CheckConstraint(columns.one_of("state", rules.STATES), name="state"),
        CheckConstraint(f"party BETWEEN 1 AND {rules.LARGEST_PARTY}", name="party"),
        CheckConstraint("(state = 'pending') = (review <> '')", name="review"),
        CheckConstraint("(state = 'pending') = (person_id IS NULL)", name="person"),
        # One live sign-up of a person for a shift.
        Index(
            "uq_signups_live",
            "shift_id",
            "person_id",
            unique=True,
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        ),
        Index("ix_signups_waiting", "shift_id", "state", "id"),
        Index("ix_signups_person_id", "person_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Empty while under review: nobody becomes a person here by a machine's form."""
    state: Mapped[str] = mapped_column(Text)
    party: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str] = mapped_column(Text)
    review: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why a pending sign-up waits for somebody to look at it."""
    link_number: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Raised to end all links given out before."""
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class Consent(Base):
    """A box that somebody ticked: the words they saw, when and where."""

    __tablename__ = "consents"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    signup_id: Mapped[int] = mapped_column(ForeignKey("signups.id"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    wording: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    form: Mapped[str] = mapped_column(Text)
    """`page` or `api`."""
    given_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class LedgerEntry(Base):
    """One change of a shift's places, with proof that they were free when they were given."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint(
            "change <= 0 OR capacity_then IS NULL OR taken_after <= capacity_then",
            name="given_while_free",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), index=True)
    signup_id: Mapped[int] = mapped_column(ForeignKey("signups.id"), index=True)
    change: Mapped[int] = mapped_column(Integer)
    taken_after: Mapped[int] = mapped_column(Integer)
    capacity_then: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
