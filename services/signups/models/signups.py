"""Sign-ups, what was agreed to with them, and the ledger of places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Text,
    TextClause,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared import columns

from .. import rules
from .declarative import Base

LIVE = text(columns.one_of("state", rules.LIVE))
"""Nobody is known under review: those rows have no person, so that they never collide."""
OFFERED = text("offer_until IS NOT NULL")
HELD = text("held_until IS NOT NULL")


def where(condition: TextClause) -> dict[str, Any]:
    """Return how both databases are told that an index covers some rows only."""
    return {"postgresql_where": condition, "sqlite_where": condition}


class Signup(Base):
    """One person's request for one shift. Its id is its rank: who asked first comes first."""

    __tablename__ = "signups"
    __table_args__ = (
        CheckConstraint(columns.one_of("state", rules.STATES), name="state"),
        CheckConstraint(f"party BETWEEN 1 AND {rules.LARGEST_PARTY}", name="party"),
        CheckConstraint(columns.one_of("wish", rules.WISHES), name="wish"),
        CheckConstraint(
            "(state = 'pending') = (review <> '' OR held_until IS NOT NULL)", name="pending"
        ),
        CheckConstraint("(state = 'offered') = (offer_until IS NOT NULL)", name="offered"),
        CheckConstraint(
            "(review <> '' OR erased_at IS NOT NULL) = (person_id IS NULL)", name="person"
        ),
        # One live sign-up of a person for a shift.
        Index(
            "uq_signups_live",
            "shift_id",
            "person_id",
            unique=True,
            **where(LIVE),
        ),
        Index("ix_signups_waiting", "shift_id", "state", "id"),
        Index("ix_signups_person_id", "person_id"),
        # What has an hour: offers and holds that end.
        Index("ix_signups_offer_until", "offer_until", **where(OFFERED)),
        Index("ix_signups_held_until", "held_until", **where(HELD)),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Empty while under review: nobody becomes a person here by a machine's form. Empty, too, when
    the person was erased."""
    state: Mapped[str] = mapped_column(Text)
    party: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str] = mapped_column(Text)
    review: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why a pending sign-up waits for somebody to look at it."""
    held_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """Until then its places are held for somebody who has yet to press the button in the mail."""
    wish: Mapped[str] = mapped_column(Text, default="usual", server_default="usual")
    """What the person wants when a place comes free."""
    offer_until: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """Until then its places are kept for a yes; afterwards the offer is dead for every reader."""
    skips: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often somebody after it in line got a place, because its party did not fit."""
    skipped_since: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    late_told_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When it was told, shortly before the start, that there is a place for the quickest."""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("signups.id"), index=True)
    """The sign-up that ends when this one gets a place: the other end of a switch or transfer."""
    transfer_number: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Of the claim link that is good now; 0 when none is, and a number is never used twice."""
    transfers: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many claim links were made."""
    verified_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When a button was first pressed through its mailed link."""
    doubt: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why its places are given back unless the address is proven; empty when they are not."""
    attending: Mapped[str] = mapped_column(Text, default="", server_default="")
    """`asked` when somebody shall say whether they still come, `coming` when they did."""
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where the person came from, in a word: `friend`, `embed`, or what the link said."""
    utm: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    """What the link that led here said of itself, by the names that campaigns use."""
    friend_of: Mapped[int | None] = mapped_column(ForeignKey("signups.id"))
    """The sign-up whose link brought this one."""
    answers: Mapped[list[dict[str, str]]] = mapped_column(
        JSON, default=list, server_default=text("'[]'")
    )
    """What was answered: the `id` of a question, the `question` as it stood, and the `answer`."""
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why it ended, in the words of whoever ended it."""
    link_number: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Raised to end all links given out before."""
    created_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """Since when it is nobody's any more, and only counts."""


class Consent(Base):
    """A box that somebody ticked: the words they saw, when and where."""

    __tablename__ = "consents"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    signup_id: Mapped[int] = mapped_column(ForeignKey("signups.id"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    wording: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    form: Mapped[str] = mapped_column(Text)
    """`page`, `embed`, `api` or `claim`."""
    origin: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The web site on which the form stood, as its origin; empty for our own."""
    given_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    renewed_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    """When somebody who had withdrawn it took that back."""

    @property
    def ended_at(self) -> datetime | None:
        """Since when it holds no longer: of two answers the later one counts."""
        renewed = self.renewed_at and self.withdrawn_at and self.renewed_at >= self.withdrawn_at
        return None if renewed else self.withdrawn_at


class LedgerEntry(Base):
    """One change of a shift's places, with proof that they were free when they were given."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint(
            "change <= 0 OR by_hand OR capacity_then IS NULL OR taken_after <= capacity_then",
            name="given_while_free",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), index=True)
    signup_id: Mapped[int] = mapped_column(ForeignKey("signups.id"), index=True)
    change: Mapped[int] = mapped_column(Integer)
    taken_after: Mapped[int] = mapped_column(Integer)
    capacity_then: Mapped[int | None] = mapped_column(Integer)
    by_hand: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Given by an organiser, who may go over the capacity."""
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
