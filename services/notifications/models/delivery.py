"""What stands in the way of mail: addresses that take none, channels that pause, paces, bounces."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from ..rules.reports import BOUNCE_KINDS
from ..rules.suppressing import COVERS
from .declarative import Base


class SuppressedAddress(Base):
    """An address that gets no mail: none at all where none arrives, or none that asks.

    Each has a row of its own: that mail arrives again takes no complaint back.
    """

    __tablename__ = "suppressed_addresses"
    __table_args__ = (CheckConstraint(columns.one_of("covers", COVERS), name="covers"),)

    email: Mapped[str] = mapped_column(Text, primary_key=True)
    """Of who was erased it is the HMAC."""
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    covers: Mapped[str] = mapped_column(Text, primary_key=True, default="all", server_default="all")
    """`all` mail, as the address takes none; `asks` after a complaint: only mails that invite."""


class Channel(Base):
    """A way out for mail, or in for bounces, that is in trouble; the row goes when it works."""

    __tablename__ = "channels"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    paused_until: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    """Then one mail is sent as a probe; nothing else while the row is there."""
    reason: Mapped[str] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    """How often in a row; each time the pause grows."""


class Pace(Base):
    """How far a limit per second is used up, for all senders together."""

    __tablename__ = "paces"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    """The channel, alone or with the HMAC of a recipient's domain."""
    next_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    """When the next mail may leave."""
    planned_at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
    """Until then notices that came too soon have been spread; the next one is put behind it."""


class Bounce(Base):
    """A mail that came back, or that somebody complained about, as far as its report could be read.

    One that names no notice of ours is kept with its subject line, and counted.
    """

    __tablename__ = "bounces"
    __table_args__ = (
        CheckConstraint(columns.one_of("kind", BOUNCE_KINDS), name="kind"),
        Index("ix_bounces_address_at", "address", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text, unique=True)
    """By it a report that is read twice is known."""
    notice_id: Mapped[int | None] = mapped_column(
        ForeignKey("notices.id", ondelete="SET NULL"), index=True
    )
    address: Mapped[str] = mapped_column(Text)
    """The HMAC of whose address it is; empty when the report names nobody."""
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    """As 5.1.1 (RFC 3463), where the report has one."""
    subject: Mapped[str] = mapped_column(Text)
    """Of a report that names nobody, without addresses."""
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime, index=True)
