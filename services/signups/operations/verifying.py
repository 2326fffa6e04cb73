"""Whether an address is somebody's: proof is a button of the mail, doubt a mail that came back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Event, Person, Shift, Signup
from ..rules.changes import MAIL_CAME_BACK
from .filling import fill
from .offers import confirm_hold


def verify(session: Session, signup: Signup, *, now: datetime) -> None:
    """Note that whoever has the link reads the mail: what was typed is theirs from now on.

    Doubts are over, places held are given, and the person has the details of this sign-up. The
    caller holds the shift's lock.
    """
    is_first = signup.verified_at is None
    signup.verified_at = signup.verified_at or now
    signup.doubt = ""
    if is_first and signup.person_id is not None:
        person = session.get_one(Person, signup.person_id)
        person.verified_at = now
        person.name = signup.name
        person.phone = signup.phone or person.phone
        person.postcode = signup.postcode or person.postcode
    session.flush()
    confirm_hold(session, signup, now=now)
    if is_first and signup.state == "waiting":
        # Who waits for a shift that wants proof may have been passed over until now.
        fill(session, signup.shift_id, now=now)
        session.refresh(signup)


def doubt_address(session: Session, signup_id: int, *, now: datetime) -> None:
    """Note that a mail to a sign-up's address came back, unless somebody has proven it.

    Where the event does not care about addresses, the place is kept all the same. A sign-up that
    is not here any more, or has ended, stays as it is.
    """
    found = session.execute(
        select(Signup, Event.verification)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Signup.id == signup_id)
    ).one_or_none()
    if found is None or found.verification == "off" or found.Signup.verified_at is not None:
        return
    found.Signup.doubt = MAIL_CAME_BACK
    found.Signup.changed_at = now
    session.flush()
