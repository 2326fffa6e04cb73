"""Erasing again, after a restore, whom the databases had forgotten by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...models import Erasure, Person
from . import noting
from .erasing import digests_of, forget_people


def apply_noted(session: Session, *, now: datetime) -> int:
    """Erase again those whom a restored database brought back; return how many notes were applied.

    Applied again it does nothing. Somebody who signed up anew since keeps what is new.
    """
    applied = 0
    for noted in noting.read_file(session):
        if session.get(Erasure, noted.id) is not None:
            continue
        traces = forget_people(session, _back(session, noted), now=now)
        signup_ids = tuple(sorted({*noted.signup_ids, *traces.signup_ids}))
        # Told in any case: the backups of the other services may be a moment younger.
        noting.tell_erased(session, replace(noted, signup_ids=signup_ids), now=now)
        applied += 1
    return applied


def _back(session: Session, noted: noting.Noted) -> Sequence[Person]:
    """Return the people of a note who are there; a number alone may be another's by now."""
    return [
        person
        for person in session.scalars(select(Person).where(Person.id.in_(noted.person_ids)))
        if person.created_at <= noted.at
        and set(digests_of(session, [person.email])) <= set(noted.addresses)
    ]
