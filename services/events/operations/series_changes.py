"""Changing one event of a series, and the same for its others: this, this and later, all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.database import next_revision

from ..models import Event, Series, Shift
from ..rules import series as series_rules
from . import audit
from .events import WORDS
from .series import find_series
from .series_events import OF_ONE_SHIFT, SHIFTS, coming_unchanged, names_of, timed
from .stored import find_event
from .telling import apply, tell_change

Hours = tuple[timedelta, timedelta, timedelta, timedelta]

SHARED = sorted(names_of(SHIFTS) - OF_ONE_SHIFT - {"slot"})
"""What shifts of one slot have in common, besides their hours."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A shift of the series' pattern."""

    words: Mapping[str, Any]
    hours: Hours
    """When it is, counted from the beginning of its series' day; and how long it lasts."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """What an event shares with the others of its series; those cancelled are no part of it."""

    words: Mapping[str, Any]
    slots: Mapping[int, Slot]


Change = tuple[Pattern, Pattern]
"""What a pattern was and what it became."""


@contextmanager
def changing_series(
    session: Session, event_id: int, *, which: str, now: datetime
) -> Iterator[Event]:
    """Let the block change the event by any operations; then change others of its series alike.

    `which` is one of SCOPES: `this` marks the event as changed by itself; `later` are the coming
    unchanged events from its day on, `all` those of every day. Only what differs after the block is
    carried over; hours as clocks show them. An event without a series is changed alone.
    """
    event = find_event(session, event_id)
    if event.series_id is None:
        yield event
        return
    find_series(session, event.series_id, lock=True)
    event = find_event(session, event_id, lock=True)
    changed_before, before = event.series_changed, pattern_of(event)
    yield event
    number_slots(session, event)
    after = pattern_of(event)
    if which == "this":
        event.series_changed = changed_before or after != before
    else:
        event.series_changed = changed_before
        event.series_adjusted = event.series_adjusted and hours_of(after) == hours_of(before)
        carry_over(session, event, (before, after), which=which, now=now)
    session.flush()


def carry_over(
    session: Session, event: Event, change: Change, *, which: str, now: datetime
) -> None:
    """Give the other events of the series what changed of this one."""
    if change[0] == change[1] or event.series_id is None or event.series_day is None:
        return
    others = [
        other
        for other in coming_unchanged(session, event.series_id, now=now)
        if other.id != event.id
        and (which == "all" or (other.series_day or event.series_day) >= event.series_day)
    ]
    for other in others:
        change_alike(session, other, event, change, now=now)
    words = f"{len(others)} more events" if len(others) != 1 else "one more event"
    series = session.get_one(Series, event.series_id)
    about = audit.About("series", series.id, event.title, series.group_id)
    audit.note(session, "series.changed", about, now=now, details=words)


def change_alike(
    session: Session, other: Event, event: Event, change: Change, *, now: datetime
) -> None:
    """Change another event of the series as this one was; one that would have begun stays apart."""
    before, after = change
    if other.status == "published" and begins_too_early(other, change, now=now):
        other.series_changed = True
        return
    words = {name: fact for name, fact in after.words.items() if fact != before.words[name]}
    apply(other, words)
    touched = [
        shift
        for shift in list(other.shifts)
        if shift.slot and not shift.cancelled and change_shift_alike(session, shift, change)
    ]
    other.series_adjusted = hours_give_way(other, after)
    for slot in sorted(after.slots.keys() - before.slots.keys()):
        other.shifts.append(added_shift(event, slot, after.slots[slot], other, now=now))
    tell_change(session, other, *touched, now=now)
    audit.note(session, "event.changed", other, now=now, details="with its series")


def begins_too_early(other: Event, change: Change, *, now: datetime) -> bool:
    """Tell whether a published event would get a shift that has begun."""
    before, after = change
    return any(
        on_day(slot, other, slot.words["zone"]).times.starts_at <= now
        for number, slot in after.slots.items()
        if number not in before.slots or before.slots[number].hours != slot.hours
    )


def change_shift_alike(session: Session, shift: Shift, change: Change) -> bool:
    """Change a shift as that of the same slot was; tell whether it still is there."""
    before, after = (pattern.slots.get(shift.slot) for pattern in change)
    if before is None or before == after:
        return False
    if after is None:
        return drop_alike(session, shift)
    apply(
        shift,
        {name: after.words[name] for name in SHARED if after.words[name] != before.words[name]},
    )
    if after.hours != before.hours or after.words["zone"] != before.words["zone"]:
        moved = on_day(after, shift.event, shift.zone)
        apply(shift, timed(moved.times, shift.zone))
    return True


def drop_alike(session: Session, shift: Shift) -> bool:
    """Take a shift away: one that nobody saw is deleted, any other is cancelled."""
    if shift.event.published_at is None:
        shift.event.shifts.remove(shift)
        session.delete(shift)
        return False
    shift.cancelled = True
    return True


def added_shift(event: Event, slot: int, new: Slot, other: Event, *, now: datetime) -> Shift:
    """Return a shift for another event like that of a slot which this event gained."""
    moved = on_day(new, other, new.words["zone"])
    return Shift(
        slot=slot,
        revision=next_revision(None, now),
        **new.words,
        **timed(moved.times, new.words["zone"]),
    )


def pattern_of(event: Event) -> Pattern:
    """Return what the event shares with the others of its series."""
    begin = datetime.combine(event.series_day or date.min, time())
    return Pattern(
        words={name: getattr(event, name) for name in WORDS},
        slots={
            shift.slot: Slot(
                words={name: getattr(shift, name) for name in SHARED},
                hours=(
                    series_rules.wall(shift.starts_at, shift.zone) - begin,
                    series_rules.wall(shift.ends_at, shift.zone) - begin,
                    series_rules.wall(shift.closes_at, shift.zone) - begin,
                    shift.ends_at - shift.starts_at,
                ),
            )
            for shift in event.shifts
            if shift.slot and not shift.cancelled
        },
    )


def hours_of(pattern: Pattern) -> dict[int, Hours]:
    """Return the hours of a pattern's slots."""
    return {number: slot.hours for number, slot in pattern.slots.items()}


def on_day(slot: Slot, event: Event, zone: str) -> series_rules.MovedTimes:
    """Return when a slot's shift is on the day of an event."""
    begin = datetime.combine(event.series_day or date.min, time())
    starts, ends, closes, length = slot.hours
    walls = series_rules.Walls(
        starts_at=begin + starts, ends_at=begin + ends, closes_at=begin + closes, length=length
    )
    return series_rules.settle(walls, zone)


def hours_give_way(event: Event, pattern: Pattern) -> bool:
    """Tell whether hours of the pattern do not exist on the event's day."""
    return any(on_day(slot, event, slot.words["zone"]).adjusted for slot in pattern.slots.values())


def number_slots(session: Session, event: Event) -> None:
    """Give each shift that the event gained a slot that no event of its series has."""
    session.flush()
    used = select(func.max(Shift.slot)).join(Shift.event).where(Event.series_id == event.series_id)
    last = session.scalars(used).one() or 0
    new = (shift for shift in sorted(event.shifts, key=lambda s: s.id) if not shift.slot)
    for slot, shift in enumerate(new, start=last + 1):
        shift.slot = slot
