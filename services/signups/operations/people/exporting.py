"""A group's people as rows of CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.lists import MOST

from ...models import Consent, Signup, TrainingDone
from ..agreeing import is_withdrawn
from .finding import ENTRY, OWNER, Wanted, find_people, with_details

COLUMNS = (
    *("id", "name", "email", "phone", "postcode", "tags", "trainings"),
    *("sign_ups", "last_signed_up", "agreed_to_mail", "agreed_to_calls", "known_since"),
)
AT_ONCE = 500


def list_rows(
    session: Session, group_id: int, wanted: Wanted, *, now: datetime
) -> Iterator[list[Any]]:
    """Yield the people who fit, one a row in COLUMNS, some at a time and cut off at MOST."""
    query = find_people(session, group_id, wanted, now=now)
    for start in range(0, MOST, AT_ONCE):
        people = session.scalars(query.limit(AT_ONCE).offset(start)).all()
        if not people:
            return
        ids = [person.id for person in people]
        trainings, agreed = _trainings(session, ids), _agreed(session, ids)
        for listed in with_details(session, people):
            person = listed.person
            yield [
                *(person.id, person.name, person.email, person.phone, person.postcode),
                "; ".join(listed.tags),
                "; ".join(sorted(trainings.get(person.id, ()))),
                *(listed.signups, listed.newest),
                *((person.id, purpose) in agreed for purpose in ("mail", "phone")),
                person.created_at,
            ]
        session.expunge_all()


def _trainings(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    done = select(OWNER, TrainingDone.title).join(ENTRY, ENTRY.id == TrainingDone.person_id)
    for owner, title in session.execute(done.where(OWNER.in_(ids))):
        found.setdefault(owner, []).append(title)
    return found


def _agreed(session: Session, ids: Sequence[int]) -> set[tuple[int, str]]:
    """Return who ticked which box and has not taken it back."""
    ticked = (
        select(OWNER, Consent.purpose)
        .join(Signup, Signup.id == Consent.signup_id)
        .join(ENTRY, ENTRY.id == Signup.person_id)
        .where(OWNER.in_(ids), ~is_withdrawn())
        .group_by(OWNER, Consent.purpose)
        .having(func.count() > 0)
    )
    return {(row[0], row[1]) for row in session.execute(ticked)}
