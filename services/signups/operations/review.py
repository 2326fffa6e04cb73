"""Sign-ups that look like a machine's wait here for somebody to look at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.database import next_revision
from shared.refusals import NotThere

from .. import rules
from ..models import Consent, Signup
from . import places
from .signing_up import conclude, find_live_signup, find_or_add_person

KEPT = timedelta(days=7)


def list_pending(session: Session) -> Sequence[Signup]:
    """Return the sign-ups under review, oldest first."""
    return session.scalars(
        select(Signup).where(Signup.state == "pending").order_by(Signup.id)
    ).all()


def accept(session: Session, signup_id: int, *, now: datetime) -> str:
    """Let a sign-up through: give it a place or a rank now, and tell it. Returns its state.

    Raises NotThere when it is not under review, AlreadySignedUp when the person did it again and
    got through, and the refusals of a closed or cancelled shift.
    """
    shift = places.lock(session, _pending(session, signup_id).shift_id)
    # Looked at again under the lock, so that two people who accept it give one place.
    signup = _pending(session, signup_id)
    rules.check_open(places.standing_of(shift), now=now)
    person_id = find_or_add_person(session, signup, now=now)
    if find_live_signup(session, shift.id, person_id) is not None:
        raise rules.AlreadySignedUp
    place = places.give_place_or_rank(session, shift.id, party=signup.party, now=now)
    signup.person_id, signup.state, signup.review = person_id, place.state, ""
    signup.revision = next_revision(signup.revision, now)
    signup.changed_at = now
    session.flush()
    conclude(session, signup, place, now=now)
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
        .where(Signup.state == "pending", Signup.created_at < now - KEPT)
        .with_for_update(skip_locked=True)
    ).all()
    _forget(session, old)


def _pending(session: Session, signup_id: int) -> Signup:
    signup = session.get(Signup, signup_id, populate_existing=True)
    if signup is None or signup.state != "pending":
        raise NotThere
    return signup


def _forget(session: Session, signup_ids: Sequence[int]) -> None:
    """Delete sign-ups under review, and what they agreed to."""
    session.execute(delete(Consent).where(Consent.signup_id.in_(signup_ids)))
    session.execute(delete(Signup).where(Signup.id.in_(signup_ids)))
