"""How a group lets its mails speak and look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .declarative import Base

IS_CURRENT = text("replaced_at IS NULL")


class GroupWording(Base):
    """A group's own subject and words for a kind of mail: those of now, and all before them."""

    __tablename__ = "wordings"
    __table_args__ = (
        CheckConstraint("subject <> '' AND words <> ''", name="not_empty"),
        Index(
            "uq_wordings_current",
            "group_id",
            "kind",
            unique=True,
            postgresql_where=IS_CURRENT,
            sqlite_where=IS_CURRENT,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    """The name of the organiser who wrote it."""
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """Since when it counts no longer; empty for the one that counts."""


class GroupLook(Base):
    """A group's own colour for buttons and links."""

    __tablename__ = "looks"
    __table_args__ = (CheckConstraint("colour LIKE '#______'", name="colour"),)

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id"), primary_key=True, autoincrement=False
    )
    colour: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
