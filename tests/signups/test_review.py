"""Sign-ups under review: let through, dropped, or forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.signups import operations, rules
from services.signups.chores import CHORES
from services.signups.models import Consent, Person, Signup
from services.signups.operations import places
from shared.messages import SignupWaitlisted
from shared.refusals import NotThere
from tests.signups.making import (
    LATER,
    NOW,
    STARTS,
    all_told,
    change_shift,
    ledger,
    make_shift,
    news,
    ranks,
    sign_up,
    signup_of,
    told,
    totals,
    violations,
)


def pending(session: Session, shift: int, name: str = "Bot", **typed: object) -> int:
    """Sign somebody up in a way that has to be looked at; return the sign-up's number."""
    sign_up(session, shift, name, suspicion="too fast", **typed)
    return signup_of(session, shift, name).id


def test_what_waits_for_a_review_is_listed_oldest_first(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada")
    numbers = [pending(session, shift, name) for name in ("Ben", "Cleo")]
    listed = operations.list_pending(session)
    assert [(signup.id, signup.review) for signup in listed] == [
        (number, "too fast") for number in numbers
    ]


def test_an_accepted_sign_up_gets_its_place_and_its_mail_now(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    number = pending(session, shift, party=2)
    assert operations.accept(session, number, now=LATER) == "placed"
    assert news(session) == ["SignupPlaced bot"]
    assert totals(session, shift) == (2, 0)
    assert ledger(session, shift) == [2]
    assert operations.list_pending(session) == []


def test_an_accepted_sign_up_waits_when_the_shift_is_full_by_now(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    number = pending(session, shift)
    sign_up(session, shift, "Ada")
    assert operations.accept(session, number, now=LATER) == "waiting"
    (told_of,) = told(session, SignupWaitlisted)
    assert (told_of.signup.id, told_of.ahead) == (number, 0)
    assert violations(session) == []


def test_a_sign_up_is_accepted_once(session: Session) -> None:
    shift = make_shift(session)
    number = pending(session, shift)
    operations.accept(session, number, now=LATER)
    with pytest.raises(NotThere):
        operations.accept(session, number, now=LATER)
    with pytest.raises(NotThere):
        operations.drop(session, number)
    assert totals(session, shift) == (1, 0)


@pytest.mark.parametrize("number", [0, 4711])
def test_what_is_not_under_review_cannot_be_reviewed(session: Session, number: int) -> None:
    with pytest.raises(NotThere):
        operations.accept(session, number, now=LATER)
    with pytest.raises(NotThere):
        operations.drop(session, number)


def test_nobody_is_accepted_to_a_shift_that_has_closed(session: Session) -> None:
    shift = make_shift(session)
    number = pending(session, shift)
    with pytest.raises(rules.SignupsHaveClosed):
        operations.accept(session, number, now=STARTS)
    assert ranks(session, shift) == ["Bot pending"]


def test_nobody_is_accepted_to_a_shift_that_was_cancelled(session: Session) -> None:
    shift = make_shift(session)
    number = pending(session, shift)
    change_shift(session, shift, cancelled=True)
    with pytest.raises(rules.ShiftIsCancelled):
        operations.accept(session, number, now=LATER)
    assert ranks(session, shift) == ["Bot pending"]
    assert news(session) == []


def test_who_got_through_meanwhile_is_not_accepted_a_second_time(session: Session) -> None:
    shift = make_shift(session)
    number = pending(session, shift, "Ada")
    sign_up(session, shift, "Ada")
    with pytest.raises(rules.AlreadySignedUp):
        operations.accept(session, number, now=LATER)
    assert totals(session, shift) == (1, 0)


def test_a_dropped_sign_up_is_forgotten_without_a_word(session: Session) -> None:
    shift = make_shift(session)
    operations.drop(session, pending(session, shift))
    assert ranks(session, shift) == []
    assert session.scalars(select(func.count()).select_from(Consent)).one() == 0
    assert all_told(session) == []


def test_who_was_dropped_may_sign_up_again(session: Session) -> None:
    shift = make_shift(session)
    operations.drop(session, pending(session, shift, "Ada"))
    sign_up(session, shift, "Ada")
    assert ranks(session, shift) == ["Ada placed"]


def test_what_nobody_reviews_is_forgotten_after_a_week(session: Session) -> None:
    shift = make_shift(session)
    pending(session, shift, "Old", now=NOW)
    pending(session, shift, "New", now=NOW + timedelta(seconds=1))
    sign_up(session, shift, "Ada", now=NOW)
    operations.forget_unreviewed(session, NOW + timedelta(days=7, microseconds=1))
    assert ranks(session, shift) == ["New pending", "Ada placed"]
    assert session.scalars(select(func.count()).select_from(Consent)).one() == 2


def test_forgetting_filling_and_watching_are_chores() -> None:
    runs = {chore.run: chore.every for chore in CHORES}
    assert runs[operations.fill_all] == timedelta(minutes=1)
    assert runs[operations.watch_for_floods] == timedelta(minutes=1)
    assert runs[operations.forget_unreviewed] == timedelta(hours=1)


def test_a_review_keeps_the_rank_of_who_asked_first(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up(session, shift, "Ada")
    number = pending(session, shift, "Ben")
    sign_up(session, shift, "Cleo")
    operations.accept(session, number, now=LATER)
    places.end(session, signup_of(session, shift, "Ada"), state="cancelled", now=LATER)
    operations.fill(session, shift, now=LATER)
    assert session.get_one(Signup, number).state == "placed"


def test_nobody_becomes_a_person_by_a_form_under_review(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada")
    pending(session, shift, "Bot")
    assert session.scalars(select(Person.name)).all() == ["Ada"]
