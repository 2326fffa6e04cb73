"""The entries of one person: their own, and those that turned out to be theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ... import links, rules
from ...models import Event, Person, Shift, Signup
from ...rules import privacy as privacy_rules


def entries_by_link(session: Session, token: str, *, now: datetime) -> Sequence[Person]:
    """Return the entries of the person whom a mailed link names, their own first.

    Raises NotThere for a bent link and for somebody erased, and PrivacyLinkHasEnded.
    """
    person_id, until = links.read_privacy(session, token)
    privacy_rules.check_link(until, now=now)
    entries = entries_of(session, [person_id])
    if not entries:
        raise NotThere
    return entries


def entries_of(session: Session, person_ids: Collection[int]) -> Sequence[Person]:
    """Return the entries of these people with all that were merged with them, own ones first."""
    owner = func.coalesce(Person.merged_into, Person.id)
    owners = select(owner).where(Person.id.in_(person_ids))
    query = select(Person).where(or_(Person.id.in_(owners), Person.merged_into.in_(owners)))
    return session.scalars(query.order_by(Person.merged_into.is_not(None), Person.id)).all()


def under_review_of(session: Session, people: Sequence[Person]) -> list[int]:
    """Return the numbers of forms by these people that nobody has let through yet."""
    pending = session.execute(
        select(Signup.id, Signup.email, Signup.name, Event.group_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Signup.review != "")
    )
    return [
        row.id
        for row in pending
        if any(
            row.group_id == person.group_id
            and rules.normalise_email(row.email) == person.email
            and rules.is_same_name(row.name, person.name)
            for person in people
        )
    ]
