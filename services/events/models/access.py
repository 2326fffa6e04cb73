"""Who organises: organisers, how they sign in, their sessions, and the audit trail.

Memberships, ended sessions and tokens are tables that every service has: `shared/tables.py`.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import columns

from .declarative import Base


class Organiser(Base):
    """Somebody who plans events, or looks after the network; what they may is a membership."""

    __tablename__ = "organisers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    """Normalised: one organiser an address."""
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)


class SignInLink(Base):
    """A mailed way in: a link, and a code for another browser; only their hashes are kept."""

    __tablename__ = "sign_in_links"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id"), index=True)
    request_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True)
    """Which request for a link the code was typed for."""
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    code_hash: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)


class SignedInSession(Base):
    """A browser in which an organiser is signed in."""

    __tablename__ = "sessions"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id"), index=True)
    browser: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)

    organiser: Mapped[Organiser] = relationship(lazy="joined", innerjoin=True)


class AuditEntry(Base):
    """Who did what to which object, when."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "group_id", "id"),
        Index(None, "object_kind", "object_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("organisers.id"), index=True)
    actor: Mapped[str] = mapped_column(Text)
    """Whoever did it, in words: an organiser's name, `token Web form`, `command line`."""
    action: Mapped[str] = mapped_column(Text)
    """What was done, as in `event.published`."""
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str] = mapped_column(Text)
    object_name: Mapped[str] = mapped_column(Text)
    group_id: Mapped[int | None] = mapped_column(columns.BigKey)
    """Whose trail it stands in; empty for what concerns the network alone."""
    details: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What changed, in words; never a volunteer's personal data."""
