"""What this service tells the others about a sign-up, in the catalogue's words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, exists, select
from sqlalchemy.orm import Session

from shared import messages

from .. import links, rules
from ..models import Person, Shift, Signup

UNPROVEN = ("pending", "lapsed")
"""States of a sign-up by which nobody has come to know anybody yet."""

# Made once: making a statement takes longer than running it.
PEOPLE: Any = Person.__table__
SIGNUPS: Any = Signup.__table__
WHO: Any = bindparam("person_id")
IS_PROVEN = [SIGNUPS.c.state != state for state in UNPROVEN]
# One after the other, each by its index: asked for both at once, PostgreSQL may read all sign-ups.
THEIRS = exists().where(
    SIGNUPS.c.person_id == WHO,
    SIGNUPS.c.id != bindparam("signup_id"),
    *IS_PROVEN,
)
OF_MERGED = exists().where(
    PEOPLE.c.merged_into == WHO,
    SIGNUPS.c.person_id == PEOPLE.c.id,
    SIGNUPS.c.id != bindparam("signup_id"),
    *IS_PROVEN,
)
HAS_OTHERS = select(THEIRS | OF_MERGED)


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


def is_first(session: Session, signup: Signup) -> bool:
    """Tell whether the group knows of no other sign-up of this person; unproven ones are none."""
    this = {"person_id": signup.person_id, "signup_id": signup.id}
    return not bool(session.execute(HAS_OTHERS, this).scalar_one())
