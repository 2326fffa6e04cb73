"""Adding, changing and cancelling the shifts of an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from shared import times
from shared.database import next_revision

from .. import rules
from ..models import Event, Shift
from . import audit
from .details import ShiftDetails
from .mapping import put_on_map
from .stored import find_event, find_shift
from .telling import apply, tell_own_change

WORDS = ("place", "address", "postcode", "constituency", "zone", "capacity", "work", "needs")
LEAD = ("lead_name", "lead_email")
"""Who leads a shift is told to no other service."""


@dataclass(frozen=True, kw_only=True)
class ShiftPlan:
    """What is to become of an event's shifts, all at once."""

    add: Sequence[ShiftDetails] = ()
    change: Mapping[int, ShiftDetails] = field(default_factory=dict)
    """By the shift's id."""
    remove: Sequence[int] = ()
    """Ids of shifts that are cancelled, or deleted while nobody has seen the event."""


def add_shift(session: Session, event_id: int, details: ShiftDetails, *, now: datetime) -> Shift:
    """Give the event one more shift."""
    event = carry_out(session, event_id, ShiftPlan(add=[details]), now=now)
    return max(event.shifts, key=lambda shift: shift.id)


def change_shift(
    session: Session, event_id: int, shift_id: int, details: ShiftDetails, *, now: datetime
) -> Shift:
    """Change what is named in `details`; the capacity may fall below what is taken.

    When the start moves and no new closing time is named, sign-up closes as long before the start
    as it did. When only the zone changes, clocks there show what they showed before.
    """
    event = carry_out(session, event_id, ShiftPlan(change={shift_id: details}), now=now)
    return find_shift(event, shift_id)


def cancel_shift(session: Session, event_id: int, shift_id: int, *, now: datetime) -> Shift:
    """Call one shift off; the others go on."""
    event = changeable_event(session, event_id, now=now)
    shift = find_shift(event, shift_id)
    rules.check_shift_cancellable(shift, now)
    shift.cancelled = True
    tell_own_change(session, event, shift, now=now)
    audit.note(session, "shift.cancelled", event, now=now, details=name_of(shift))
    return shift


def carry_out(session: Session, event_id: int, plan: ShiftPlan, *, now: datetime) -> Event:
    """Do all of a plan, and tell of it once; nothing of it happens when a part is refused."""
    event = changeable_event(session, event_id, now=now)
    changed = [
        shift
        for shift in (
            changed_shift(session, event, shift_id, details, now=now)
            for shift_id, details in plan.change.items()
        )
        if shift is not None
    ]
    removed = [removed_shift(session, event, shift_id, now=now) for shift_id in plan.remove]
    added = [added_shift(session, event, details, now=now) for details in plan.add]
    touched = [*changed, *(shift for shift in removed if shift.cancelled)]
    if touched or removed or added:
        tell_own_change(session, event, *touched, now=now)
    for action, shifts in (("added", added), ("changed", changed), ("removed", removed)):
        for shift in shifts:
            audit.note(session, f"shift.{action}", event, now=now, details=name_of(shift))
    return event


def added_shift(session: Session, event: Event, details: ShiftDetails, *, now: datetime) -> Shift:
    """Give the event a new shift."""
    shift = new_shift(details, now=now)
    rules.check_ahead(event.status, times_of(shift), now)
    event.shifts.append(shift)
    put_on_map(session, shift)
    return shift


def changed_shift(
    session: Session, event: Event, shift_id: int, details: ShiftDetails, *, now: datetime
) -> Shift | None:
    """Change one shift; return it if others have to hear of it."""
    shift = find_shift(event, shift_id)
    rules.check_shift_changeable(shift, now)
    moved = changed_times(shift, details)
    rules.check_times(moved)
    if (moved.starts_at, moved.ends_at) != (shift.starts_at, shift.ends_at):
        rules.check_ahead(event.status, moved, now)
    if apply(shift, {name: value for name, value in details.items() if name in LEAD}):
        # Who it is stays out of the trail, which nobody erases.
        audit.note(session, "shift.lead_changed", event, now=now, details=name_of(shift))
    before = (shift.postcode, shift.constituency)
    if not apply(shift, words_of(details) | vars(moved)):
        return None
    shift.day = times.local(shift.starts_at, shift.zone).date()
    if (shift.postcode, shift.constituency) != before:
        put_on_map(session, shift)
    return shift


def removed_shift(session: Session, event: Event, shift_id: int, *, now: datetime) -> Shift:
    """Take a shift away: people who saw it must learn that it is cancelled."""
    shift = find_shift(event, shift_id)
    rules.check_shift_cancellable(shift, now)
    if event.published_at is None:
        event.shifts.remove(shift)
        session.delete(shift)
    else:
        shift.cancelled = True
    return shift


def report_conversations(
    session: Session, event_id: int, shift_id: int, number: int | None, *, now: datetime
) -> Shift:
    """Keep how many conversations the team reported; it may be corrected, or taken back."""
    event = find_event(session, event_id, lock=True)
    shift = find_shift(event, shift_id)
    rules.check_begun(shift, now)
    if shift.conversations != number:
        shift.conversations = number
        details = f"{name_of(shift)}: {'none' if number is None else number}"
        audit.note(session, "shift.conversations_reported", event, now=now, details=details)
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
    lead = {name: value for name, value in details.items() if name in LEAD}
    return Shift(
        revision=next_revision(None, now),
        day=details["starts_at"].date(),
        **words_of(details) | lead,
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


def name_of(shift: Shift) -> str:
    """Return what the trail calls a shift."""
    return f"{shift.place}, {times.span(shift.starts_at, shift.ends_at, shift.zone)}"
