"""What people agreed to: telling of a tick, and hearing when it is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from shared import messages
from shared.outbox import tell

from .. import rules
from ..models import Consent, Person, Signup

CONSENTS: Any = Consent.__table__


def tell_agreed(session: Session, signup: Signup, *, group_id: int, now: datetime) -> None:
    """Tell of the tick for mail about future days, if there is one."""
    ticked = select(Consent).where(Consent.signup_id == signup.id, Consent.purpose == "mail")
    consent = session.scalars(ticked).one_or_none()
    if consent is None:
        return
    given = messages.ConsentGiven(
        purpose=consent.purpose,
        wording=consent.wording,
        version=consent.version,
        origin=consent.origin,
        at=consent.given_at,
        group_id=group_id,
        signup_id=signup.id,
        person=messages.Agreed(
            first_name=rules.first_name(signup.name),
            email=signup.email,
            postcode=signup.postcode,
        ),
    )
    tell(session, given, now=now)


def keep_answer(session: Session, message: messages.ConsentMessage) -> None:
    """Keep that a tick was taken back, or that this was taken back; whatever comes first.

    Ticks that are younger than the answer stay as they are.
    """
    column = "withdrawn_at" if isinstance(message, messages.ConsentWithdrawn) else "renewed_at"
    known = CONSENTS.c[column]
    session.execute(
        update(CONSENTS)
        .where(
            CONSENTS.c.purpose == message.purpose,
            CONSENTS.c.given_at <= message.at,
            CONSENTS.c.signup_id.in_(_signups_of(message)),
            or_(known.is_(None), known < message.at),
        )
        .values({column: message.at})
    )


def is_withdrawn() -> ColumnElement[bool]:
    """Return the condition that a tick was taken back; of two answers the later one counts."""
    return and_(
        Consent.withdrawn_at.is_not(None),
        or_(Consent.renewed_at.is_(None), Consent.renewed_at < Consent.withdrawn_at),
    )


def _signups_of(message: messages.ConsentMessage) -> Any:
    email = rules.normalise_email(message.person.email)
    own = select(Signup.id).join(Person, Person.id == Signup.person_id).where(Person.email == email)
    return own if message.group_id is None else own.where(Person.group_id == message.group_id)
