"""Where postcodes lie, and what constituencies and authorities are called."""

from __future__ import annotations

from sqlalchemy import Float, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from .declarative import Base


class KnownPostcode(Base):
    """A postcode of the ONS Postcode Directory."""

    __tablename__ = "postcodes"
    __table_args__ = (Index(None, "constituency_code"),)

    postcode: Mapped[str] = mapped_column(Text, primary_key=True)
    """In capitals without its space, as in `LN21AA`."""
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    constituency_code: Mapped[str] = mapped_column(Text)
    authority_code: Mapped[str] = mapped_column(Text)
    ward_code: Mapped[str] = mapped_column(Text)


class PlaceName(Base):
    """The name of a constituency, an authority or a ward, by its GSS code."""

    __tablename__ = "place_names"
    __table_args__ = (Index(None, "kind", "name"),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
