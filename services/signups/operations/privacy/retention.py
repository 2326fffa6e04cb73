"""Forgetting people by their age: the sign-ups of long ago count on, and name nobody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, exists, func, select, union
from sqlalchemy.orm import Session

from ... import links
from ...models import Consent, Person, Shift, Signup
from ..agreeing import is_withdrawn
from .erasing import anonymise, forget_people
from .hanging import delete_hanging_on

FURTHER = ("mail", "phone")
"""What somebody agreed to who wants to hear of future days."""

AT_A_TIME = 500
"""So many are forgotten in one transaction; the rest an hour later."""


def count_outdated(session: Session, now: datetime) -> dict[str, int]:
    """Return how many rows `forget_outdated` would deal with, were there no end to its patience."""
    signups = _outdated_signups(session, now).subquery()
    fresh = select(Signup.person_id).where(
        Signup.person_id.is_not(None), Signup.id.not_in(select(signups.c.id))
    )
    people = union(
        _outdated_people(session, now),
        select(signups.c.person_id).where(signups.c.person_id.not_in(fresh)),
    )
    return {
        "sign-ups that name somebody": _count(session, signups),
        "people": _count(session, people.subquery()),
    }


def forget_outdated(session: Session, now: datetime) -> None:
    """Forget who took part long ago; a person goes with their last sign-up."""
    rows = session.execute(_outdated_signups(session, now).limit(AT_A_TIME)).all()
    signup_ids = [row.id for row in rows]
    anonymise(session, signup_ids, now=now)
    delete_hanging_on(session, (), signup_ids)
    _forget_without_signups(session, {row.person_id for row in rows}, now=now)
    people = session.scalars(
        select(Person).where(
            Person.id.in_(_outdated_people(session, now).order_by(Person.id).limit(AT_A_TIME))
        )
    ).all()
    if people:
        forget_people(session, people, now=now)


def _count(session: Session, rows: Subquery) -> int:
    return session.scalars(select(func.count()).select_from(rows)).one()


def _outdated_signups(session: Session, now: datetime) -> Any:
    kept = timedelta(days=links.settings_of(session).signups_kept_days)
    outdated: Any = (
        select(Signup.id, Signup.person_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.person_id.is_not(None),
            Shift.ends_at < now - kept,
            ~_agreed(Signup.person_id),
        )
        .order_by(Signup.id)
    )
    return outdated


def _outdated_people(session: Session, now: datetime) -> Select[Any]:
    """Those who agreed to more, and those who never signed up, long after the last we heard."""
    settings = links.settings_of(session)
    long_ago = now - timedelta(days=settings.people_kept_days)
    recently = now - timedelta(days=settings.signups_kept_days)
    own = Signup.__table__.alias("own")
    still_fresh = (
        exists()
        .where(own.c.person_id == Person.id, Shift.id == own.c.shift_id)
        .where((own.c.created_at >= long_ago) | (Shift.ends_at >= recently))
    )
    return select(Person.id).where(
        Person.created_at < long_ago, Person.merged_into.is_(None), ~still_fresh
    )


def _agreed(person_id: Any) -> Any:
    other = Signup.__table__.alias("other")
    return exists().where(
        other.c.person_id == person_id,
        Consent.signup_id == other.c.id,
        Consent.purpose.in_(FURTHER),
        ~is_withdrawn(),
    )


def _forget_without_signups(
    session: Session, person_ids: Collection[int], *, now: datetime
) -> None:
    left = select(Signup.person_id).where(Signup.person_id.in_(person_ids))
    gone = select(Person).where(Person.id.in_(person_ids), Person.id.not_in(left))
    people = session.scalars(gone.order_by(Person.id)).all()
    if people:
        forget_people(session, people, now=now)
