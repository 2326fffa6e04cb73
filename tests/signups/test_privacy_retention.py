"""People are forgotten by their age: soon after their day, or years later if they agreed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups.chores import CHORES
from services.signups.models import Consent, Person, PersonTag, Signup
from services.signups.operations import privacy
from tests.signups import making
from tests.signups.making import ENDS, NOW, STARTS, make_shift, violations


def after(days: float) -> datetime:
    """Return the time so many days after the end of the shift."""
    return ENDS + timedelta(days=days)


def names(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Person.name).order_by(Person.id)))


def test_it_is_a_chore_that_can_say_what_would_go() -> None:
    (chore,) = (chore for chore in CHORES if chore.foresee is not None)
    assert (chore.run, chore.foresee) == (privacy.forget_outdated, privacy.count_outdated)


@pytest.mark.parametrize("days,left", [(89.9, ["Ada Example"]), (90.1, [])])
def test_a_sign_up_names_somebody_for_ninety_days(
    session: Session, days: float, left: list[str]
) -> None:
    shift = make_shift(session)
    making.sign_up(session, shift, "Ada Example", phone="+447700900123")

    privacy.forget_outdated(session, after(days))

    assert names(session) == left
    (signup,) = session.scalars(select(Signup))
    assert (signup.state, bool(signup.name), bool(signup.phone)) == ("placed", *[bool(left)] * 2)
    assert making.totals(session, shift) == (1, 0)
    assert len(session.scalars(select(Consent)).all()) == len(left)
    assert violations(session, now=after(days)) == []


@pytest.mark.parametrize("purpose", ["mail", "phone"])
def test_who_agreed_to_hear_of_future_days_is_known_for_two_years(
    session: Session, purpose: str
) -> None:
    making.sign_up(session, make_shift(session), "Ada Example", agreed=(purpose,))
    person = session.scalars(select(Person)).one()
    session.add(PersonTag(person_id=person.id, tag="driver"))

    privacy.forget_outdated(session, NOW + timedelta(days=729))
    assert names(session) == ["Ada Example"]

    privacy.forget_outdated(session, NOW + timedelta(days=731))
    assert names(session) == []
    assert session.scalars(select(PersonTag)).all() == []
    assert session.scalars(select(Signup.email)).all() == [""]


def test_only_the_old_sign_ups_of_somebody_are_forgotten(session: Session) -> None:
    old = make_shift(session)
    new = make_shift(session, starts_at=STARTS + timedelta(days=80))
    making.sign_up(session, old, "Ada Example")
    making.sign_up(session, new, "Ada Example")

    privacy.forget_outdated(session, after(91))

    assert names(session) == ["Ada Example"]
    kept = session.scalars(select(Signup.name).order_by(Signup.shift_id)).all()
    assert kept == ["", "Ada Example"]


def test_who_takes_part_again_and_again_stays(session: Session) -> None:
    making.sign_up(session, make_shift(session), "Ada Example", agreed=("mail",))
    later = NOW + timedelta(days=700)
    again = make_shift(session, starts_at=later + timedelta(days=14), now=later)
    making.sign_up(session, again, "Ada Example", now=later)

    privacy.forget_outdated(session, NOW + timedelta(days=1000))

    assert names(session) == ["Ada Example"]
    assert set(session.scalars(select(Signup.name))) == {"Ada Example"}


def test_entries_merged_with_somebody_go_with_them(session: Session) -> None:
    making.sign_up(session, make_shift(session), "Ada Example")
    one = session.scalars(select(Person)).one()
    session.add(
        Person(group_id=1, email="a@mail.example", name="A", created_at=NOW, merged_into=one.id)
    )

    privacy.forget_outdated(session, after(91))

    assert names(session) == []


def test_who_was_listed_and_never_came_is_forgotten_after_two_years(session: Session) -> None:
    make_shift(session)
    session.add(Person(group_id=1, email="a@mail.example", name="A", created_at=NOW))

    privacy.forget_outdated(session, NOW + timedelta(days=729))
    assert names(session) == ["A"]
    privacy.forget_outdated(session, NOW + timedelta(days=731))
    assert names(session) == []


def test_the_dry_run_counts_and_changes_nothing(session: Session) -> None:
    making.sign_up(session, make_shift(session, capacity=9), "Ada Example")
    making.sign_up(session, 1, "Ben Example", agreed=("mail",))

    assert privacy.count_outdated(session, after(89)) == {
        "sign-ups that name somebody": 0,
        "people": 0,
    }
    assert privacy.count_outdated(session, after(91)) == {
        "sign-ups that name somebody": 1,
        "people": 1,
    }
    assert names(session) == ["Ada Example", "Ben Example"]


def test_the_periods_are_settings(session: Session) -> None:
    making.sign_up(session, make_shift(session), "Ada Example")
    session.info["settings"] = making.make_settings("sqlite://", signups_kept_days=5)

    privacy.forget_outdated(session, after(6))

    assert names(session) == []
