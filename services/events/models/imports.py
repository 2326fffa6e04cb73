"""Lists of events and shifts that somebody uploaded, and what came of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .. import rules
from .declarative import Base


class Import(Base):
    """A CSV file of events and shifts: first only looked at, then applied as a whole."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(columns.one_of("state", rules.IMPORT_STATES), name="state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("organisers.id"))
    file_name: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    """The file; emptied once it is applied or forgotten."""
    state: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    done: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Rows; for the progress bar."""
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """What each row would do, or did, and its problems."""
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
