"""Somebody as their own group's organisers see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from ...models import (
    Consent,
    Event,
    Merge,
    Notice,
    Person,
    PersonNote,
    PersonTag,
    Shift,
    Signup,
    TrainingDone,
)
from .merging import Pair, family_of, list_pairs_of

MOST_ROWS = 500
"""Of each thing that is known of somebody so many are shown, newest first."""


@dataclass(frozen=True)
class Known:
    """All that a group knows of one person."""

    person: Person
    also: Sequence[Person]
    """Entries that were merged into this one."""
    signups: Sequence[Any]
    """Each a `Signup` with its `Shift` and its event's `title`."""
    consents: Sequence[Consent]
    notices: Sequence[Notice]
    notes: Sequence[PersonNote]
    tags: Sequence[str]
    trainings: Sequence[TrainingDone]
    merges: Sequence[Any]
    """Each a `Merge` with the name of the entry that went."""
    pairs: Sequence[Pair]


def owner_of_entry(session: Session, person_id: int) -> int:
    """Return who an entry belongs to: itself, or the one it was merged into. Raises NotThere."""
    person = session.get(Person, person_id) if person_id <= LARGEST_ID else None
    if person is None:
        raise NotThere
    return person.merged_into or person.id


def show_person(session: Session, person_id: int) -> Known:
    """Return what a group knows of somebody. Raises NotThere."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotThere
    family = family_of(session, person_id)
    signups = session.execute(
        select(Signup, Shift, Event.title)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Signup.person_id.in_(family))
        .order_by(Shift.starts_at.desc(), Signup.id.desc())
        .limit(MOST_ROWS)
    ).all()
    ids = [row.Signup.id for row in signups]
    return Known(
        person,
        session.scalars(select(Person).where(Person.id.in_(family), Person.id != person_id)).all(),
        signups,
        _newest(session, Consent, Consent.signup_id.in_(ids), Consent.given_at),
        _newest(session, Notice, Notice.signup_id.in_(ids), Notice.at),
        _newest(session, PersonNote, PersonNote.person_id.in_(family), PersonNote.at),
        _list_tags(session, family),
        _newest(session, TrainingDone, TrainingDone.person_id.in_(family), TrainingDone.at),
        _list_merges(session, person_id),
        list_pairs_of(session, person),
    )


def _newest(session: Session, model: Any, condition: Any, at: Any) -> Sequence[Any]:
    found: Sequence[Any] = session.scalars(
        select(model).where(condition).order_by(at.desc()).limit(MOST_ROWS)
    ).all()
    return found


def _list_tags(session: Session, family: Sequence[int]) -> Sequence[str]:
    own = select(PersonTag.tag).where(PersonTag.person_id.in_(family)).distinct()
    return session.scalars(own.order_by(PersonTag.tag)).all()


def _list_merges(session: Session, person_id: int) -> Sequence[Any]:
    query = (
        select(Merge, Person.name, Person.email)
        .join(Person, Person.id == Merge.gone_id)
        .where(Merge.kept_id == person_id, Merge.undone_at.is_(None))
    )
    return session.execute(query.order_by(Merge.id.desc())).all()
