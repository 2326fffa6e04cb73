"""Copies of groups, events, shifts and sign-ups; a newer one is never overwritten."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from sqlalchemy import Row, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from shared.database import dialect_of, insert, insert_for
from shared.messages import EventFacts, GroupFacts, Person, ShiftFacts, SignupFacts
from shared.refusals import NotKnownYet

from ..models import Event, Group, Shift, Signup

GROUPS: Any = Group.__table__
EVENTS: Any = Event.__table__
SHIFTS: Any = Shift.__table__
SIGNUPS: Any = Signup.__table__

REVISION_OF_SHIFT = select(SHIFTS.c.revision).where(SHIFTS.c.id == bindparam("shift_id"))
GROUP_OF_SHIFT = (
    select(GROUPS.c.id, GROUPS.c.signup_notices)
    .join(EVENTS, EVENTS.c.group_id == GROUPS.c.id)
    .join(SHIFTS, SHIFTS.c.event_id == EVENTS.c.id)
    .where(SHIFTS.c.id == bindparam("shift_id"))
)


def keep_group(session: Session, group: GroupFacts) -> None:
    """Keep a group's facts, unless newer ones are here."""
    _keep_newest(session, GROUPS, group)


def keep_event(session: Session, event: EventFacts) -> None:
    """Keep an event with its group and its shifts, each unless a newer one is here."""
    keep_group(session, event.group)
    _keep_newest(session, EVENTS, event, group_id=event.group.id)
    # In ascending order, so that two workers with the same event cannot wait for each other.
    for shift in sorted(event.shifts, key=lambda shift: shift.id):
        _keep_newest(session, SHIFTS, shift, event_id=event.id)


def _keep_newest(
    session: Session, table: Table, facts: GroupFacts | EventFacts | ShiftFacts, **parent: int
) -> None:
    """Keep of the facts what the table has columns for, unless newer ones are here."""
    row = {c.name: getattr(facts, c.name) for c in table.columns if c.name not in parent} | parent
    new = insert(session, table).values(row)
    changes = {name: new.excluded[name] for name in row if name != "id"}
    session.execute(
        new.on_conflict_do_update(
            index_elements=[table.c.id],
            set_=changes,
            where=new.excluded.revision > table.c.revision,
        )
    )


def keep_signup(
    session: Session,
    signup: SignupFacts,
    person: Person,
    *,
    had_place: bool,
    calendar_changed: bool,
) -> int:
    """Keep a sign-up unless a newer one is here; return its calendar entry's sequence number.

    `had_place` holds for good once a message said so; the sequence number grows when
    `calendar_changed`, with a newer message only. Raises NotKnownYet when the shift is not
    here, or only as it was before what the message rests on.
    """
    if not _shift_is_known(session, signup.shift_id, signup.shift_revision):
        raise NotKnownYet(f"shift {signup.shift_id} revision {signup.shift_revision}")
    row = {
        "id": signup.id,
        "revision": signup.revision,
        "event_id": signup.event_id,
        "shift_id": signup.shift_id,
        "state": signup.state,
        "party": signup.party,
        "first_name": person.first_name,
        "email": person.email,
        "link": person.link,
        "had_place": had_place,
        "calendar_uid": uuid.uuid4(),
        "calendar_sequence": int(calendar_changed),
    }
    statement = _keep_newest_signup(dialect_of(session))
    kept = session.connection().execute(statement, row).scalar_one_or_none()
    return int(kept) if kept is not None else _recall(session, signup.id, had_place=had_place)


@cache
def _keep_newest_signup(dialect: str) -> Any:
    """Make the statement once for each database: making it takes longer than running it."""
    added = insert_for(dialect, SIGNUPS)
    new, old = added.excluded, SIGNUPS.c
    changes: dict[str, Any] = {
        name: new[name] for name in ("revision", "state", "party", "first_name", "email", "link")
    }
    changes["had_place"] = or_(old.had_place, new.had_place)
    changes["calendar_sequence"] = old.calendar_sequence + new.calendar_sequence
    return added.on_conflict_do_update(
        index_elements=[old.id], set_=changes, where=new.revision > old.revision
    ).returning(old.calendar_sequence)


def _recall(session: Session, signup_id: int, *, had_place: bool) -> int:
    """Take from an older message only that there was a place; return the sequence number."""
    kept = session.get_one(Signup, signup_id, populate_existing=True)
    if had_place and not kept.had_place:
        kept.had_place = True
        session.flush()
    return kept.calendar_sequence


def _shift_is_known(session: Session, shift_id: int, revision: int) -> bool:
    known = session.connection().execute(REVISION_OF_SHIFT, {"shift_id": shift_id}).scalar()
    return known is not None and known >= revision


def group_of_shift(session: Session, shift_id: int) -> Row[Any]:
    """Return `id` and `signup_notices` of the group whose shift this is."""
    return session.connection().execute(GROUP_OF_SHIFT, {"shift_id": shift_id}).one()


def check_shifts_known(session: Session, shift_ids: set[int]) -> None:
    """Raise NotKnownYet unless all these shifts are here."""
    here = set(session.scalars(select(SHIFTS.c.id).where(SHIFTS.c.id.in_(shift_ids))))
    if missing := shift_ids - here:
        raise NotKnownYet(f"shifts {sorted(missing)}")
