"""Places: given by one conditional statement on the shift's row, freed and filled together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from shared import messages
from shared.database import next_revision
from shared.outbox import tell

from .. import rules
from ..models import LedgerEntry, Shift, Signup
from .telling import facts_of, person_of

SHIFTS, SIGNUPS = Shift.__table__, Signup.__table__
TOTALS = (
    SHIFTS.c.id,
    SHIFTS.c.event_id,
    SHIFTS.c.revision,
    SHIFTS.c.places_revision,
    SHIFTS.c.taken,
    SHIFTS.c.waiting,
    SHIFTS.c.capacity,
)

# Made once: making a statement takes longer than running it, and the second of two people who
# want a place of one shift waits for all that the first one's process does.
CHANGE = (
    update(SHIFTS)  # type: ignore[arg-type]
    .where(SHIFTS.c.id == bindparam("shift_id"))
    .values(
        taken=SHIFTS.c.taken + bindparam("more_taken"),
        waiting=SHIFTS.c.waiting + bindparam("more_waiting"),
        # As `next_revision` has it, within the statement that holds the lock.
        places_revision=case(
            (SHIFTS.c.places_revision >= bindparam("milliseconds"), SHIFTS.c.places_revision + 1),
            else_=bindparam("milliseconds"),
        ),
    )
    .returning(*TOTALS)
)
WAITS = SIGNUPS.alias("waits")
SOMEBODY_WHO_FITS_WAITS = exists().where(
    WAITS.c.shift_id == SHIFTS.c.id,
    WAITS.c.state == "waiting",
    WAITS.c.party <= SHIFTS.c.capacity - SHIFTS.c.taken,
)
TAKE = CHANGE.where(
    ~SHIFTS.c.cancelled,
    SHIFTS.c.closes_at > bindparam("now"),
    or_(SHIFTS.c.capacity.is_(None), SHIFTS.c.taken + bindparam("more_taken") <= SHIFTS.c.capacity),
    or_(SHIFTS.c.waiting == 0, ~SOMEBODY_WHO_FITS_WAITS),
)
NOTE = insert(LedgerEntry.__table__).inline()  # type: ignore[arg-type]


@dataclass(frozen=True)
class Place:
    """What somebody got: a place, or a rank on the waiting list with `ahead` sign-ups before it."""

    state: str
    ahead: int
    totals: Row[Any]


def give_place_or_rank(session: Session, shift_id: int, *, party: int, now: datetime) -> Place:
    """Give `party` places if they are free, and a rank on the waiting list if not.

    The database decides under the lock of the shift's row, so that two people cannot take the last
    place. Raises SignupsHaveClosed or ShiftIsCancelled when the shift closed meanwhile.
    """
    given = _take(session, shift_id, party=party, now=now)
    if given is not None:
        return Place("placed", 0, given)
    # Full, as far as could be seen without the lock; with it nothing changes under our eyes.
    shift = lock(session, shift_id)
    rules.check_open(standing_of(shift), now=now)
    if rules.fits(1, taken=shift.taken, capacity=shift.capacity):
        fill(session, shift_id, now=now)
        given = _take(session, shift_id, party=party, now=now)
        if given is not None:
            return Place("placed", 0, given)
    joined = _change(session, shift_id, taken=0, waiting=1, now=now)
    return Place("waiting", joined.waiting - 1, joined)


def end(session: Session, signup: Signup, *, state: str, now: datetime) -> Row[Any]:
    """Give a live sign-up its last state and take back what it held; return the shift's totals.

    The caller holds the shift's lock.
    """
    had_place = signup.state == "placed"
    signup.state = state
    signup.revision = next_revision(signup.revision, now)
    signup.changed_at = now
    session.flush()
    if not had_place:
        return _change(session, signup.shift_id, taken=0, waiting=-1, now=now)
    totals = _change(session, signup.shift_id, taken=-signup.party, waiting=0, now=now)
    note(session, signup.id, totals, change=-signup.party, now=now)
    return totals


def fill(session: Session, shift_id: int, *, now: datetime) -> int:
    """Give free places to those who wait, in order of rank, passing over parties that do not fit.

    Runs in the transaction that frees a place, under the shift's lock. Those passed over keep
    their rank. Running it twice changes nothing. Returns how many sign-ups were promoted.
    """
    promoted = 0
    shift = lock(session, shift_id)
    if shift.cancelled or shift.closes_at <= now:
        return 0
    while (signup := _next_who_fits(session, shift)) is not None:
        _promote(session, signup, now=now)
        promoted += 1
        shift = lock(session, shift_id)
    return promoted


def lock(session: Session, shift_id: int) -> Shift:
    """Return the shift, fresh and locked until the transaction ends."""
    return session.scalars(
        select(Shift)
        .where(Shift.id == shift_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def note(session: Session, signup_id: int, totals: Row[Any], *, change: int, now: datetime) -> None:
    """Write a change of places into the ledger, which refuses a place that was not free."""
    session.execute(
        NOTE,
        {
            "shift_id": totals.id,
            "signup_id": signup_id,
            "change": change,
            "taken_after": totals.taken,
            "capacity_then": totals.capacity,
            "at": now,
        },
    )


def places_changed(totals: Row[Any] | Shift) -> messages.PlacesChanged:
    """Return the message that tells a shift's totals."""
    return messages.PlacesChanged(
        event_id=totals.event_id,
        shift_id=totals.id,
        places_revision=totals.places_revision,
        taken=totals.taken,
        waiting=totals.waiting,
    )


def standing_of(shift: Shift | Row[Any]) -> rules.Standing:
    """Return what decides whether a shift takes sign-ups."""
    return rules.Standing(shift.cancelled, shift.closes_at)


def foresee(session: Session, shift_id: int, *, party: int) -> tuple[str, int]:
    """Return the state and the number ahead that a new person would get now; change nothing."""
    row = session.execute(select(*TOTALS).where(SHIFTS.c.id == shift_id)).one()
    if rules.fits(party, taken=row.taken, capacity=row.capacity):
        return "placed", 0
    return "waiting", row.waiting


def live_signups(session: Session, shift_id: int) -> Sequence[Signup]:
    """Return a shift's live sign-ups by rank."""
    return session.scalars(
        select(Signup)
        .where(Signup.shift_id == shift_id, Signup.state.in_(rules.LIVE))
        .order_by(Signup.id)
    ).all()


def count_by_state(session: Session, shift_id: int) -> dict[str, tuple[int, int]]:
    """Return for each state how many sign-ups and how many people a shift has."""
    counted = session.execute(
        select(Signup.state, func.count(), func.sum(Signup.party))
        .where(Signup.shift_id == shift_id)
        .group_by(Signup.state)
    )
    return {state: (signups, people) for state, signups, people in counted}


def _take(session: Session, shift_id: int, *, party: int, now: datetime) -> Row[Any] | None:
    """Take `party` places if they are free, the shift is open, and nobody who fits waits."""
    asked = {"shift_id": shift_id, "more_taken": party, "more_waiting": 0, "now": now}
    return session.execute(TAKE, asked | _revision_at(now)).one_or_none()


def _change(
    session: Session, shift_id: int, *, taken: int, waiting: int, now: datetime
) -> Row[Any]:
    asked = {"shift_id": shift_id, "more_taken": taken, "more_waiting": waiting}
    return session.execute(CHANGE, asked | _revision_at(now)).one()


def _revision_at(now: datetime) -> dict[str, int]:
    return {"milliseconds": next_revision(None, now)}


def _next_who_fits(session: Session, shift: Shift) -> Signup | None:
    if shift.waiting == 0:
        return None
    free_places = rules.LARGEST_PARTY if shift.capacity is None else shift.capacity - shift.taken
    if free_places <= 0:
        return None
    return session.scalars(
        select(Signup)
        .where(Signup.shift_id == shift.id, Signup.state == "waiting", Signup.party <= free_places)
        .order_by(Signup.id)
        .limit(1)
    ).one_or_none()


def _promote(session: Session, signup: Signup, *, now: datetime) -> None:
    totals = _change(session, signup.shift_id, taken=signup.party, waiting=-1, now=now)
    signup.state = "placed"
    signup.revision = next_revision(signup.revision, now)
    signup.changed_at = now
    session.flush()
    note(session, signup.id, totals, change=signup.party, now=now)
    promoted = messages.SignupPromoted(
        signup=facts_of(signup, totals), person=person_of(session, signup)
    )
    tell(session, promoted, places_changed(totals), now=now)
