"""Where postcodes lie, and what constituencies and authorities are called."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .declarative import Base


class PostcodeEdition(Base):
    """A load of the ONS Postcode Directory: the newest that was finished is the one asked."""

    __tablename__ = "postcode_editions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    """The name of the file it was loaded from."""
    postcodes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many were written so far."""
    begun_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)


class KnownPostcode(Base):
    """A postcode of an edition of the ONS Postcode Directory."""

    __tablename__ = "postcodes"
    # Stored within its own key, which on SQLite takes half the room and half the time.
    __table_args__ = ({"sqlite_with_rowid": False},)

    edition_id: Mapped[int] = mapped_column(ForeignKey("postcode_editions.id"), primary_key=True)
    postcode: Mapped[str] = mapped_column(Text, primary_key=True)
    """In capitals without its space, as in `LN21AA`."""
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    constituency_code: Mapped[str] = mapped_column(Text)
    authority_code: Mapped[str] = mapped_column(Text)
    ward_code: Mapped[str] = mapped_column(Text)


class PostcodePart(Base):
    """How much of a postcode district or sector lies in a constituency, and about where."""

    __tablename__ = "postcode_parts"

    edition_id: Mapped[int] = mapped_column(ForeignKey("postcode_editions.id"), primary_key=True)
    part: Mapped[str] = mapped_column(Text, primary_key=True)
    """The district, as in `LN2`, or the sector, as in `LN2 1`."""
    constituency_code: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    postcodes: Mapped[int] = mapped_column(Integer)
    """How many of its postcodes lie there."""
    latitude: Mapped[float] = mapped_column(Float)
    """The mean of those postcodes."""
    longitude: Mapped[float] = mapped_column(Float)


class PlaceName(Base):
    """The name of a constituency, an authority or a ward, by its GSS code."""

    __tablename__ = "place_names"
    __table_args__ = (Index(None, "kind", "name"),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
