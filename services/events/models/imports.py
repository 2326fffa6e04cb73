"""Lists of events and shifts that somebody uploaded, and what came of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Integer, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import columns

from .. import rules
from .declarative import Base
from .groups import Group


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
    actor: Mapped[str] = mapped_column(Text)
    """What the trail calls whoever brought it."""
    file_name: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    """The file; emptied once it is applied or forgotten."""
    state: Mapped[str] = mapped_column(Text, index=True)
    publish: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether the new events go before the public at once, as far as they are complete."""
    total: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    done: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Rows that were looked at, for the progress bar."""
    wrong: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Rows with a problem."""
    notes: Mapped[list[str]] = mapped_column(JSON)
    """Sentences about the file as a whole."""
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """Until then one worker has it; who died with it is followed by another."""
    applied_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)

    group: Mapped[Group] = relationship(lazy="joined", innerjoin=True)


class ImportRow(Base):
    """One row of an import: one shift, what becomes of it, and what is wrong with it."""

    __tablename__ = "import_rows"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    row: Mapped[int] = mapped_column(Integer, primary_key=True)
    """As a spreadsheet numbers it; the names of the columns stand in row 1."""
    event_key: Mapped[str] = mapped_column(Text)
    """Rows with the same one are shifts of one event."""
    label: Mapped[str] = mapped_column(Text)
    """What it is, in a few words."""
    action: Mapped[str] = mapped_column(Text)
    problems: Mapped[list[list[str]]] = mapped_column(JSON)
    """Pairs of a column's name and a sentence."""
    typed: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What is typed for the event and for the shift, as their schemas take it."""
    event_id: Mapped[int | None] = mapped_column(columns.BigKey)
    shift_id: Mapped[int | None] = mapped_column(columns.BigKey)
