"""Filling: what came free is given to those who wait, in order of rank."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from shared import messages
from shared.outbox import tell

from .. import rules
from ..models import Event, Shift, Signup
from ..rules import queue
from . import totals
from .telling import facts_of, person_of


def fill(session: Session, shift_id: int, *, now: datetime) -> int:
    """Give free places to those who wait, as the shift's event and the time left have it.

    Runs in the transaction that frees a place, under the shift's lock. Offers that are over are
    ended first. Parties that do not fit are passed over and keep their rank, until one of them
    stops the line. Running it twice changes nothing. Returns how many sign-ups got something.
    """
    return fill_locked(session, totals.lock(session, shift_id), now=now)


def fill_locked(session: Session, shift: Shift, *, now: datetime) -> int:
    """Fill a shift that is locked and fresh, and fresh it is afterwards; see `fill`."""
    if shift.cancelled or shift.closes_at <= now:
        return 0
    end_what_is_over(session, shift, now=now)
    if shift.waiting == 0 or not rules.fits(1, taken=shift.taken, capacity=shift.capacity):
        return 0
    mode = mode_of(session, shift, now=now)
    if mode == "by_hand":
        return 0
    if mode == "late":
        return _tell_the_quickest(session, shift, now=now)
    served = 0
    while (signup := find_next_in_line(session, shift, now=now)) is not None:
        _serve(session, shift, signup, mode, now=now)
        served += 1
        session.refresh(shift)
    return served


def is_blocked(session: Session, shift: Shift, *, now: datetime) -> bool:
    """Tell whether a newcomer has to wait although places are free; the shift is locked, filled.

    So it is while places are kept back for a party, and while an organiser gives them by hand.
    """
    if shift.waiting == 0:
        return False
    mode = mode_of(session, shift, now=now)
    if mode == "late":
        return False
    first = [_stops_the_line(shift, now=now)]
    if mode == "by_hand":
        first.append(_fits(shift))
    query = _entitled(session, shift, now=now).where(or_(*first)).limit(1)
    return session.scalars(query).first() is not None


def mode_of(session: Session, shift: Shift, *, now: datetime) -> str:
    """Return how a shift's free places are given now, see `rules.queue.mode_of`."""
    promotion = session.scalars(select(Event.promotion).where(Event.id == shift.event_id)).one()
    return queue.mode_of(promotion, shift.starts_at, now=now)


def find_next_in_line(session: Session, shift: Shift, *, now: datetime) -> Signup | None:
    """Return the first who waits and fits, unless somebody before them stops the line."""
    if shift.waiting == 0 or (shift.capacity is not None and shift.taken >= shift.capacity):
        return None
    first = _entitled(session, shift, now=now).where(_fits(shift)).limit(1)
    signup, stops = session.scalars(first).one_or_none(), find_stopper(session, shift, now=now)
    if signup is None or (stops is not None and stops.id < signup.id):
        return None
    return signup


def find_stopper(session: Session, shift: Shift, *, now: datetime) -> Signup | None:
    """Return the first party that does not fit and for which places are kept back, if any."""
    entitled = _entitled(session, shift, now=now)
    stopper = entitled.where(~_fits(shift), _stops_the_line(shift, now=now)).limit(1)
    return session.scalars(stopper).one_or_none()


def end_what_is_over(session: Session, shift: Shift, *, now: datetime) -> None:
    """End the offers and holds of a locked shift whose hour has passed; it is fresh afterwards."""
    over = session.scalars(
        select(Signup)
        .where(
            Signup.shift_id == shift.id,
            or_(Signup.offer_until <= now, Signup.held_until <= now),
        )
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    ).all()
    for signup in over:
        lapse(session, signup, "offer" if signup.state == "offered" else "hold", now=now)
    if over:
        session.refresh(shift)


def lapse(session: Session, signup: Signup, why: str, *, now: datetime) -> None:
    """End a sign-up because an hour passed, and tell it; the caller holds the lock, and fills."""
    after = totals.end(session, signup, state="lapsed", now=now, reason=why)
    news = messages.SignupLapsed(
        signup=facts_of(signup, after), person=person_of(session, signup), why=why
    )
    tell(session, news, totals.places_changed(after), now=now)


def place(session: Session, signup: Signup, after: Any, *, now: datetime) -> None:
    """Turn a sign-up that waited into one with a place, whose totals are `after`; tell it.

    What it was to replace ends now: somebody who switches has the new place before the old is
    given back.
    """
    totals.turn(signup, "placed", now=now)
    session.flush()
    promoted = messages.SignupPromoted(
        signup=facts_of(signup, after), person=person_of(session, signup)
    )
    tell(session, promoted, totals.places_changed(after), now=now)
    release_replaced(session, signup, now=now)


def release_replaced(session: Session, signup: Signup, *, now: datetime) -> None:
    """End the sign-up that this one, which has a place now, replaces; its places are filled."""
    if signup.replaces_id is None:
        return
    old = session.get_one(Signup, signup.replaces_id, populate_existing=True)
    if old.state not in rules.LIVE:
        return
    totals.lock(session, old.shift_id)
    session.refresh(old)
    if old.state not in rules.LIVE:
        return
    after = totals.end(session, old, state="cancelled", now=now, reason="switched")
    switched = messages.SignupSwitched(
        signup=facts_of(old, after), person=person_of(session, old), to_shift_id=signup.shift_id
    )
    tell(session, switched, totals.places_changed(after), now=now)
    fill(session, old.shift_id, now=now)


def _serve(session: Session, shift: Shift, signup: Signup, mode: str, *, now: datetime) -> None:
    after = totals.change(session, shift.id, taken=signup.party, waiting=-1, now=now)
    totals.pass_over(session, after, party=signup.party, rank=signup.id, now=now)
    totals.note(session, signup.id, after, change=signup.party, now=now)
    if queue.turn_of(mode, signup.wish) == "placed":
        place(session, signup, after, now=now)
        return
    totals.turn(signup, "offered", now=now)
    signup.offer_until = queue.offer_until(shift.starts_at, shift.zone, now=now)
    session.flush()
    offered = messages.SignupOffered(
        signup=facts_of(signup, after), person=person_of(session, signup), until=signup.offer_until
    )
    tell(session, offered, totals.places_changed(after), now=now)


def _tell_the_quickest(session: Session, shift: Shift, *, now: datetime) -> int:
    """Tell those who agreed to it that there are places for whoever comes first, once each."""
    untold = session.scalars(
        _entitled(session, shift, now=now).where(
            _fits(shift),
            Signup.wish.in_([wish for wish in rules.WISHES if queue.wants_to_hear_late(wish)]),
            Signup.late_told_at.is_(None),
        )
    ).all()
    for signup in untold:
        signup.late_told_at = now
        news = messages.SignupTold(
            signup=facts_of(signup, shift), person=person_of(session, signup)
        )
        tell(session, news, now=now)
    session.flush()
    return len(untold)


def _entitled(session: Session, shift: Shift, *, now: datetime) -> Select[Signup]:
    """Return who waits and may get a place now, by rank."""
    query = (
        select(Signup)
        .where(Signup.shift_id == shift.id, Signup.state == "waiting")
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    )
    if queue.is_on_the_day(shift.starts_at, shift.zone, now=now):
        query = query.where(Signup.wish != "not_on_the_day")
    strict = select(Event.id).where(Event.id == shift.event_id, Event.verification == "strict")
    if session.scalars(strict).one_or_none() is not None:
        query = query.where(Signup.verified_at.is_not(None))
    return query


def _fits(shift: Shift) -> ColumnElement[bool]:
    if shift.capacity is None:
        return true()
    return Signup.party <= shift.capacity - shift.taken


def _stops_the_line(shift: Shift, *, now: datetime) -> ColumnElement[bool]:
    """Whether places are kept back for a party; never for one larger than the shift."""
    if shift.capacity is None:
        return false()
    return and_(
        Signup.party <= shift.capacity,
        or_(
            Signup.skips >= queue.MOST_SKIPS,
            func.coalesce(Signup.skipped_since <= now - queue.LONGEST_SKIPPED, false()),
        ),
    )
