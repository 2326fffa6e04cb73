"""The tick for mail about future days: told once it is somebody's, and taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups import operations
from services.signups.handlers import HANDLERS
from services.signups.models import Consent
from services.signups.operations import people, privacy
from services.signups.operations.people import finding
from shared import messages
from shared.messages import ConsentGiven, ConsentRenewed, ConsentWithdrawn
from tests.signups.making import (
    ENDS,
    LATER,
    NOW,
    group_facts,
    make_event,
    make_shift,
    shift_facts,
    sign_up,
    signup_of,
    told,
)

ADA = "ada.example@mail.example"


def answer(kind: type[messages.ConsentMessage], at: datetime, **facts: Any) -> Any:
    """Return what somebody answered by a link in a mail."""
    said: dict[str, Any] = {"purpose": "mail", "subscriber_id": 4, "group_id": None}
    return kind(**said | facts, at=at, person=messages.ConsentHolder(email=ADA))


def hear(session: Session, *heard: Any) -> None:
    for message in heard:
        HANDLERS[type(message)](session, message, message.at)


def ended(session: Session, purpose: str = "mail") -> list[datetime | None]:
    """Return since when each tick holds no longer, oldest first."""
    session.expire_all()
    ticks = select(Consent).where(Consent.purpose == purpose).order_by(Consent.id)
    return [consent.ended_at for consent in session.scalars(ticks)]


def test_the_tick_for_mail_is_told_with_its_words_and_no_more_of_the_person(
    session: Session,
) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada Example", agreed=("mail", "phone"), postcode="LN2 1AA")

    (given,) = told(session, ConsentGiven)

    signup = signup_of(session, shift, "Ada Example")
    assert (given.purpose, given.group_id, given.signup_id) == ("mail", 1, signup.id)
    assert "write to me by email about days to come" in given.wording
    assert vars(given.person) == {"first_name": "Ada", "email": ADA, "postcode": "LN2 1AA"}


@pytest.mark.parametrize("agreed", [(), ("phone",)])
def test_without_the_tick_nothing_is_told(session: Session, agreed: tuple[str, ...]) -> None:
    sign_up(session, make_shift(session), agreed=agreed)

    assert told(session, ConsentGiven) == []


def test_a_tick_on_a_form_under_review_is_told_when_it_is_let_through(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Bot", agreed=("mail",), suspicion="too fast")
    assert told(session, ConsentGiven) == []

    operations.accept(session, signup_of(session, shift, "Bot").id, now=LATER)

    assert [given.at for given in told(session, ConsentGiven)] == [NOW]


def test_of_two_answers_the_later_one_counts_in_whatever_order_they_come(
    session: Session,
) -> None:
    sign_up(session, make_shift(session), agreed=("mail", "phone"))
    first, last = LATER + timedelta(hours=1), LATER + timedelta(hours=3)
    answers = (
        answer(ConsentWithdrawn, first),
        answer(ConsentRenewed, LATER + timedelta(hours=2)),
        answer(ConsentWithdrawn, last),
    )
    for heard in permutations(answers):
        attempt = session.begin_nested()
        hear(session, *heard, *heard)
        assert ended(session) == [last]
        assert ended(session, "phone") == [None]
        attempt.rollback()
    for heard in permutations(answers[:2]):
        attempt = session.begin_nested()
        hear(session, *heard)
        assert ended(session) == [None]
        attempt.rollback()


def test_a_younger_tick_stays(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, agreed=("mail",), now=LATER)

    hear(session, answer(ConsentWithdrawn, NOW))

    assert ended(session) == [None]


def test_an_answer_to_one_group_is_none_to_another(session: Session) -> None:
    for number in (1, 2):
        group = group_facts(id=number)
        make_event(session, shift_facts(id=number), id=number, group=group)
        sign_up(session, number, agreed=("mail",))
    sign_up(session, 2, "Ben Example", agreed=("mail",))

    hear(session, answer(ConsentWithdrawn, LATER, group_id=2))

    assert ended(session) == [None, LATER, None]


def test_who_took_it_back_is_not_among_those_who_agreed(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, agreed=("mail", "phone"))
    sign_up(session, shift, "Ben Example", agreed=("mail",))
    hear(session, answer(ConsentWithdrawn, LATER))

    def agreed_to(purpose: str) -> list[str]:
        found = finding.find_people(session, 1, people.Wanted(agreed=purpose), now=LATER)
        return [person.name for person in session.scalars(found)]

    assert agreed_to("mail") == ["Ben Example"]
    assert agreed_to("phone") == ["Ada Example"]
    rows = people.list_rows(session, 1, people.Wanted(), now=LATER)
    ticked = people.COLUMNS.index("agreed_to_mail")
    assert {row[1]: row[ticked] for row in rows} == {"Ada Example": False, "Ben Example": True}


def test_who_took_it_back_is_forgotten_like_those_who_never_agreed(session: Session) -> None:
    sign_up(session, make_shift(session), agreed=("mail",))
    hear(session, answer(ConsentWithdrawn, LATER))

    privacy.forget_outdated(session, ENDS + timedelta(days=91))

    assert ended(session) == []
