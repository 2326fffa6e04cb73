"""What this service tells the others about a sign-up, in the catalogue's words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from shared import messages

from .. import links, rules
from ..models import Shift, Signup


def facts_of(signup: Signup, shift: Shift | Row[Any]) -> messages.SignupFacts:
    """Return a sign-up's facts as they are now."""
    return messages.SignupFacts(
        id=signup.id,
        revision=signup.revision,
        event_id=shift.event_id,
        shift_id=signup.shift_id,
        shift_revision=shift.revision,
        state=signup.state,
        party=signup.party,
    )


def person_of(session: Session, signup: Signup) -> messages.Person:
    """Return as much of the person as a mail needs."""
    return messages.Person(
        first_name=rules.first_name(signup.name),
        email=signup.email,
        link=links.link_to(session, signup.id, signup.link_number),
    )
