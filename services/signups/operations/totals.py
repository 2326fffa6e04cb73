"""The totals of a shift: changed with its sign-ups, under its lock, and proven by a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from shared import messages
from shared.columns import LARGEST_ID
from shared.database import next_revision

from .. import rules
from ..models import LedgerEntry, Shift, Signup
from ..rules import queue

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
FREE = or_(
    SHIFTS.c.capacity.is_(None), SHIFTS.c.taken + bindparam("more_taken") <= SHIFTS.c.capacity
)
TAKE_UNDER_LOCK = CHANGE.where(FREE)
NOTE = insert(LedgerEntry.__table__).inline()  # type: ignore[arg-type]
PASS_OVER = (
    update(SIGNUPS)  # type: ignore[arg-type]
    .where(
        SIGNUPS.c.shift_id == bindparam("of_shift"),
        SIGNUPS.c.state == "waiting",
        SIGNUPS.c.id < bindparam("rank"),
        SIGNUPS.c.party > bindparam("places_free"),
    )
    .values(
        skips=SIGNUPS.c.skips + 1,
        skipped_since=func.coalesce(SIGNUPS.c.skipped_since, bindparam("now")),
    )
)
NO_RANK = LARGEST_ID


def end(
    session: Session, signup: Signup, *, state: str, now: datetime, reason: str = ""
) -> Row[Any]:
    """Give a live sign-up its last state and take back what it held; return the shift's totals.

    The caller holds the shift's lock, and fills what came free.
    """
    held = signup.party if signup.state in rules.HOLDING else 0
    turn(signup, state, now=now)
    signup.reason = reason
    session.flush()
    if not held:
        return change(session, signup.shift_id, taken=0, waiting=-1, now=now)
    totals = change(session, signup.shift_id, taken=-held, waiting=0, now=now)
    note(session, signup.id, totals, change=-held, now=now)
    return totals


def turn(signup: Signup, state: str, *, now: datetime) -> None:
    """Give a sign-up another state; what belonged to the one before goes with it."""
    signup.state = state
    signup.offer_until = signup.held_until = None
    signup.revision = next_revision(signup.revision, now)
    signup.changed_at = now


def shrink_party(session: Session, signup: Signup, party: int, *, now: datetime) -> Row[Any]:
    """Let a live sign-up's party become smaller; the caller holds the lock, and fills."""
    fewer = signup.party - party
    signup.party = party
    signup.revision = next_revision(signup.revision, now)
    signup.changed_at = now
    session.flush()
    if signup.state not in rules.HOLDING:
        return change(session, signup.shift_id, taken=0, waiting=0, now=now)
    totals = change(session, signup.shift_id, taken=-fewer, waiting=0, now=now)
    note(session, signup.id, totals, change=-fewer, now=now)
    return totals


def hand_over(session: Session, old: Signup, new: Signup, *, now: datetime) -> Row[Any]:
    """Let a friend's sign-up have the places of another one, which ends; nobody is passed over.

    `new` has as many people and is written already as `placed`. The caller holds the lock.
    """
    turn(old, "transferred", now=now)
    session.flush()
    given_back = change(session, old.shift_id, taken=-old.party, waiting=0, now=now)
    note(session, old.id, given_back, change=-old.party, now=now)
    totals = change(session, old.shift_id, taken=new.party, waiting=0, now=now)
    # Also on a shift that is over its capacity: nobody more comes than before.
    note_by_hand(session, new, totals, reason="transfer", now=now)
    return totals


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
    how = {"signup_id": signup_id, "change": change, "by_hand": False, "reason": "", "at": now}
    _write(session, totals, how)


def note_by_hand(
    session: Session, signup: Signup, totals: Row[Any], *, reason: str, now: datetime
) -> None:
    """Write into the ledger that places were given beside the line, maybe over the capacity."""
    how = {"change": signup.party, "by_hand": True, "reason": reason, "at": now}
    _write(session, totals, {"signup_id": signup.id, **how})


def _write(session: Session, totals: Row[Any], entry: dict[str, Any]) -> None:
    shift = {
        "shift_id": totals.id,
        "taken_after": totals.taken,
        "capacity_then": totals.capacity,
    }
    session.execute(NOTE, shift | entry)


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


def too_many_held(session: Session, shift: Shift | Row[Any], *, party: int) -> bool:
    """Tell whether a party is too many to be held besides those that are."""
    if shift.capacity is None:
        return False
    held = session.scalars(
        select(func.coalesce(func.sum(Signup.party), 0)).where(
            Signup.shift_id == shift.id, Signup.held_until.is_not(None)
        )
    ).one()
    return held > 0 and held + party > queue.most_held(shift.capacity)


def live_signups(session: Session, shift_id: int) -> Sequence[Signup]:
    """Return a shift's live sign-ups by rank; those under review are nobody's yet."""
    return session.scalars(
        select(Signup)
        .where(
            Signup.shift_id == shift_id,
            Signup.state.in_(rules.LIVE),
            Signup.person_id.is_not(None),
        )
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    ).all()


def count_ahead(session: Session, signup: Signup) -> int:
    """Return how many wait with a better rank."""
    before = select(func.count(Signup.id)).where(
        Signup.shift_id == signup.shift_id, Signup.state == "waiting", Signup.id < signup.id
    )
    return session.scalars(before).one()


def count_by_state(session: Session, shift_id: int) -> dict[str, tuple[int, int]]:
    """Return for each state how many sign-ups and people a shift has, those under review aside."""
    counted = session.execute(
        select(Signup.state, func.count(), func.sum(Signup.party))
        .where(Signup.shift_id == shift_id, Signup.review == "")
        .group_by(Signup.state)
    )
    return {state: (signups, people) for state, signups, people in counted}


def take_under_lock(
    session: Session, shift_id: int, *, party: int, now: datetime
) -> Row[Any] | None:
    """Take `party` places of a locked shift if they are free, past those who do not fit."""
    asked = {"shift_id": shift_id, "more_taken": party, "more_waiting": 0}
    given = session.execute(TAKE_UNDER_LOCK, asked | revision_at(now)).one_or_none()
    if given is not None:
        pass_over(session, given, party=party, now=now)
    return given


def change(session: Session, shift_id: int, *, taken: int, waiting: int, now: datetime) -> Row[Any]:
    """Change a locked shift's totals; return them."""
    asked = {"shift_id": shift_id, "more_taken": taken, "more_waiting": waiting}
    return session.execute(CHANGE, asked | revision_at(now)).one()


def pass_over(
    session: Session, totals: Row[Any], *, party: int, rank: int = NO_RANK, now: datetime
) -> None:
    """Count for those who wait with a rank below `rank` that somebody else got places.

    `totals` are those afterwards; who would have fitted before was not passed over for its size.
    """
    if totals.waiting == 0 or totals.capacity is None:
        return
    free_before = totals.capacity - totals.taken + party
    asked = {"of_shift": totals.id, "rank": rank, "places_free": free_before, "now": now}
    session.connection().execute(PASS_OVER, asked)


def revision_at(now: datetime) -> dict[str, int]:
    """Return what the statements need to number a change of totals."""
    return {"milliseconds": next_revision(None, now)}
