"""Copies of groups, events, shifts and sign-ups; a newer one is never overwritten."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Table, bindparam, case, or_, select
from sqlalchemy.orm import Session

from shared.database import dialect_of, insert, insert_for
from shared.messages import EventFacts, GroupFacts, ShiftFacts, SignupMessage
from shared.refusals import NotKnownYet

from ..models import Event, Group, Shift, Signup
from .people import newcomer_among

GROUPS: Any = Group.__table__
EVENTS: Any = Event.__table__
SHIFTS: Any = Shift.__table__
SIGNUPS: Any = Signup.__table__

SHIFT = (
    select(
        SHIFTS.c.revision,
        SHIFTS.c.starts_at,
        SHIFTS.c.zone,
        or_(SHIFTS.c.cancelled, EVENTS.c.status == "cancelled").label("off"),
        EVENTS.c.reminders,
        GROUPS.c.id.label("group_id"),
        GROUPS.c.signup_notices,
        newcomer_among(GROUPS.c.id).label("newcomer"),
    )
    .join(EVENTS, EVENTS.c.id == SHIFTS.c.event_id)
    .join(GROUPS, GROUPS.c.id == EVENTS.c.group_id)
    .where(SHIFTS.c.id == bindparam("shift_id"))
    # Nobody changes the hours while reminders are planned by them; the event first, as where it
    # is kept, so that none waits for another in a circle.
    .with_for_update(read=True, of=[EVENTS, SHIFTS])
)


@dataclass(frozen=True)
class KeptSignup:
    """A sign-up that was kept, or for which a newer one is here."""

    shift: Row[Any]
    """`starts_at`, `zone` and `reminders` of its shift, and whether it is `off`; and of the group
    that holds it `group_id` and `signup_notices`. `newcomer` is the sign-up by which the person
    was known to be new with the group, while they wait to be welcomed or greeted."""
    calendar_sequence: int
    has_place: bool
    """By the newest that is known, which may be newer than the message."""
    is_news: bool = False
    has_new_place: bool = False
    """Whether it had none until now."""


def keep_group(session: Session, group: GroupFacts) -> None:
    """Keep a group's facts, unless newer ones are here."""
    _keep_newest(session, GROUPS, group)


def keep_event(session: Session, event: EventFacts) -> None:
    """Keep an event, whose group is here, with its shifts, each unless a newer one is here."""
    reminders = [asdict(rule) for rule in event.reminders]
    _keep_newest(session, EVENTS, event, group_id=event.group.id, reminders=reminders)
    # In ascending order, so that two workers with the same event cannot wait for each other.
    for shift in sorted(event.shifts, key=lambda shift: shift.id):
        _keep_newest(session, SHIFTS, shift, event_id=event.id)


def _keep_newest(
    session: Session, table: Table, facts: GroupFacts | EventFacts | ShiftFacts, **others: Any
) -> None:
    """Keep of the facts what the table has columns for, or `others`, unless newer ones are here."""
    row = {c.name: getattr(facts, c.name) for c in table.columns if c.name not in others} | others
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
    message: SignupMessage,
    *,
    had_place: bool,
    calendar_changed: bool,
    now: datetime,
) -> KeptSignup:
    """Keep the sign-up of a message unless a newer one is here.

    `had_place` holds for good once a message said so; the sequence number grows when
    `calendar_changed`, with a newer message only. Raises NotKnownYet when the shift is not
    here, or only as it was before what the message rests on.
    """
    signup, person = message.signup, message.person
    asked = {
        "shift_id": signup.shift_id,
        "email": person.email,
        "first_name": person.first_name,
    }
    shift = session.connection().execute(SHIFT, asked).one_or_none()
    if shift is None or shift.revision < signup.shift_revision:
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
        "placed_at": now if signup.state == "placed" else None,
        "calendar_uid": uuid.uuid4(),
        "calendar_sequence": int(calendar_changed),
    }
    statement = _keep_newest_signup(dialect_of(session))
    kept = session.connection().execute(statement, row).one_or_none()
    if kept is None:
        newer = _recall(session, signup.id, had_place=had_place)
        return KeptSignup(shift, newer.calendar_sequence, newer.state == "placed")
    has_place = signup.state == "placed"
    return KeptSignup(
        shift,
        kept.calendar_sequence,
        has_place,
        is_news=True,
        has_new_place=has_place and kept.placed_at == now,
    )


@cache
def _keep_newest_signup(dialect: str) -> Any:
    """Make the statement once for each database: making it takes longer than running it."""
    added = insert_for(dialect, SIGNUPS)
    new, old = added.excluded, SIGNUPS.c
    changes: dict[str, Any] = {
        name: new[name] for name in ("revision", "state", "party", "first_name", "email", "link")
    }
    changes["had_place"] = or_(old.had_place, new.had_place)
    changes["placed_at"] = case((old.state == "placed", old.placed_at), else_=new.placed_at)
    changes["calendar_sequence"] = old.calendar_sequence + new.calendar_sequence
    return added.on_conflict_do_update(
        index_elements=[old.id], set_=changes, where=new.revision > old.revision
    ).returning(old.calendar_sequence, old.placed_at)


def _recall(session: Session, signup_id: int, *, had_place: bool) -> Signup:
    """Take from an older message only that there was a place; return what is here."""
    kept = session.get_one(Signup, signup_id, populate_existing=True)
    if had_place and not kept.had_place:
        kept.had_place = True
        session.flush()
    return kept


def check_shifts_known(session: Session, shift_ids: set[int]) -> None:
    """Raise NotKnownYet unless all these shifts are here."""
    here = set(session.scalars(select(SHIFTS.c.id).where(SHIFTS.c.id.in_(shift_ids))))
    if missing := shift_ids - here:
        raise NotKnownYet(f"shifts {sorted(missing)}")
