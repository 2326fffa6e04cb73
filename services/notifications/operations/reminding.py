"""Planning reminders: of a new place, and of all places of a shift whose hours changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, Uuid, cast, func, literal, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime
from shared.database import dialect_of, insert_for
from shared.messages import SignupFacts

from ..models import Event, Notice, Shift, Signup
from ..rules import kinds, reminding, states, truth
from . import drafting

NOTICES: Any = Notice.__table__
SIGNUPS: Any = Signup.__table__
EVENTS: Any = Event.__table__
SHIFTS: Any = Shift.__table__

Hours = tuple[datetime, ...]


def reminders_of(signup: SignupFacts, shift: Any, *, now: datetime) -> list[dict[str, Any]]:
    """Return the notices that remind of a place which somebody has just got.

    `shift` has `starts_at`, `zone`, `reminders`, `off` and `group_id`. One that is near is not
    sent, as the mail about the place says all; it is kept for whoever wonders.
    """
    if shift.off:
        return []
    coming = reminding.hours_of(shift.reminders, shift.starts_at, shift.zone)
    about = drafting.about(signup, shift)
    return [_reminder(hour, about, now=now) for hour in coming if hour > now]


def _reminder(hour: datetime, about: Mapping[str, int], *, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = {**about, "state": "planned", "due_at": hour}
    if now + reminding.JOINED_LATE > hour:
        columns |= _ended(reminding.LATE_JOINER)
    subject = f"signup/{about['signup_id']}"
    return drafting.new_notice(
        kinds.REMINDER, subject, reminding.number_of(hour), now=now, **columns
    )


def call_off(session: Session, signup_id: int) -> None:
    """End the planned reminders of a sign-up that has no place any more."""
    of_signup = NOTICES.c.signup_id == signup_id
    session.connection().execute(
        update(NOTICES).where(of_signup, *_UNSENT).values(**_ended(truth.ENDED))
    )


_UNSENT = (NOTICES.c.kind == kinds.REMINDER, NOTICES.c.state.in_(states.UNSENT))


def _ended(reason: str) -> dict[str, Any]:
    return {"state": "superseded", "reason": reason, "due_at": None}


@contextmanager
def following(session: Session, event_id: int, *, now: datetime) -> Iterator[None]:
    """Let the block change an event; plan anew the reminders of shifts whose hours are others."""
    # Locked, so that of two changes each sees what the other planned.
    session.execute(select(Event.id).where(Event.id == event_id).with_for_update())
    before = _hours_by_shift(session, event_id)
    yield
    changed = {
        shift_id: hours
        for shift_id, hours in _hours_by_shift(session, event_id).items()
        if hours != before.get(shift_id)
    }
    for shift_id in _with_signups(session, changed):
        plan_anew(session, shift_id, changed[shift_id], now=now)


def coming_events(session: Session, *, now: datetime) -> list[int]:
    """Return the events with shifts still to come, in ascending order."""
    coming = select(SHIFTS.c.event_id).where(SHIFTS.c.starts_at > now).distinct()
    return list(session.scalars(coming.order_by(SHIFTS.c.event_id)))


def plan_event(session: Session, event_id: int, *, now: datetime) -> None:
    """Plan what is missing of the reminders of an event; doing it twice changes nothing."""
    session.execute(select(Event.id).where(Event.id == event_id).with_for_update())
    hours = _hours_by_shift(session, event_id)
    for shift_id in _with_signups(session, hours):
        plan_anew(session, shift_id, hours[shift_id], now=now)


def _hours_by_shift(session: Session, event_id: int) -> dict[int, Hours]:
    """Return when each shift of an event is reminded of; of one that is off, never."""
    rows = session.execute(
        select(
            SHIFTS.c.id,
            SHIFTS.c.starts_at,
            SHIFTS.c.zone,
            Event.reminders,
            or_(SHIFTS.c.cancelled, Event.status == "cancelled").label("off"),
        )
        .join(Event, Event.id == SHIFTS.c.event_id)
        .where(Event.id == event_id)
    )
    return {
        row.id: () if row.off else reminding.hours_of(row.reminders, row.starts_at, row.zone)
        for row in rows
    }


def _with_signups(session: Session, shift_ids: Collection[int]) -> list[int]:
    """Return those of the shifts for which anybody signed up, in ascending order."""
    if not shift_ids:
        return []
    some = select(SIGNUPS.c.id).where(SIGNUPS.c.shift_id == SHIFTS.c.id).exists()
    query = select(SHIFTS.c.id).where(SHIFTS.c.id.in_(shift_ids), some).order_by(SHIFTS.c.id)
    return list(session.scalars(query))


def plan_anew(session: Session, shift_id: int, hours: Hours, *, now: datetime) -> None:
    """Let the planned reminders of a shift be those of `hours`, for everybody with a place there.

    Each step is one statement, however many have signed up. Doing it twice changes nothing.
    """
    numbers = [reminding.number_of(hour) for hour in hours]
    others = (
        select(NOTICES.c.id)
        .join(SIGNUPS, SIGNUPS.c.id == NOTICES.c.signup_id)
        .where(SIGNUPS.c.shift_id == shift_id, *_UNSENT, NOTICES.c.revision.not_in(numbers))
        # In ascending order, as senders lock those of one mail.
        .order_by(NOTICES.c.id)
        .with_for_update(of=NOTICES)
    )
    reason = reminding.NO_LONGER if hours else truth.CALLED_OFF
    session.execute(update(NOTICES).where(NOTICES.c.id.in_(others)).values(**_ended(reason)))
    for hour in hours:
        if hour > now:
            session.execute(_plan_for_all(dialect_of(session), shift_id, hour, now=now))


def _plan_for_all(dialect: str, shift_id: int, hour: datetime, *, now: datetime) -> Any:
    """Return the statement that plans a reminder for everybody who had their place in time."""
    number = reminding.number_of(hour)
    columns: Mapping[str, Any] = {
        "key": literal(f"{kinds.REMINDER}:signup/")
        + cast(SIGNUPS.c.id, Text)
        + literal(f":{number}"),
        "kind": literal(kinds.REMINDER),
        "subject": literal("signup/") + cast(SIGNUPS.c.id, Text),
        "revision": literal(number),
        "signup_id": SIGNUPS.c.id,
        "event_id": SIGNUPS.c.event_id,
        "group_id": select(EVENTS.c.group_id)
        .where(EVENTS.c.id == SIGNUPS.c.event_id)
        .scalar_subquery(),
        "state": literal("planned"),
        "reason": literal(""),
        "recipient": literal(""),
        "details": literal({}, JSON),
        "message_id": _fresh_uuid(dialect),
        "calendar_sequence": literal(0),
        "attempts": literal(0),
        "doubts": literal(0),
        "created_at": literal(now, UtcDateTime()),
        "due_at": literal(hour, UtcDateTime()),
    }
    in_time = hour - reminding.JOINED_LATE
    rows = select(*columns.values()).where(
        SIGNUPS.c.shift_id == shift_id,
        SIGNUPS.c.state == "placed",
        or_(SIGNUPS.c.placed_at.is_(None), SIGNUPS.c.placed_at <= in_time),
    )
    return drafting.unless_told(insert_for(dialect, NOTICES).from_select(list(columns), rows))


def _fresh_uuid(dialect: str) -> Any:
    """Return a new random UUID for each row, as the database makes it."""
    if dialect == "postgresql":
        return func.gen_random_uuid()
    return type_coerce(func.lower(func.hex(func.randomblob(16))), Uuid)


def give_up_late(session: Session, now: datetime) -> None:
    """Note as missed what could not go out for so long that it would only confuse."""
    late = NOTICES.c.due_at < now - reminding.TOO_LATE
    missed = {"state": "missed", "reason": reminding.MISSED, "due_at": None}
    session.execute(update(NOTICES).where(late, *_UNSENT).values(**missed))
