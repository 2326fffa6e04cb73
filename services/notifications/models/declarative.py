"""What all tables of this service have in common."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from shared import columns


class Base(DeclarativeBase):
    """All tables of this service."""

    metadata = columns.new_metadata()
