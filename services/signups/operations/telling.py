"""What this service tells the others about a sign-up, in the catalogue's words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select, union_all
from sqlalchemy.orm import Session

from shared import messages
from shared.columns import BigKey

from .. import links, rules
from ..models import Person, Shift, Signup

UNPROVEN = ("pending", "lapsed")
"""States of a sign-up by which nobody has come to know anybody yet."""

# Made once: making a statement takes longer than running it.
PEOPLE: Any = Person.__table__
SIGNUPS: Any = Signup.__table__
WHO = bindparam("person_id", type_=BigKey)
# Themselves, and those who were merged into them: by an OR all people would be read.
THEY = union_all(
    select(WHO.label("id")), select(PEOPLE.c.id).where(PEOPLE.c.merged_into == WHO)
).subquery("they")
EARLIER_ONE = (
    select(SIGNUPS.c.id)
    .join_from(THEY, SIGNUPS, SIGNUPS.c.person_id == THEY.c.id)
    .where(
        SIGNUPS.c.id != bindparam("signup_id"),
        SIGNUPS.c.state.not_in(UNPROVEN),
    )
    .limit(1)
)


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
    return session.execute(EARLIER_ONE, this).first() is None
