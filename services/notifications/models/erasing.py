"""Who was erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .declarative import Base


class Tombstone(Base):
    """That somebody was erased: a message that comes late must not bring them back."""

    __tablename__ = "tombstones"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    """As `signup/7` or `person/5`."""
    address: Mapped[str] = mapped_column(Text, primary_key=True)
    """The HMAC of an address they had: after a restore the number may be another's."""
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
