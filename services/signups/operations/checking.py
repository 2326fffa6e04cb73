"""Checks the promises about places on a live database, and explains what breaks them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import rules
from ..models import LedgerEntry, Shift, Signup
from . import places


def find_violations(session: Session, *, now: datetime) -> Iterator[str]:
    """Yield a sentence for each promise that does not hold, shift by shift."""
    for shift in session.scalars(select(Shift).order_by(Shift.id)):
        counted = places.count_by_state(session, shift.id)
        yield from _check_totals(session, shift, counted)
        yield from _check_nobody_waits_in_vain(session, shift, now=now)
    yield from _check_one_live_signup(session)


def _check_totals(
    session: Session, shift: Shift, counted: dict[str, tuple[int, int]]
) -> Iterator[str]:
    placed = counted.get("placed", (0, 0))[1]
    waiting = counted.get("waiting", (0, 0))[0]
    in_ledger = session.scalars(
        select(func.coalesce(func.sum(LedgerEntry.change), 0)).where(
            LedgerEntry.shift_id == shift.id
        )
    ).one()
    if shift.taken != placed:
        yield f"Shift {shift.id} counts {shift.taken} places as taken, its sign-ups hold {placed}."
    if shift.waiting != waiting:
        yield f"Shift {shift.id} counts {shift.waiting} waiting, its list has {waiting}."
    if in_ledger != placed:
        yield f"Shift {shift.id}: the ledger adds up to {in_ledger}, sign-ups hold {placed}."


def _check_nobody_waits_in_vain(session: Session, shift: Shift, *, now: datetime) -> Iterator[str]:
    if shift.cancelled or shift.closes_at <= now:
        return
    waiting = (
        signup for signup in places.live_signups(session, shift.id) if signup.state == "waiting"
    )
    for signup in waiting:
        if rules.fits(signup.party, taken=shift.taken, capacity=shift.capacity):
            yield f"Sign-up {signup.id} waits for shift {shift.id}, which has places for it."
            return


def _check_one_live_signup(session: Session) -> Iterator[str]:
    twice = session.execute(
        select(Signup.shift_id, Signup.person_id)
        .where(Signup.state.in_(rules.LIVE))
        .group_by(Signup.shift_id, Signup.person_id)
        .having(func.count() > 1)
    )
    for shift_id, person_id in twice:
        yield f"Person {person_id} has more than one live sign-up for shift {shift_id}."
