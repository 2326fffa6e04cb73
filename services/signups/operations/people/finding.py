"""Finding people of a group: by a word, a tag, an event, a training, or that they wait."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ...models import Consent, Event, Person, PersonTag, Shift, Signup, TrainingDone
from ..agreeing import is_withdrawn
from ..notices import unreached_people

PAGE = 50
MOST_EVENTS = 200
NUMBER = re.compile(r"[+(]?\d[\d() .-]{2,}")
"""What somebody types who looks for a telephone number, or the beginning of one."""

ENTRY: Any = aliased(Person, name="entry")
"""One entry; several are one person when they were merged."""

OWNER = func.coalesce(ENTRY.merged_into, ENTRY.id)


@dataclass(frozen=True)
class Wanted:
    """Who is looked for; what is empty leaves all in."""

    words: str = ""
    tag: str = ""
    event_id: int = 0
    training: str = ""
    waiting: bool = False
    agreed: str = ""
    """To be written to (`mail`), or called (`phone`)."""


@dataclass(frozen=True)
class Listed:
    """Somebody in the list."""

    person: Person
    tags: Sequence[str]
    signups: int
    newest: datetime | None
    """When they last signed up."""
    is_unreached: bool = False
    """Their last mail did not arrive."""


@dataclass(frozen=True)
class Choices:
    """By what a group's people can be filtered."""

    tags: Sequence[str]
    trainings: Sequence[tuple[str, str]]
    """In the form in which spellings are equal, and as somebody typed it."""
    events: Sequence[tuple[int, str, datetime]]
    """Number, title and first start, newest first."""


def find_people(
    session: Session, group_id: int, wanted: Wanted, *, now: datetime
) -> Select[Person]:
    """Return the query for a group's people who fit, by name; who was merged is no longer there."""
    conditions = list(_conditions(wanted, now))
    query = select(Person).where(Person.group_id == group_id, Person.merged_into.is_(None))
    for condition in conditions:
        entries = select(OWNER).where(ENTRY.group_id == group_id, condition)
        query = query.where(Person.id.in_(entries))
    return query.order_by(func.lower(Person.name), Person.id)


def count_people(session: Session, group_id: int, wanted: Wanted, *, now: datetime) -> int:
    """Return how many of a group's people fit."""
    found = find_people(session, group_id, wanted, now=now).order_by(None).subquery()
    return session.scalars(select(func.count()).select_from(found)).one()


def list_people(
    session: Session, group_id: int, wanted: Wanted, *, page: int, now: datetime
) -> Sequence[Listed]:
    """Return a page of the people who fit, with what the list shows of each."""
    query = find_people(session, group_id, wanted, now=now)
    people = session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    return with_details(session, people)


def with_details(session: Session, people: Sequence[Person]) -> Sequence[Listed]:
    """Return people with their tags and how often they signed up."""
    ids = [person.id for person in people]
    tags: dict[int, list[str]] = {}
    tagged = select(OWNER, PersonTag.tag).join(ENTRY, ENTRY.id == PersonTag.person_id)
    for owner, tag in session.execute(tagged.where(OWNER.in_(ids)).distinct()):
        tags.setdefault(owner, []).append(tag)
    counted = (
        select(OWNER, func.count(), func.max(Signup.created_at))
        .join(ENTRY, ENTRY.id == Signup.person_id)
        .where(OWNER.in_(ids))
        .group_by(OWNER)
    )
    signups = {owner: (number, newest) for owner, number, newest in session.execute(counted)}
    unreached = unreached_people(session, ids)
    return [
        Listed(
            person,
            sorted(tags.get(person.id, ())),
            *signups.get(person.id, (0, None)),
            is_unreached=person.id in unreached,
        )
        for person in people
    ]


def list_choices(session: Session, group_id: int) -> Choices:
    """Return by what a group's people can be filtered."""
    own = select(Person.id).where(Person.group_id == group_id)
    tags = select(PersonTag.tag).where(PersonTag.person_id.in_(own)).distinct()
    trainings = (
        select(TrainingDone.training, func.min(TrainingDone.title))
        .where(TrainingDone.person_id.in_(own))
        .group_by(TrainingDone.training)
        .order_by(TrainingDone.training)
    )
    first = func.min(Shift.starts_at)
    events = (
        select(Event.id, Event.title, first)
        .join(Shift, Shift.event_id == Event.id)
        .where(Event.group_id == group_id)
        .group_by(Event.id, Event.title)
        .order_by(first.desc(), Event.id)
        .limit(MOST_EVENTS)
    )
    return Choices(
        session.scalars(tags.order_by(PersonTag.tag)).all(),
        [(row[0], row[1]) for row in session.execute(trainings)],
        [(row[0], row[1], row[2]) for row in session.execute(events)],
    )


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    """Return what must hold for an entry, one condition for each thing that is wanted."""
    whole = NUMBER.fullmatch(wanted.words)
    words = ["".join(wanted.words.split())] if whole else wanted.words.split()
    found: list[ColumnElement[bool]] = [_says(word) for word in words]
    if wanted.tag:
        found.append(ENTRY.id.in_(select(PersonTag.person_id).where(PersonTag.tag == wanted.tag)))
    if wanted.training:
        done = select(TrainingDone.person_id).where(TrainingDone.training == wanted.training)
        found.append(ENTRY.id.in_(done))
    signups = select(Signup.person_id).join(Shift, Shift.id == Signup.shift_id)
    if wanted.event_id:
        placed = and_(Shift.event_id == wanted.event_id, Signup.state == "placed")
        found.append(ENTRY.id.in_(signups.where(placed)))
    if wanted.agreed:
        ticked = select(Signup.person_id).join(Consent, Consent.signup_id == Signup.id)
        agreed = ticked.where(Consent.purpose == wanted.agreed, ~is_withdrawn())
        found.append(ENTRY.id.in_(agreed))
    if wanted.waiting:
        waits = and_(Signup.state.in_(("waiting", "offered")), Shift.ends_at > now)
        found.append(ENTRY.id.in_(signups.where(waits)))
    return found


def _says(word: str) -> ColumnElement[bool]:
    """Return the condition that a word stands in a name, an address, or a telephone number."""
    ways = [
        ENTRY.name.icontains(word, autoescape=True),
        ENTRY.email.icontains(word, autoescape=True),
        ENTRY.postcode.icontains(word, autoescape=True),
    ]
    digits = re.sub(r"\D", "", word)
    if NUMBER.fullmatch(word):
        # Numbers are kept as +44…, and typed as 0….
        ways.append(ENTRY.phone.contains(digits.lstrip("0"), autoescape=True))
    return or_(*ways)
