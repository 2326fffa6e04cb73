"""People, as one group knows them, and what its organisers keep about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .declarative import Base


class Person(Base):
    """Somebody who signed up with one group. An email address is not a person: couples share one.

    Who signs up with two groups is two people here: each group answers for its own.
    """

    __tablename__ = "people"
    __table_args__ = (
        Index(None, "group_id", "email"),
        Index(None, "email"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    email: Mapped[str] = mapped_column(Text)
    """Normalised; what was typed stands in the sign-up."""
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text, default="", server_default="")
    postcode: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When a button was last pressed through a link mailed to them."""
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Who they turned out to be; that one is never merged in turn."""


class PersonNote(Base):
    """What an organiser wrote down about somebody."""

    __tablename__ = "person_notes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class PersonTag(Base):
    """A word by which organisers find people again."""

    __tablename__ = "person_tags"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(Text, primary_key=True)
    """In small letters, so that two spellings are one."""


class TrainingDone(Base):
    """A training that somebody completed, as an organiser marked it."""

    __tablename__ = "trainings_done"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    training: Mapped[str] = mapped_column(Text, primary_key=True)
    """Its name in the form in which two spellings are equal, see `rules.people`."""
    title: Mapped[str] = mapped_column(Text)
    """Its name as it was typed."""
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class Merge(Base):
    """Two entries that turned out to be one person, and what is needed to part them again."""

    __tablename__ = "merges"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    signup_ids: Mapped[list[int]] = mapped_column(JSON)
    """Sign-ups that went from one to the other."""
    person_ids: Mapped[list[int]] = mapped_column(JSON)
    """Entries that had been merged into the one that went."""
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)


class ToldApart(Base):
    """Two entries that look like one person, and are two, as an organiser said."""

    __tablename__ = "told_apart"

    one_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    """The smaller number of the two."""
    other_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class PeopleImport(Base):
    """A CSV file of people that was looked at row by row, and may be taken in."""

    __tablename__ = "people_imports"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    file_name: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    """Emptied when it is taken in, and after a day."""
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    made: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it added, to be undone: `people` are ids, `tags` pairs of an id and a tag."""
