"""What is kept of somebody, word for word: for the page, and to take along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from ... import links
from ...models import Consent, Group, Person, Signup
from ..stored import find_shift
from .entries import entries_by_link, under_review_of
from .hanging import rows_hanging_on

OWN = {
    "id",
    "revision",
    "person_id",
    "merged_into",
    "link_number",
    "transfer_number",
    "transfers",
    "skips",
}
"""Columns that say nothing about anybody; our own book-keeping."""


@dataclass(frozen=True)
class Kept:
    """One sign-up with its shift, and what was agreed to with it."""

    signup: Signup
    shift: Row[Any]
    consents: Sequence[Consent]


@dataclass(frozen=True)
class Held:
    """All that is kept of one person for one group."""

    entries: Sequence[Person]
    """Their own, then those that were merged with it."""
    group: Group
    until: datetime
    """When the link to this ends."""
    signups: Sequence[Kept]
    more: Mapping[str, Sequence[Mapping[str, Any]]]
    """What else hangs on the person, by the name of its table; empty ones are left out."""


def show_held(session: Session, token: str, *, now: datetime) -> Held:
    """Return what is kept of the person whom a mailed link names.

    Raises NotThere for a bent link and for somebody erased, and PrivacyLinkHasEnded.
    """
    entries = entries_by_link(session, token, now=now)
    ids = [entry.id for entry in entries]
    own = or_(Signup.person_id.in_(ids), Signup.id.in_(under_review_of(session, entries)))
    signups = session.scalars(select(Signup).where(own).order_by(Signup.id)).all()
    hanging = rows_hanging_on(session, ids, [signup.id for signup in signups])
    return Held(
        entries,
        session.get_one(Group, entries[0].group_id),
        links.read_privacy(session, token)[1],
        [
            Kept(signup, find_shift(session, signup.shift_id), _consents(session, signup))
            for signup in signups
        ],
        {
            name: [_shown(row) for row in rows]
            for name, rows in hanging.items()
            if rows and name != Consent.__tablename__
        },
    )


def as_export(held: Held) -> dict[str, Any]:
    """Return all of it as JSON can say it."""
    return {
        "group": held.group.name,
        "person": _shown(_columns(held.entries[0])),
        "merged_with": [_shown(_columns(entry)) for entry in held.entries[1:]],
        "sign_ups": [
            {
                **_shown(_columns(kept.signup)),
                "event": kept.shift.title,
                "place": kept.shift.place,
                "starts_at": kept.shift.starts_at,
                "ends_at": kept.shift.ends_at,
                "consents": [_shown(_columns(consent)) for consent in kept.consents],
            }
            for kept in held.signups
        ],
        **held.more,
    }


def _consents(session: Session, signup: Signup) -> Sequence[Consent]:
    own = select(Consent).where(Consent.signup_id == signup.id).order_by(Consent.id)
    return session.scalars(own).all()


def _columns(row: Person | Signup | Consent) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: our numbers, and what is empty."""
    return {
        name: value for name, value in row.items() if name not in OWN and value not in (None, "")
    }
