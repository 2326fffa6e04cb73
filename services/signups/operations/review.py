"""Sign-ups that look like a machine's wait here for somebody to look at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from shared.database import next_revision
from shared.refusals import NotThere

from .. import rules
from ..models import Consent, Event, Shift, Signup
from . import places
from .agreeing import tell_agreed
from .signing_up import conclude, find_live_signup, find_or_add_person

KEPT = timedelta(days=7)


def list_pending(
    session: Session, group_id: int | None = None, *, most: int | None = None
) -> Sequence[Signup]:
    """Return the sign-ups under review, oldest first: a group's own, or all."""
    return session.scalars(_of_group(group_id).order_by(Signup.id).limit(most)).all()


def count_pending(session: Session, group_id: int) -> dict[str, int]:
    """Return how many of a group's sign-ups wait for a review, for each reason."""
    mine = _of_group(group_id).subquery()
    counted = session.execute(
        select(mine.c.review, func.count().label("number"))
        .group_by(mine.c.review)
        .order_by(mine.c.review)
    )
    return {row.review: row.number for row in counted}


def drop_all(session: Session, group_id: int, why: str) -> int:
    """Forget all of a group's sign-ups that are kept for this reason; return how many."""
    found = session.scalars(_of_group(group_id).where(Signup.review == why).with_for_update()).all()
    _forget(session, [signup.id for signup in found])
    return len(found)


def _of_group(group_id: int | None) -> Select[Signup]:
    query = select(Signup).where(Signup.review != "")
    if group_id is None:
        return query
    shifts = select(Shift.id).join(Event, Event.id == Shift.event_id)
    return query.where(Signup.shift_id.in_(shifts.where(Event.group_id == group_id)))


def accept(session: Session, signup_id: int, *, now: datetime) -> str:
    """Let a sign-up through: give it a place or a rank now, and tell it. Returns its state.

    Raises NotThere when it is not under review, AlreadySignedUp when the person did it again and
    got through, and the refusals of a closed or cancelled shift.
    """
    shift = places.lock(session, _pending(session, signup_id).shift_id)
    # Looked at again under the lock, so that two people who accept it give one place.
    signup = _pending(session, signup_id)
    rules.check_open(places.standing_of(shift), now=now)
    group_id = session.get_one(Event, shift.event_id).group_id
    person_id = find_or_add_person(session, signup, group_id=group_id, now=now)
    if find_live_signup(session, shift.id, person_id) is not None:
        raise rules.AlreadySignedUp
    place = places.give_place_or_rank(session, shift.id, party=signup.party, now=now)
    signup.person_id, signup.state, signup.review = person_id, place.state, ""
    signup.revision = next_revision(signup.revision, now)
    signup.changed_at = now
    session.flush()
    conclude(session, signup, place, now=now)
    tell_agreed(session, signup, group_id=group_id, now=now)
    return signup.state


def drop(session: Session, signup_id: int) -> None:
    """Forget a sign-up under review without a word. Raises NotThere."""
    places.lock(session, _pending(session, signup_id).shift_id)
    _forget(session, [_pending(session, signup_id).id])


def forget_unreviewed(session: Session, now: datetime) -> None:
    """Forget what nobody has let through within a week."""
    # Locked, so that one accepted in this moment stays.
    old = session.scalars(
        select(Signup.id)
        .where(Signup.review != "", Signup.created_at < now - KEPT)
        .with_for_update(skip_locked=True)
    ).all()
    _forget(session, old)


def _pending(session: Session, signup_id: int) -> Signup:
    signup = session.get(Signup, signup_id, populate_existing=True)
    if signup is None or not signup.review:
        raise NotThere
    return signup


def _forget(session: Session, signup_ids: Sequence[int]) -> None:
    """Delete sign-ups under review, and what they agreed to."""
    session.execute(delete(Consent).where(Consent.signup_id.in_(signup_ids)))
    session.execute(delete(Signup).where(Signup.id.in_(signup_ids)))
