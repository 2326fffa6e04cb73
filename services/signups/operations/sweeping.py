"""The sweep of every minute: ends what is over, and fills what should have been filled already."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, union
from sqlalchemy.orm import Session

from shared import messages
from shared.outbox import tell

from ..models import Shift, Signup
from ..rules.changes import CAME_IN_A_FLOOD
from . import totals
from .filling import end_what_is_over, fill, lapse
from .telling import facts_of, person_of

log = logging.getLogger(__name__)

PROVING_LASTS = timedelta(hours=48)
"""How long somebody whose address is in doubt has to prove it, and never past the closing."""


def fill_all(session: Session, now: datetime) -> None:
    """Give free places to those who wait, and end what is over, shift by shift.

    At rest it finds nothing to do: the transaction that frees a place fills it.
    """
    for shift_id in _due(session, now=now):
        shift = totals.lock(session, shift_id)
        end_what_is_over(session, shift, now=now)
        _end_what_is_in_doubt(session, shift, now=now)
        if shift.starts_at <= now:
            _close_who_waits(session, shift, now=now)
        promoted = fill(session, shift_id, now=now)
        if promoted:
            log.info("the sweep served %d on shift %d", promoted, shift_id)


def _due(session: Session, *, now: datetime) -> list[int]:
    """Return the shifts that may need something, in ascending order."""
    open_with_room = select(Shift.id).where(
        ~Shift.cancelled,
        Shift.closes_at > now,
        Shift.waiting > 0,
        or_(Shift.capacity.is_(None), Shift.taken < Shift.capacity),
    )
    begun = select(Shift.id).where(Shift.waiting > 0, Shift.starts_at <= now)
    over = select(Signup.shift_id).where(or_(Signup.offer_until <= now, Signup.held_until <= now))
    doubted = select(Signup.shift_id).where(_in_doubt(now=now))
    return sorted(session.scalars(union(open_with_room, begun, over, doubted)))


def _in_doubt(*, now: datetime) -> ColumnElement[bool]:
    soon = select(Shift.closes_at).where(Shift.id == Signup.shift_id).scalar_subquery()
    return and_(
        Signup.doubt != "",
        Signup.verified_at.is_(None),
        Signup.state.in_(("placed", "waiting", "offered")),
        or_(Signup.created_at <= now - PROVING_LASTS, soon <= now),
    )


def _end_what_is_in_doubt(session: Session, shift: Shift, *, now: datetime) -> None:
    """Give back what nobody proved to be theirs after the mail came back, or many came at once."""
    doubted = session.scalars(
        select(Signup).where(Signup.shift_id == shift.id, _in_doubt(now=now)).order_by(Signup.id)
    ).all()
    for signup in doubted:
        asked = signup.doubt == CAME_IN_A_FLOOD
        lapse(session, signup, "hold" if asked else "doubt", now=now)
    session.refresh(shift)


def _close_who_waits(session: Session, shift: Shift, *, now: datetime) -> None:
    """Tell those who still wait when their shift begins that it went on without them."""
    after = None
    for signup in totals.live_signups(session, shift.id):
        if signup.state != "waiting":
            continue
        after = totals.end(session, signup, state="closed", now=now)
        closed = messages.SignupClosed(
            signup=facts_of(signup, after),
            person=person_of(session, signup),
            state_before="waiting",
            reason="",
        )
        tell(session, closed, now=now)
    if after is not None:
        tell(session, totals.places_changed(after), now=now)
