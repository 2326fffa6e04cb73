"""Moving an event to other days and hours, and copying it; clocks show what they showed before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shared import times
from shared.database import next_revision
from shared.refusals import Refusal

from .. import rules
from ..models import Event, Shift
from . import audit
from .events import WORDS as EVENT_WORDS
from .shifts import WORDS as SHIFT_WORDS
from .shifts import changeable_event, times_of
from .stored import find_event
from .telling import tell_own_change

PLACED = ("latitude", "longitude", "located", "constituency_code", "authority_code")


def move_event(session: Session, event_id: int, by: timedelta, *, now: datetime) -> Event:
    """Move all shifts that are still to come by so many days and minutes of wall time.

    A shift at ten stays at ten when the clocks change in between. What is cancelled, or has begun,
    stays where it is.
    """
    event = changeable_event(session, event_id, now=now)
    moving = [shift for shift in event.shifts if is_movable(event, shift, now)]
    if not moving or not by:
        return event
    for shift in moving:
        moved = moved_times(shift, by)
        rules.check_ahead(event.status, moved, now)
        put(shift, moved)
    tell_own_change(session, event, *moving, now=now)
    audit.note(session, "event.moved", event, now=now, details=in_words(by))
    return event


def copy_event(session: Session, event_id: int, *, first_day: date, now: datetime) -> Event:
    """Draft the same event again, from another first day; who led its shifts is left behind."""
    event = find_event(session, event_id)
    shifts = [shift for shift in event.shifts if not shift.cancelled]
    by = first_day - min((shift.day for shift in shifts), default=first_day)
    copy = Event(
        revision=next_revision(None, now),
        group=event.group,
        status="draft",
        shifts=[copied_shift(shift, by, now=now) for shift in shifts],
        **{name: getattr(event, name) for name in EVENT_WORDS},
    )
    session.add(copy)
    session.flush()
    audit.note(session, "event.copied", copy, now=now, details=f"from event {event.id}")
    return copy


def problem_with(event: Event, by: timedelta, *, now: datetime) -> str:
    """Return what stands against moving an event, in words, or nothing."""
    return first_refusal(
        (refusal_of_move, event.status, shift, by, now)
        for shift in event.shifts
        if is_movable(event, shift, now)
    )


def problem_with_copy(event: Event, by: timedelta) -> str:
    """Return what stands against copying an event to other days, in words, or nothing."""
    return first_refusal((moved_times, shift, by) for shift in event.shifts if not shift.cancelled)


def first_refusal(asked: Iterable[tuple[Any, ...]]) -> str:
    """Return the first refusal among some checks, each with what it is asked about."""
    for check, *facts in asked:
        try:
            check(*facts)
        except Refusal as refusal:
            return refusal.sentence
    return ""


def refusal_of_move(status: str, shift: Shift, by: timedelta, now: datetime) -> None:
    """Refuse a move into an hour that is not there, or into the past."""
    rules.check_ahead(status, moved_times(shift, by), now)


def copied_shift(shift: Shift, by: timedelta, *, now: datetime) -> Shift:
    """Return a new shift like another one, on another day."""
    facts = {name: getattr(shift, name) for name in (*SHIFT_WORDS, *PLACED)}
    copy = Shift(revision=next_revision(None, now), **facts)
    put(copy, moved_times(shift, by))
    return copy


def is_movable(event: Event, shift: Shift, now: datetime) -> bool:
    """Tell whether a shift moves along with its event."""
    return not shift.cancelled and (event.status == "draft" or shift.starts_at > now)


def moved_times(shift: Shift, by: timedelta) -> rules.Times:
    """Return a shift's times, moved on the clocks of its zone."""
    span = times_of(shift)
    starts_at, ends_at, closes_at = (
        times.to_utc(wall(instant, shift.zone) + by, shift.zone)
        for instant in (span.starts_at, span.ends_at, span.closes_at)
    )
    moved = rules.Times(starts_at=starts_at, ends_at=ends_at, closes_at=min(closes_at, starts_at))
    rules.check_times(moved)
    return moved


def put(shift: Shift, span: rules.Times) -> None:
    """Set a shift's times, and the day they lie on."""
    shift.starts_at, shift.ends_at = span.starts_at, span.ends_at
    shift.closes_at = span.closes_at
    shift.day = wall(span.starts_at, shift.zone).date()


def wall(instant: datetime, zone: str) -> datetime:
    """Return what the clocks in a zone show."""
    return times.local(instant, zone).replace(tzinfo=None, fold=0)


def in_words(by: timedelta) -> str:
    """Return a move in words, as in "2 days later"."""
    return f"{times.in_words(abs(by))} {'later' if by > timedelta(0) else 'earlier'}"
