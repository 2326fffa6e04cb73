"""What organisers keep about somebody: notes, tags, and trainings that were completed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ...models import Person, PersonNote, PersonTag, TrainingDone
from ...rules import people as rules
from .merging import family_of


@dataclass(frozen=True)
class Noted:
    """What an organiser notes of several people at once."""

    what: str
    """`training` or `tag`."""
    words: str
    by: str


def add_note(session: Session, person_id: int, words: str, *, by: str, now: datetime) -> None:
    """Write a note about somebody. Raises NotThere."""
    person = find_person(session, person_id)
    session.add(PersonNote(person_id=person.id, words=words, by=by, at=now))
    session.flush()


def drop_note(session: Session, person_id: int, note_id: int) -> None:
    """Delete a note; nothing happens when it is gone already."""
    session.execute(
        delete(PersonNote).where(
            PersonNote.id == note_id, PersonNote.person_id.in_(family_of(session, person_id))
        )
    )


def add_tag(session: Session, person_id: int, tag: str) -> bool:
    """Give somebody a tag; tell whether it is new. Raises NotThere and TooManyTags."""
    person, tag = find_person(session, person_id), rules.in_small(tag)
    own = select(PersonTag.tag).where(PersonTag.person_id.in_(family_of(session, person.id)))
    tags = set(session.scalars(own))
    if tag in tags:
        return False
    if len(tags) >= rules.MOST_TAGS:
        raise rules.TooManyTags(
            f"{person.name} has as many tags as there may be. Take one off first."
        )
    session.add(PersonTag(person_id=person.id, tag=tag))
    session.flush()
    return True


def drop_tag(session: Session, person_id: int, tag: str) -> None:
    """Take a tag off somebody."""
    session.execute(
        delete(PersonTag).where(
            PersonTag.tag == tag, PersonTag.person_id.in_(family_of(session, person_id))
        )
    )


def mark_training(session: Session, person_id: int, title: str, *, by: str, now: datetime) -> None:
    """Note that somebody completed a training; once is enough. Raises NotThere."""
    person, training = find_person(session, person_id), rules.in_small(title)
    if session.get(TrainingDone, (person.id, training)) is None:
        done = TrainingDone(person_id=person.id, training=training, title=title, by=by, at=now)
        session.add(done)
        session.flush()


def unmark_training(session: Session, person_id: int, training: str) -> None:
    """Take back that somebody completed a training."""
    session.execute(
        delete(TrainingDone).where(
            TrainingDone.training == training,
            TrainingDone.person_id.in_(family_of(session, person_id)),
        )
    )


def note_of_many(
    session: Session, group_id: int, person_ids: Collection[int], noted: Noted, *, now: datetime
) -> None:
    """Note a training or a tag of several people of a group.

    Raises NotThere, for people of other groups too, and TooManyTags.
    """
    # In ascending order, as everywhere: two organisers never wait for each other in a circle.
    for person_id in sorted(set(person_ids)):
        if find_person(session, person_id).group_id != group_id:
            raise NotThere
        if noted.what == "training":
            mark_training(session, person_id, noted.words, by=noted.by, now=now)
        else:
            add_tag(session, person_id, noted.words)


def who_lacks(session: Session, training: str, person_ids: set[int]) -> set[int]:
    """Return who of these people has not completed a training; of a nameless one nobody."""
    if not training.strip():
        return set()
    owner = func.coalesce(Person.merged_into, Person.id)
    done = (
        select(owner)
        .join(TrainingDone, TrainingDone.person_id == Person.id)
        .where(TrainingDone.training == rules.in_small(training), owner.in_(person_ids))
    )
    return person_ids - set(session.scalars(done))


def find_person(session: Session, person_id: int) -> Person:
    """Return somebody, or who they were merged into, locked until the commit. Raises NotThere."""
    found = session.get(Person, person_id, with_for_update=True)
    if found is not None and found.merged_into is not None:
        found = session.get(Person, found.merged_into, with_for_update=True)
    if found is None:
        raise NotThere
    return found
