"""Whether a sign-up is somebody's first with a group is told with it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.signups.models import Event
from services.signups.operations import offers
from services.signups.operations.people import merging
from shared.messages import SignupPlaced, SignupWaitlisted

from .making import NOW, forget_told, make_shift, sign_up, signup_of, told


def firsts(session: Session) -> list[bool]:
    return [message.first for message in told(session, SignupPlaced)]


def test_a_first_sign_up_is_told_as_one_and_a_second_is_not(session: Session) -> None:
    one, other = make_shift(session), make_shift(session, event_id=2)
    sign_up(session, one)
    sign_up(session, other)
    sign_up(session, one, "Ben Example")
    assert firsts(session) == [True, False, True]


def test_the_waiting_list_tells_of_newcomers_too(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    for name in ("Ada Example", "Ben Example"):
        sign_up(session, shift, name)
    assert [message.first for message in told(session, SignupWaitlisted)] == [True]


def test_what_nobody_proved_is_no_earlier_sign_up(session: Session) -> None:
    shift, other = make_shift(session), make_shift(session, event_id=2)
    session.execute(Event.__table__.update().values(verification="strict"))
    sign_up(session, shift)
    sign_up(session, other)
    assert firsts(session) == []
    offers.confirm_hold(session, signup_of(session, other, "Ada Example"), now=NOW)
    offers.confirm_hold(session, signup_of(session, shift, "Ada Example"), now=NOW)
    assert firsts(session) == [True, False]


def test_who_was_merged_is_no_newcomer_under_the_kept_entry(session: Session) -> None:
    shift, other = make_shift(session), make_shift(session, event_id=2)
    for name in ("Ada Example", "Ben Example"):
        sign_up(session, shift, name)
    ada, ben = (signup_of(session, shift, name) for name in ("Ada Example", "Ben Example"))
    assert ada.person_id
    assert ben.person_id
    shift_of_ben = make_shift(session, event_id=3)
    ben.shift_id = shift_of_ben
    session.flush()
    merging.merge_people(session, ada.person_id, ben.person_id, by="Robin", now=NOW)
    forget_told(session)
    ada.state = "lapsed"
    session.flush()
    sign_up(session, other)
    assert firsts(session) == [False]
