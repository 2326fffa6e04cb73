"""Answers to what waiting brought: an offer, a hold, a place for the quickest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import messages
from shared.outbox import tell
from shared.refusals import NotThere

from .. import rules
from ..models import Event, Signup
from ..rules import queue
from . import totals
from .filling import fill, is_blocked, lapse, mode_of, place, release_replaced
from .telling import facts_of, is_first, person_of


def accept_offer(session: Session, signup: Signup, *, now: datetime) -> str:
    """Say yes to an offer; return `placed`, or `waiting` when the yes came too late.

    The caller holds the shift's lock. Too late it is honoured if a place is free; otherwise the
    sign-up waits again with its old rank. What is placed or waits already stays so. Raises
    OfferHasEnded for what never was an offer, and the refusals of a shift that takes nobody.
    """
    if signup.state in ("placed", "waiting"):
        return signup.state
    shift = totals.lock(session, signup.shift_id)
    if signup.state == "offered" and signup.offer_until is not None and signup.offer_until > now:
        # Also after sign-up has closed: the place was promised until that hour.
        rules.check_not_over(shift.ends_at, now=now)
        place_held(session, signup, now=now)
        return "placed"
    rules.check_open(totals.standing_of(shift), now=now)
    if signup.state == "offered":
        lapse(session, signup, "offer", now=now)
    if signup.state != "lapsed" or _came_back(session, signup):
        raise queue.OfferHasEnded
    return _accept_late(session, signup, now=now)


def decline(session: Session, signup: Signup, *, now: datetime) -> None:
    """Say no to an offer, or to a place that waiting brought; the next in line gets it.

    The caller holds the shift's lock. Raises OfferHasEnded when there is nothing to decline.
    """
    if signup.state == "declined":
        return
    if signup.state not in ("offered", "placed"):
        raise queue.OfferHasEnded
    after = totals.end(session, signup, state="declined", now=now)
    news = messages.SignupDeclined(
        signup=facts_of(signup, after), person=person_of(session, signup)
    )
    tell(session, news, totals.places_changed(after), now=now)
    fill(session, signup.shift_id, now=now)


def take_late(session: Session, signup: Signup, *, now: datetime) -> bool:
    """Take a place shortly before the start, if one is free; tell whether there was one.

    The caller holds the shift's lock. Only while the quickest gets it: before, it has an order.
    """
    if signup.state != "waiting":
        return signup.state == "placed"
    shift = totals.lock(session, signup.shift_id)
    rules.check_open(totals.standing_of(shift), now=now)
    if mode_of(session, shift, now=now) != "late":
        return False
    return _take_own(session, signup, now=now)


def confirm_hold(session: Session, signup: Signup, *, now: datetime) -> None:
    """Turn places held into places given; a hold that is over becomes a rank on the list.

    The caller holds the shift's lock. What is no hold stays as it is.
    """
    if signup.state != "pending" or signup.review:
        return
    if signup.held_until is not None and signup.held_until > now:
        totals.turn(signup, "placed", now=now)
        session.flush()
        shift = totals.lock(session, signup.shift_id)
        news = messages.SignupPlaced(
            signup=facts_of(signup, shift),
            person=person_of(session, signup),
            first=is_first(session, signup),
        )
        tell(session, news, now=now)
        release_replaced(session, signup, now=now)
        return
    lapse(session, signup, "hold", now=now)
    fill(session, signup.shift_id, now=now)


def give_by_hand(session: Session, signup_id: int, *, reason: str, now: datetime) -> None:
    """Give a place to somebody who waits, past the line and over the capacity if need be.

    Raises NotThere for a sign-up that does not wait, and the refusals of a shift that is over.
    """
    shift_id = session.scalars(select(Signup.shift_id).where(Signup.id == signup_id)).one_or_none()
    if shift_id is None:
        raise NotThere
    shift = totals.lock(session, shift_id)
    signup = session.get_one(Signup, signup_id, populate_existing=True)
    if signup.state not in ("waiting", "lapsed", "offered"):
        raise NotThere
    if shift.cancelled:
        raise rules.ShiftIsCancelled
    rules.check_not_over(shift.ends_at, now=now)
    if signup.state == "offered":
        place_held(session, signup, now=now)
        return
    if signup.state == "lapsed" and _came_back(session, signup):
        raise NotThere
    fewer = -1 if signup.state == "waiting" else 0
    after = totals.change(session, shift_id, taken=signup.party, waiting=fewer, now=now)
    totals.note_by_hand(session, signup, after, reason=reason, now=now)
    place(session, signup, after, now=now)


def place_held(session: Session, signup: Signup, *, now: datetime) -> None:
    """Turn an offer into a place: its places are counted already."""
    shift = totals.lock(session, signup.shift_id)
    place(session, signup, shift, now=now)


def _accept_late(session: Session, signup: Signup, *, now: datetime) -> str:
    fill(session, signup.shift_id, now=now)
    shift = totals.lock(session, signup.shift_id)
    if not is_blocked(session, shift, now=now) and _take_own(session, signup, now=now):
        return "placed"
    waits = session.scalars(select(Event.waiting_list).where(Event.id == shift.event_id)).one()
    if not waits:
        raise queue.OfferHasEnded
    totals.turn(signup, "waiting", now=now)
    session.flush()
    after = totals.change(session, signup.shift_id, taken=0, waiting=1, now=now)
    ahead = totals.count_ahead(session, signup)
    news = messages.SignupWaitlisted(
        signup=facts_of(signup, after), person=person_of(session, signup), ahead=ahead
    )
    tell(session, news, totals.places_changed(after), now=now)
    return "waiting"


def _take_own(session: Session, signup: Signup, *, now: datetime) -> bool:
    fewer = -1 if signup.state == "waiting" else 0
    given = totals.take_under_lock(session, signup.shift_id, party=signup.party, now=now)
    if given is None:
        return False
    if fewer:
        given = totals.change(session, signup.shift_id, taken=0, waiting=fewer, now=now)
    totals.note(session, signup.id, given, change=signup.party, now=now)
    place(session, signup, given, now=now)
    return True


def _came_back(session: Session, signup: Signup) -> bool:
    """Tell whether the person has another live sign-up for the shift by now."""
    again = select(Signup.id).where(
        Signup.shift_id == signup.shift_id,
        Signup.person_id == signup.person_id,
        Signup.state.in_(rules.LIVE),
    )
    return session.scalars(again).first() is not None
