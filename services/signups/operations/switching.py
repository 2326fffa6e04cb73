"""Switching: the new place before the old one is given back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from shared.database import next_revision

from .. import rules
from ..models import Consent, Event, Shift, Signup
from ..rules import changes
from . import mine, places
from .filling import release_replaced
from .signing_up import conclude, find_live_signup

KEPT = (
    *("person_id", "party", "name", "email", "phone", "postcode", "wish"),
    *("source", "utm", "answers"),
)


def switch(session: Session, token: str, to_shift_id: int, *, now: datetime) -> Signup:
    """Sign somebody up for another shift of the same group; return the new sign-up.

    Full, it is a rank on that shift's waiting list, and the old place stays theirs until there is
    a new one. An ended sign-up leads to a new one the same way, and nothing is given back. Doing
    it again returns the same. Raises CannotSwitchThere, SameShift and the link's own refusals.
    """
    old_shift_id = mine.by_link(session, token).shift_id
    if to_shift_id == old_shift_id:
        raise changes.SameShift
    target = _find_target(session, old_shift_id, to_shift_id)
    # In ascending order, as everywhere: two who switch crosswise do not wait in a circle.
    for shift_id in sorted((old_shift_id, target.id)):
        places.lock(session, shift_id)
    old, _shift = mine.act(session, token, now=now)
    if old.person_id is None:
        raise changes.NothingToChange
    known = find_live_signup(session, target.id, old.person_id)
    if known is not None:
        return known
    too_large = target.capacity is not None and old.party > target.capacity
    if too_large or not rules.is_open(places.standing_of(target), now=now):
        raise changes.CannotSwitchThere
    place = places.give_place_or_rank(session, target.id, party=old.party, now=now)
    new = _copy(session, old, target, place.state, now=now)
    conclude(session, new, place, now=now)
    if place.state == "placed":
        release_replaced(session, new, now=now)
    return new


def _find_target(session: Session, old_shift_id: int, to_shift_id: int) -> Shift:
    """Return the shift to go to; the group stays the same, as its consent does."""
    own_group = (
        select(Event.group_id)
        .join(Shift, Shift.event_id == Event.id)
        .where(Shift.id == old_shift_id)
        .scalar_subquery()
    )
    found = session.scalars(
        select(Shift)
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.id == to_shift_id, Event.group_id == own_group)
    ).one_or_none()
    if found is None:
        raise changes.CannotSwitchThere
    return found


def _copy(session: Session, old: Signup, target: Shift, state: str, *, now: datetime) -> Signup:
    """Write the new sign-up with the old one's details and consents."""
    new = Signup(
        **{name: getattr(old, name) for name in KEPT},
        revision=next_revision(None, now),
        shift_id=target.id,
        state=state,
        verified_at=now,
        replaces_id=old.id if old.state in rules.LIVE else None,
        created_at=now,
        changed_at=now,
    )
    session.add(new)
    session.flush()
    agreed = select(Consent).where(Consent.signup_id == old.id)
    columns = [c.key for c in Consent.__table__.c if c.key not in ("id", "signup_id")]
    for consent in session.scalars(agreed).all():
        row = {name: getattr(consent, name) for name in columns}
        session.execute(insert(Consent), {**row, "signup_id": new.id})
    return new
