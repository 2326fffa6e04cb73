"""Places: one conditional statement on the shift's row decides who has one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from .. import rules
from ..models import Event, Shift
from ..rules import queue
from .filling import fill, fill_locked, is_blocked
from .totals import (
    CHANGE,
    FREE,
    SHIFTS,
    SIGNUPS,
    change,
    count_ahead,
    count_by_state,
    end,
    hand_over,
    live_signups,
    lock,
    note,
    pass_over,
    places_changed,
    revision_at,
    shrink_party,
    standing_of,
    take_under_lock,
    too_many_held,
)

__all__ = [
    "Place",
    "change",
    "count_ahead",
    "count_by_state",
    "end",
    "fill",
    "foresee",
    "give_place_or_rank",
    "hand_over",
    "live_signups",
    "lock",
    "note",
    "places_changed",
    "shrink_party",
    "standing_of",
]

WAITS = SIGNUPS.alias("waits")
STOPS_THE_LINE = or_(
    WAITS.c.skips >= queue.MOST_SKIPS, WAITS.c.skipped_since <= bindparam("skipped_before")
)
SOMEBODY_COMES_FIRST = exists().where(
    WAITS.c.shift_id == SHIFTS.c.id,
    WAITS.c.state == "waiting",
    or_(
        SHIFTS.c.capacity.is_(None),
        WAITS.c.party <= SHIFTS.c.capacity - SHIFTS.c.taken,
        STOPS_THE_LINE & (WAITS.c.party <= SHIFTS.c.capacity),
    ),
)
TAKE = CHANGE.where(
    ~SHIFTS.c.cancelled,
    SHIFTS.c.closes_at > bindparam("now"),
    FREE,
    or_(SHIFTS.c.waiting == 0, ~SOMEBODY_COMES_FIRST),
)


@dataclass(frozen=True)
class Place:
    """What somebody got: places, given or held, or a rank with `ahead` sign-ups before it."""

    state: str
    """`placed`, `pending` (held until the address is proven) or `waiting`."""
    ahead: int
    totals: Row[Any]


def give_place_or_rank(
    session: Session, shift_id: int, *, party: int, now: datetime, hold: bool = False
) -> Place:
    """Give `party` places if they are free, and a rank on the waiting list if not.

    The database decides under the lock of the shift's row, so that two people cannot take the last
    place. With `hold` the places are only held, as long as not too many of the shift are. Raises
    SignupsHaveClosed, ShiftIsCancelled, and ShiftIsFull where nobody may wait.
    """
    state = "pending" if hold else "placed"
    if not hold:
        given = _take(session, shift_id, party=party, now=now)
        if given is not None:
            return Place(state, 0, given)
    # Full, as far as could be seen without the lock; with it nothing changes under our eyes.
    shift = lock(session, shift_id)
    rules.check_open(standing_of(shift), now=now)
    fill_locked(session, shift, now=now)
    if (
        rules.fits(party, taken=shift.taken, capacity=shift.capacity)
        and not is_blocked(session, shift, now=now)
        and not (hold and too_many_held(session, shift, party=party))
    ):
        given = take_under_lock(session, shift_id, party=party, now=now)
        if given is not None:
            return Place(state, 0, given)
    if not session.scalars(select(Event.waiting_list).where(Event.id == shift.event_id)).one():
        raise queue.ShiftIsFull
    joined = change(session, shift_id, taken=0, waiting=1, now=now)
    return Place("waiting", joined.waiting - 1, joined)


def _take(session: Session, shift_id: int, *, party: int, now: datetime) -> Row[Any] | None:
    """Take `party` places if they are free, the shift is open, and nobody comes first."""
    asked = {
        "shift_id": shift_id,
        "more_taken": party,
        "more_waiting": 0,
        "now": now,
        "skipped_before": now - queue.LONGEST_SKIPPED,
    }
    given = session.execute(TAKE, asked | revision_at(now)).one_or_none()
    if given is not None:
        pass_over(session, given, party=party, now=now)
    return given


def foresee(
    session: Session, shift_id: int, *, party: int, now: datetime, hold: bool = False
) -> tuple[str, int]:
    """Return the state and the number ahead that a new person would get now; change nothing."""
    shift = session.get_one(Shift, shift_id, populate_existing=True)
    has_room = rules.fits(party, taken=shift.taken, capacity=shift.capacity)
    if not has_room or is_blocked(session, shift, now=now):
        return "waiting", shift.waiting
    if hold and too_many_held(session, shift, party=party):
        return "waiting", shift.waiting
    return "pending" if hold else "placed", 0
