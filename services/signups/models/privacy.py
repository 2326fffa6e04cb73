"""Erasures: that somebody was forgotten, and which services have done so."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import JSON, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .declarative import Base


class Erasure(Base):
    """Who was erased here at once, in numbers, and when the other services said that they did."""

    __tablename__ = "erasures"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
    person_ids: Mapped[list[int]] = mapped_column(JSON)
    signup_ids: Mapped[list[int]] = mapped_column(JSON)
    addresses: Mapped[list[str]] = mapped_column(JSON)
    """HMACs of the addresses (shared/addresses.py)."""
    events_done_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    notifications_done_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
