"""Adding, moving and cancelling the shifts of an event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import times
from shared.database import next_revision

from .. import rules
from ..models import Event, Shift
from .details import ShiftDetails
from .stored import find_event, find_shift
from .telling import apply, tell_change

WORDS = ("place", "address", "postcode", "constituency", "zone", "capacity")


def add_shift(session: Session, event_id: int, details: ShiftDetails, *, now: datetime) -> Shift:
    """Give the event one more shift."""
    event = changeable_event(session, event_id, now=now)
    shift = new_shift(details, now=now)
    rules.check_ahead(event.status, times_of(shift), now)
    event.shifts.append(shift)
    tell_change(session, event, now=now)
    return shift


def change_shift(
    session: Session, event_id: int, shift_id: int, details: ShiftDetails, *, now: datetime
) -> Shift:
    """Change what is named in `details`; the capacity may fall below what is taken.

    When the start moves and no new closing time is named, sign-up closes as long before the start
    as it did. When only the zone changes, clocks there show what they showed before.
    """
    event = changeable_event(session, event_id, now=now)
    shift = find_shift(event, shift_id)
    rules.check_shift_changeable(shift, now)
    moved = changed_times(shift, details)
    rules.check_times(moved)
    if (moved.starts_at, moved.ends_at) != (shift.starts_at, shift.ends_at):
        rules.check_ahead(event.status, moved, now)
    if apply(shift, words_of(details) | vars(moved)):
        shift.day = times.local(shift.starts_at, shift.zone).date()
        tell_change(session, event, shift, now=now)
    return shift


def cancel_shift(session: Session, event_id: int, shift_id: int, *, now: datetime) -> Shift:
    """Call one shift off; the others go on."""
    event = changeable_event(session, event_id, now=now)
    shift = find_shift(event, shift_id)
    rules.check_shift_cancellable(shift, now)
    shift.cancelled = True
    tell_change(session, event, shift, now=now)
    return shift


def new_shift(details: ShiftDetails, *, now: datetime) -> Shift:
    """Make a shift of what was typed; sign-up closes at its start unless it says otherwise."""
    zone = details["zone"]
    starts_at = times.to_utc(details["starts_at"], zone)
    closes_at = details.get("closes_at")
    span = rules.Times(
        starts_at=starts_at,
        ends_at=times.to_utc(details["ends_at"], zone),
        closes_at=times.to_utc(closes_at, zone) if closes_at else starts_at,
    )
    rules.check_times(span)
    return Shift(
        revision=next_revision(None, now),
        day=details["starts_at"].date(),
        **words_of(details),
        **vars(span),
    )


def changed_times(shift: Shift, details: ShiftDetails) -> rules.Times:
    """Return when the shift is after the change."""
    zone = details.get("zone", shift.zone)
    starts_at = changed_time(shift.starts_at, details.get("starts_at"), shift.zone, zone)
    if "closes_at" in details:
        closes_at = times.to_utc(details["closes_at"], zone) if details["closes_at"] else starts_at
    else:
        closes_at = rules.kept_closing(shift, starts_at)
    return rules.Times(
        starts_at=starts_at,
        ends_at=changed_time(shift.ends_at, details.get("ends_at"), shift.zone, zone),
        closes_at=closes_at,
    )


def changed_time(before: datetime, local: datetime | None, old_zone: str, zone: str) -> datetime:
    """Return the new instant of one time of a shift, of which only the zone may have changed."""
    if local is None and zone == old_zone:
        return before
    shown = local or times.local(before, old_zone).replace(tzinfo=None, fold=0)
    return times.to_utc(shown, zone)


def changeable_event(session: Session, event_id: int, *, now: datetime) -> Event:
    """Return the event, locked, if it may still change."""
    event = find_event(session, event_id, lock=True)
    rules.check_changeable(event.status, event.shifts, now)
    return event


def words_of(details: ShiftDetails) -> dict[str, object]:
    """Return the part of the details that is stored as it was typed."""
    return {name: value for name, value in details.items() if name in WORDS}


def times_of(shift: Shift) -> rules.Times:
    """Return the shift's times."""
    return rules.Times(starts_at=shift.starts_at, ends_at=shift.ends_at, closes_at=shift.closes_at)
