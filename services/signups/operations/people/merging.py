"""Two entries of one person: found, merged, and parted again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ... import rules as all_rules
from ...models import Merge, Person, Shift, Signup, ToldApart
from ...rules import people as rules

MOST_ENTRIES = 5000
"""So many entries that share something with another are looked at."""

MOST_PAIRS = 100
LARGEST_CROWD = 30
"""Of more than so many who share a telephone, say, nothing can be told."""


@dataclass(frozen=True)
class Pair:
    """Two entries that may be one person."""

    one: Person
    other: Person
    why: str


def family_of(session: Session, person_id: int) -> list[int]:
    """Return the numbers of somebody's entry and of those that were merged into it."""
    own = or_(Person.id == person_id, Person.merged_into == person_id)
    return list(session.scalars(select(Person.id).where(own).order_by(Person.id)))


def list_pairs(session: Session, group_id: int) -> Sequence[Pair]:
    """Return pairs of a group's entries that may be one person, and that nobody told apart."""
    own = (Person.group_id == group_id, Person.merged_into.is_(None))
    shared = [
        column.in_(
            select(column).where(*own, column != "").group_by(column).having(func.count() > 1)
        )
        for column in (Person.email, Person.phone, Person.postcode)
    ]
    query = select(Person).where(*own, or_(*shared)).order_by(Person.id).limit(MOST_ENTRIES)
    return _pairs(session, session.scalars(query).all())


def list_pairs_of(session: Session, person: Person) -> Sequence[Pair]:
    """Return who else may be this person, who comes first in each pair."""
    shared = [
        column == value
        for column, value in (
            (Person.email, person.email),
            (Person.phone, person.phone),
            (Person.postcode, person.postcode),
        )
        if value
    ]
    own = (Person.group_id == person.group_id, Person.merged_into.is_(None))
    query = select(Person).where(*own, Person.id != person.id, or_(*shared)).order_by(Person.id)
    others = session.scalars(query.limit(LARGEST_CROWD)).all()
    found = ((other, rules.why_one_person(person, other)) for other in others)
    apart = _told_apart(session, [person.id])
    return [
        Pair(person, other, why)
        for other, why in found
        if why and frozenset((person.id, other.id)) not in apart
    ]


def _pairs(session: Session, people: Sequence[Person]) -> list[Pair]:
    apart = _told_apart(session, [person.id for person in people])
    found: dict[frozenset[int], Pair] = {}
    for one, other in _who_share(people):
        pair = frozenset((one.id, other.id))
        why = rules.why_one_person(one, other)
        if why and pair not in apart and pair not in found:
            found[pair] = Pair(one, other, why)
            if len(found) >= MOST_PAIRS:
                break
    return list(found.values())


def _who_share(people: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    for name in ("email", "phone", "postcode"):
        crowds: defaultdict[str, list[Person]] = defaultdict(list)
        for person in people:
            crowds[getattr(person, name)].append(person)
        for value, crowd in crowds.items():
            if value and len(crowd) <= LARGEST_CROWD:
                yield from combinations(crowd, 2)


def _told_apart(session: Session, ids: Sequence[int]) -> set[frozenset[int]]:
    if not ids:
        return set()
    between = or_(
        ToldApart.one_id.between(min(ids), max(ids)),
        ToldApart.other_id.between(min(ids), max(ids)),
    )
    found = session.execute(select(ToldApart.one_id, ToldApart.other_id).where(between))
    return {frozenset(row) for row in found}


def tell_apart(session: Session, one_id: int, other_id: int, *, by: str, now: datetime) -> None:
    """Note that two entries are two people; they are not suggested any more. Raises NotThere."""
    one, other = _lock_two(session, one_id, other_id)
    if session.get(ToldApart, (one.id, other.id)) is None:
        session.add(ToldApart(one_id=one.id, other_id=other.id, by=by, at=now))
        session.flush()


def merge_people(session: Session, kept_id: int, gone_id: int, *, by: str, now: datetime) -> Merge:
    """Make two entries one person; what was kept about either is kept about that one.

    Nothing is lost: each entry stays as it is, so that the merge can be undone, and all links stay
    good. Raises NotThere, MergedAlready, and BothAreSignedUp when both have a sign-up for one
    shift to come.
    """
    entries = {entry.id: entry for entry in _lock_two(session, kept_id, gone_id)}
    kept, gone = entries[kept_id], entries[gone_id]
    if kept.merged_into is not None or gone.merged_into is not None:
        raise rules.MergedAlready
    moved = _signups_to_move(session, kept_id, gone_id, now=now)
    followers = list(session.scalars(select(Person.id).where(Person.merged_into == gone_id)))
    merge = Merge(
        kept_id=kept_id, gone_id=gone_id, signup_ids=moved, person_ids=followers, by=by, at=now
    )
    session.add(merge)
    _give_signups(session, moved, kept_id)
    _follow(session, [gone_id, *followers], kept_id)
    return merge


def undo_merge(session: Session, person_id: int, merge_id: int, *, now: datetime) -> int:
    """Part two entries again, each with its sign-ups; return who had gone.

    Sign-ups made since stay with the entry that was kept. Raises NotThere and MergeIsBuried.
    """
    merge = session.get(Merge, merge_id, with_for_update=True)
    if merge is None or merge.kept_id != person_id or merge.undone_at is not None:
        raise NotThere
    entries = {entry.id: entry for entry in _lock_two(session, merge.kept_id, merge.gone_id)}
    if entries[merge.kept_id].merged_into is not None:
        raise rules.MergeIsBuried
    mine = Signup.person_id == merge.kept_id
    back = select(Signup.id).where(Signup.id.in_(merge.signup_ids), mine)
    _give_signups(session, list(session.scalars(back)), merge.gone_id)
    session.execute(update(Person).where(Person.id == merge.gone_id).values(merged_into=None))
    still = select(Person.id).where(
        Person.id.in_(merge.person_ids), Person.merged_into == merge.kept_id
    )
    _follow(session, list(session.scalars(still)), merge.gone_id)
    merge.undone_at = now
    session.flush()
    return merge.gone_id


def _signups_to_move(session: Session, kept_id: int, gone_id: int, *, now: datetime) -> list[int]:
    """Return which sign-ups go over: all but those for a past shift that both were signed up for.

    One live sign-up of a person for a shift is all there may be.
    """
    live = select(Signup.shift_id).where(
        Signup.person_id == kept_id, Signup.state.in_(all_rules.LIVE)
    )
    taken = set(session.scalars(live))
    rows: Any = session.execute(
        select(Signup.id, Signup.state, Signup.shift_id, Shift.ends_at)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Signup.person_id == gone_id)
        .order_by(Signup.id)
    ).all()
    twice = {row.id for row in rows if row.state in all_rules.LIVE and row.shift_id in taken}
    if any(row.ends_at > now for row in rows if row.id in twice):
        raise rules.BothAreSignedUp
    return [row.id for row in rows if row.id not in twice]


def _give_signups(session: Session, signup_ids: Sequence[int], person_id: int) -> None:
    session.execute(update(Signup).where(Signup.id.in_(signup_ids)).values(person_id=person_id))


def _follow(session: Session, person_ids: Sequence[int], into: int) -> None:
    session.execute(update(Person).where(Person.id.in_(person_ids)).values(merged_into=into))


def _lock_two(session: Session, one_id: int, other_id: int) -> tuple[Person, Person]:
    """Return two entries of one group, the smaller number first, locked in that order."""
    found = session.scalars(
        select(Person)
        .where(Person.id.in_((one_id, other_id)))
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(found) != 2 or found[0].group_id != found[1].group_id:
        raise NotThere
    return found[0], found[1]
