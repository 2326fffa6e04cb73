"""Checks the promises about places on a live database, and explains what breaks them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import wire
from shared.database import next_revision
from shared.messages import Message, PlacesChanged, SignupFacts, SignupMessage
from shared.tables import OUTBOX

from .. import rules
from ..models import Event, LedgerEntry, Shift, Signup
from ..rules import queue
from . import totals
from .filling import find_next_in_line, mode_of

MOST_TOLD = 20_000
"""So many of the newest messages are read: those of a day are kept."""

GRACE = timedelta(minutes=2)
"""How long something may stand after its hour, until the sweep of every minute was there."""

# Made once: to make these takes longer than to run them on a small database.
OLD: Any = Signup.__table__.alias("old")
BOTH_KEPT = (
    select(Signup.id, OLD.c.id.label("old_id"))
    .join(OLD, OLD.c.id == Signup.replaces_id)
    .where(Signup.state == "placed", OLD.c.state.in_(rules.LIVE))
    .order_by(Signup.id)
)
WAITS: Any = Signup.__table__.alias("waits")
PASSED = (
    select(
        *(LedgerEntry.signup_id, LedgerEntry.shift_id, LedgerEntry.at),
        *(WAITS.c.id.label("waits_id"), WAITS.c.revision, WAITS.c.changed_at, WAITS.c.verified_at),
        *(Shift.starts_at, Shift.revision.label("shift_revision")),
        *(Event.promotion, Event.verification, Event.revision.label("event_revision")),
    )
    .join(Shift, Shift.id == LedgerEntry.shift_id)
    .join(Event, Event.id == Shift.event_id)
    .join(WAITS, WAITS.c.shift_id == LedgerEntry.shift_id)
    .where(
        LedgerEntry.change > 0,
        ~LedgerEntry.by_hand,
        WAITS.c.state == "waiting",
        WAITS.c.id < LedgerEntry.signup_id,
        WAITS.c.party <= LedgerEntry.change,
        WAITS.c.wish != "not_on_the_day",
    )
    .order_by(LedgerEntry.id)
)


def find_violations(session: Session, *, now: datetime) -> Iterator[str]:
    """Yield a sentence for each promise that does not hold, shift by shift."""
    for shift in session.scalars(select(Shift).order_by(Shift.id)):
        counted = totals.count_by_state(session, shift.id)
        yield from _check_totals(session, shift, counted)
        yield from _check_nobody_waits_in_vain(session, shift, now=now)
    yield from _check_one_live_signup(session)
    yield from _check_ledger(session)
    yield from _check_order(session)
    yield from _check_hours(session, now=now)
    yield from _check_replaced(session)
    yield from _check_told(session)


def _check_totals(
    session: Session, shift: Shift, counted: dict[str, tuple[int, int]]
) -> Iterator[str]:
    held = sum(counted.get(state, (0, 0))[1] for state in rules.HOLDING)
    waiting = counted.get("waiting", (0, 0))[0]
    in_ledger = session.scalars(
        select(func.coalesce(func.sum(LedgerEntry.change), 0)).where(
            LedgerEntry.shift_id == shift.id
        )
    ).one()
    if shift.taken != held:
        yield f"Shift {shift.id} counts {shift.taken} places as taken, its sign-ups hold {held}."
    if shift.waiting != waiting:
        yield f"Shift {shift.id} counts {shift.waiting} waiting, its list has {waiting}."
    if in_ledger != held:
        yield f"Shift {shift.id}: the ledger adds up to {in_ledger}, sign-ups hold {held}."


def _check_nobody_waits_in_vain(session: Session, shift: Shift, *, now: datetime) -> Iterator[str]:
    if shift.cancelled or shift.closes_at <= now or shift.waiting == 0:
        return
    if mode_of(session, shift, now=now) not in ("at_once", "offers"):
        return
    signup = find_next_in_line(session, shift, now=now)
    if signup is not None:
        yield f"Sign-up {signup.id} waits for shift {shift.id}, which has places for it."


def _check_one_live_signup(session: Session) -> Iterator[str]:
    twice = session.execute(
        select(Signup.shift_id, Signup.person_id)
        .where(Signup.state.in_(rules.LIVE), Signup.person_id.is_not(None))
        .group_by(Signup.shift_id, Signup.person_id)
        .having(func.count() > 1)
    )
    for shift_id, person_id in twice:
        yield f"Person {person_id} has more than one live sign-up for shift {shift_id}."


def _check_ledger(session: Session) -> Iterator[str]:
    """Each sign-up holds in the ledger what its state says, and places were free when given."""
    held = (
        select(LedgerEntry.signup_id, func.sum(LedgerEntry.change).label("places"))
        .group_by(LedgerEntry.signup_id)
        .subquery()
    )
    rows = session.execute(
        select(Signup.id, Signup.state, Signup.party, Signup.review, held.c.places)
        .outerjoin(held, held.c.signup_id == Signup.id)
        .order_by(Signup.id)
    )
    for row in rows:
        wanted = row.party if row.state in rules.HOLDING and not row.review else 0
        if (row.places or 0) != wanted:
            yield (
                f"Sign-up {row.id} is {row.state} and should hold {wanted} places; "
                f"in the ledger it holds {row.places or 0}."
            )
    over = select(LedgerEntry).where(
        LedgerEntry.change > 0,
        ~LedgerEntry.by_hand,
        LedgerEntry.taken_after > LedgerEntry.capacity_then,
    )
    for entry in session.scalars(over.order_by(LedgerEntry.id)):
        yield f"Sign-up {entry.signup_id} got places of shift {entry.shift_id} that were not free."


def _check_hours(session: Session, *, now: datetime) -> Iterator[str]:
    for column, word in ((Signup.offer_until, "offer"), (Signup.held_until, "hold")):
        over = select(Signup.id).where(column <= now - GRACE).order_by(Signup.id)
        for signup_id in session.scalars(over):
            yield f"The {word} of sign-up {signup_id} is over, and nobody ended it."


def _check_replaced(session: Session) -> Iterator[str]:
    """Nobody keeps the old place of a switch once they have the new one."""
    for row in session.execute(BOTH_KEPT):
        yield f"Sign-up {row.id} has a place and did not give back that of sign-up {row.old_id}."


def _check_order(session: Session) -> Iterator[str]:
    """Nobody got places past somebody who had waited longer and is no more people."""
    for row in session.execute(PASSED):
        if _is_known(row):
            yield (
                f"Sign-up {row.signup_id} got places of shift {row.shift_id} before sign-up "
                f"{row.waits_id}, which had waited longer and would have fitted."
            )


def _is_known(row: Any) -> bool:
    """Tell whether an entry was written under rules that are known: nothing changed since.

    Late the quickest gets a place. Who changed something in the same moment may have come later.
    """
    is_late = row.promotion == "by_time" and row.starts_at - row.at < queue.LATE
    is_unproven = row.verification == "strict" and (
        row.verified_at is None or row.verified_at > row.at
    )
    newest = max(row.revision, row.shift_revision, row.event_revision)
    return (
        not is_late
        and not is_unproven
        and row.changed_at < row.at - GRACE
        and newest <= next_revision(None, row.at)
    )


def _check_told(session: Session) -> Iterator[str]:
    """What the other services were told last, of totals and of each sign-up, is what is."""
    places: dict[int, PlacesChanged] = {}
    signups: dict[int, SignupFacts] = {}
    for message in _told_newest_first(session):
        if isinstance(message, PlacesChanged):
            places.setdefault(message.shift_id, message)
        elif isinstance(message, SignupMessage):
            signups.setdefault(message.signup.id, message.signup)
    for shift in session.scalars(select(Shift).where(Shift.id.in_(places)).order_by(Shift.id)):
        told = places[shift.id]
        if (told.taken, told.waiting) != (shift.taken, shift.waiting):
            yield (
                f"Shift {shift.id} has {shift.taken} places taken and {shift.waiting} waiting; "
                f"the last that others were told is {told.taken} and {told.waiting}."
            )
    states = select(Signup.id, Signup.state, Signup.party).order_by(Signup.id)
    for row in session.execute(states.where(Signup.erased_at.is_(None))):
        facts = signups.get(row.id)
        if facts is not None and (facts.state, facts.party) != (row.state, row.party):
            yield (
                f"Sign-up {row.id} is {row.state} for {row.party}; the last that others were told "
                f"is {facts.state} for {facts.party}, and so their mails say."
            )


def _told_newest_first(session: Session) -> Iterator[Message]:
    names = [PlacesChanged.NAME, *(kind.NAME for kind in SignupMessage.__subclasses__())]
    bodies = session.scalars(
        select(OUTBOX.c.body)
        .where(OUTBOX.c.name.in_(names))
        .order_by(OUTBOX.c.id.desc())
        .limit(MOST_TOLD)
    )
    yield from (wire.unseal(body).message for body in bodies)


def find_backlog(session: Session, *, now: datetime) -> Iterator[str]:
    """Yield a sentence when messages are not carried, so that mails and places stand still."""
    waiting, oldest = session.execute(
        select(func.count(), func.min(OUTBOX.c.created_at)).where(
            OUTBOX.c.sent_at.is_(None), OUTBOX.c.created_at <= now - GRACE
        )
    ).one()
    if waiting:
        since = oldest.isoformat(timespec="minutes")
        yield (
            f"{waiting} messages wait to be carried, the oldest since {since}: no worker of this "
            "service runs, or the broker is away."
        )
