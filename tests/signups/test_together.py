"""Training and campaigning of one day, signed up for with one form."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from services.signups import operations, rules
from services.signups.models import Consent, Signup
from services.signups.operations import Receipt
from services.signups.pages.sign_up import CHANGED
from shared.database import Database, is_deadlock, is_lock_timeout
from tests.signups import making
from tests.signups.making import STARTS, ranks, shift_facts, sign_up, totals
from tests.signups.test_race import freely
from tests.signups.visiting import (
    Look,
    field_error,
    filled_in,
    headline,
    receipt_of,
    signs_up,
    token_in,
)

HOUR = timedelta(hours=1)
CAMPAIGN, TRAINING, SECOND_TRAINING, ELSEWHERE = 1, 2, 3, 9
ALL = (CAMPAIGN, TRAINING, SECOND_TRAINING)


@pytest.fixture
def look(db: Database) -> Look:
    """Return what stands in the database."""
    return Look(db)


def hear_of_day(session: Session, *, training: dict[str, Any] | None = None, **facts: Any) -> None:
    """Let the service hear of a day to campaign and train, and of another group's event."""
    now = session.info["now"]
    starts = now + (STARTS - making.NOW)
    shifts = (
        shift_facts(id=CAMPAIGN, work="campaigning", needs="Doorstep basics", starts_at=starts),
        shift_facts(
            **{
                **{"id": TRAINING, "work": "training", "place": "Guildhall"},
                **{"starts_at": starts - 2 * HOUR, "capacity": 1, **(training or {})},
            }
        ),
        shift_facts(id=SECOND_TRAINING, work="training", place="Library", starts_at=starts - HOUR),
    )
    making.make_event(session, *shifts, now=now, **{"kind": "campaign_and_train", **facts})
    making.make_event(
        session,
        shift_facts(id=ELSEWHERE, work="training", starts_at=starts),
        **{"id": 2, "kind": "campaign_and_train", "group": making.group_facts(id=2)},
        now=now,
    )


@pytest.fixture
def day(db: Database) -> int:
    """Return the number of a campaigning shift whose event has two trainings."""
    with db.writing() as session:
        hear_of_day(session)
    return CAMPAIGN


def states(session: Session) -> list[list[str]]:
    return [ranks(session, shift) for shift in ALL]


def test_one_form_makes_a_sign_up_for_each_shift(session: Session) -> None:
    hear_of_day(session)

    receipt = sign_up(session, CAMPAIGN, also=(TRAINING, SECOND_TRAINING))

    assert receipt == Receipt(
        *("placed", 0, CAMPAIGN, 1),
        also=(Receipt("placed", 0, TRAINING, 1), Receipt("placed", 0, SECOND_TRAINING, 1)),
    )
    assert states(session) == [["Ada placed"]] * 3
    assert [totals(session, shift) for shift in ALL] == [(1, 0)] * 3
    assert making.news(session) == ["SignupPlaced ada"] * 3
    people = session.scalars(select(func.count(Signup.person_id.distinct()))).one()
    assert (people, session.scalars(select(func.count(Consent.id))).one()) == (1, 3)
    assert making.violations(session) == []


def test_each_is_placed_or_waits_by_itself(session: Session) -> None:
    hear_of_day(session)
    sign_up(session, TRAINING, "Ben")

    receipt = sign_up(session, CAMPAIGN, also=(TRAINING,))

    assert (receipt.state, [other.state for other in receipt.also]) == ("placed", ["waiting"])
    assert states(session)[:2] == [["Ada placed"], ["Ben placed", "Ada waiting"]]


def test_what_somebody_has_already_stays_and_the_answer_does_not_tell(session: Session) -> None:
    hear_of_day(session)
    sign_up(session, SECOND_TRAINING, "Ada")

    known = sign_up(session, CAMPAIGN, "Ada", also=(SECOND_TRAINING,))

    assert [other.state for other in known.also] == ["placed"]
    assert ranks(session, SECOND_TRAINING) == ["Ada placed"]
    assert making.news(session)[1:] == ["SignupPlaced ada", "SignupRepeated ada"]


def test_a_form_that_looks_like_a_machines_waits_for_a_review_whole(session: Session) -> None:
    hear_of_day(session)

    receipt = sign_up(session, CAMPAIGN, "Bot", suspicion="too fast", also=(TRAINING,))

    assert (receipt.state, receipt.also[0].state) == ("placed", "placed")
    assert states(session)[:2] == [["Bot pending"]] * 2
    assert making.news(session) == []


def test_each_sign_up_of_a_form_counts_for_its_address(db: Database) -> None:
    db.info["settings"] = making.make_settings(db.url, signups_per_email_hour=2)
    with db.writing() as session:
        hear_of_day(session)
        sign_up(session, CAMPAIGN, also=(TRAINING, SECOND_TRAINING))

        assert states(session) == [["Ada pending"]] * 3


@pytest.mark.parametrize(
    "change",
    [
        {"cancelled": True},
        {"closes_at": making.NOW - timedelta(days=3000)},
    ],
    ids=["cancelled", "closed"],
)
def test_all_or_none_when_another_shift_is_gone(session: Session, change: dict[str, Any]) -> None:
    hear_of_day(session, training=change)

    with pytest.raises(rules.OtherShiftIsGone):
        sign_up(session, CAMPAIGN, also=(TRAINING, SECOND_TRAINING))

    assert states(session) == [[], [], []]


@pytest.mark.parametrize("other", [ELSEWHERE, 4711])
def test_a_shift_of_another_group_or_none_is_not_taken_along(session: Session, other: int) -> None:
    hear_of_day(session)

    with pytest.raises(rules.OtherShiftIsGone):
        sign_up(session, CAMPAIGN, also=(other,))


def test_a_party_must_fit_into_each(session: Session) -> None:
    hear_of_day(session)

    with pytest.raises(rules.PartyIsTooLarge, match="One of these shifts has only one place"):
        sign_up(session, CAMPAIGN, party=2, also=(TRAINING,))


def test_a_shift_named_twice_is_taken_once(session: Session) -> None:
    hear_of_day(session)

    receipt = sign_up(session, CAMPAIGN, also=(CAMPAIGN,))

    assert (receipt.also, ranks(session, CAMPAIGN)) == ((), ["Ada placed"])


def test_the_form_of_a_campaign_offers_its_trainings(visitor: FlaskClient, day: int) -> None:
    page = visitor.get(f"/sign-up/{day}").text

    assert "Sign me up for these too" in page
    for words in ("Guildhall", "Library", "About 1 place left", "need the training"):
        assert words in page
    assert f'value="{ELSEWHERE}"' not in page
    assert " checked" not in page


def test_the_form_of_a_training_offers_campaigning(visitor: FlaskClient, day: int) -> None:
    page = visitor.get(f"/sign-up/{TRAINING}").text

    assert page.count('name="also"') == 1
    assert f'name="also" value="{CAMPAIGN}"' in page


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "action_day"},
        {"kind": "training"},
    ],
)
def test_the_form_of_another_kind_of_event_has_no_trainings_to_go_with_it(
    visitor: FlaskClient, db: Database, facts: dict[str, str]
) -> None:
    with db.writing() as session:
        hear_of_day(session, **facts)

    assert "Sign me up for these too" not in visitor.get(f"/sign-up/{CAMPAIGN}").text


def test_shifts_that_take_no_sign_ups_are_not_offered(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        hear_of_day(session, training={"cancelled": True})

    page = visitor.get(f"/sign-up/{CAMPAIGN}").text
    assert "Guildhall" not in page
    assert "Library" in page


def test_a_link_ticks_a_shift_in_advance(visitor: FlaskClient, day: int) -> None:
    page = visitor.get(f"/sign-up/{day}?with={TRAINING}").text

    assert page.count(" checked") == 1
    assert f'id="also-{TRAINING}" name="also" value="{TRAINING}" checked' in page


def test_a_link_ticks_nothing_that_is_not_offered(visitor: FlaskClient, day: int) -> None:
    assert " checked" not in visitor.get(f"/sign-up/{day}?with={ELSEWHERE}&with=x").text


def test_one_receipt_lists_all(visitor: FlaskClient, db: Database, day: int, look: Look) -> None:
    with db.writing() as session:
        sign_up(session, TRAINING, "Ben", now=session.info["now"])

    page = receipt_of(visitor, signs_up(visitor, day, also=[str(TRAINING), str(SECOND_TRAINING)]))

    assert headline(page) == "You have a place"
    assert "And these too" in page
    for words in ("Guildhall", "Library", "You are on the waiting list", "A mail for each"):
        assert words in page
    assert [look.ranks(shift)[-1] for shift in ALL] == ["Ada placed", "Ada waiting", "Ada placed"]


def test_a_form_of_several_sent_twice_is_one_with_the_first_answer(
    visitor: FlaskClient, day: int, look: Look
) -> None:
    form = {**filled_in(visitor, day), "also": [str(TRAINING)]}

    first, second = (visitor.post(f"/sign-up/{day}", data=form) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert look.news() == ["SignupPlaced ada"] * 2


def test_a_form_sent_again_with_one_shift_more_asks_once_more(
    visitor: FlaskClient, day: int, look: Look
) -> None:
    form = filled_in(visitor, day)
    visitor.post(f"/sign-up/{day}", data=form)

    other = visitor.post(f"/sign-up/{day}", data={**form, "also": [str(TRAINING)]})

    assert other.status_code == 400
    assert CHANGED in other.text
    assert look.ranks(TRAINING) == []


@pytest.mark.parametrize(
    "also, words",
    [
        ([str(ELSEWHERE)], "takes no sign-ups any more"),
        (["4711"], "takes no sign-ups any more"),
        (["x"], "Not a valid integer"),
        (["9" * 40], "no shift with such a number"),
        (["0"], "no shift with such a number"),
        ([str(number) for number in range(20, 30)], "at most 6 other shifts"),
    ],
)
def test_what_cannot_be_taken_along_is_said_and_the_form_stays_filled_in(
    visitor: FlaskClient, day: int, look: Look, also: list[str], words: str
) -> None:
    answer = signs_up(visitor, day, also=also)

    assert answer.status_code == 400
    assert words in field_error(answer.text, "also")
    assert 'href="#field-also"' in answer.text
    assert 'value="Ada Example"' in answer.text
    assert look.ranks(day) == []
    again = filled_in(visitor, day, form_token=token_in(answer.text), also=[str(TRAINING)])
    receipt_of(visitor, visitor.post(f"/sign-up/{day}", data=again))


def test_ticks_stay_when_the_form_is_shown_again(visitor: FlaskClient, day: int) -> None:
    answer = visitor.post(
        f"/sign-up/{day}?with={SECOND_TRAINING}",
        data=filled_in(visitor, day, email="", also=[str(TRAINING)]),
    )

    assert answer.status_code == 400
    assert f'value="{TRAINING}" checked' in answer.text
    assert f'value="{SECOND_TRAINING}" checked' not in answer.text


def test_a_program_signs_up_for_several(program: FlaskClient, day: int, look: Look) -> None:
    answer = program.post(
        "/api/signups",
        headers={"Idempotency-Key": "several-at-once"},
        json={
            **{"shift_id": day, "name": "Ada Example", "email": "ada@mail.example"},
            **{"consent": True, "also": [TRAINING]},
        },
    )

    assert (answer.status_code, answer.json) == (
        201,
        {
            **{"state": "placed", "ahead": 0, "shift_id": day, "party": 1},
            "also": [{"state": "placed", "ahead": 0, "shift_id": TRAINING, "party": 1}],
        },
    )
    assert look.ranks(TRAINING) == ["Ada placed"]


def test_a_program_cannot_take_along_a_shift_of_another_group(
    program: FlaskClient, day: int, look: Look
) -> None:
    answer = program.post(
        "/api/signups",
        headers={"Idempotency-Key": "one-of-others"},
        json={
            **{"shift_id": day, "name": "Ada Example", "email": "ada@mail.example"},
            **{"consent": True, "also": [ELSEWHERE]},
        },
    )

    assert answer.status_code == 409
    assert (look.ranks(day), look.ranks(ELSEWHERE)) == ([], [])


def count_statements(db: Database, work: Any) -> int:
    counted: list[str] = []

    def note(*details: Any) -> None:
        counted.append(details[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(counted)


def test_a_plain_form_asks_the_database_no_more_than_before(
    visitor: FlaskClient, db: Database, day: int
) -> None:
    with db.writing() as session:
        now = session.info["now"]
        shift = shift_facts(id=20, starts_at=now + (STARTS - making.NOW))
        making.make_event(session, shift, id=20, now=now)
        plain_id = 20
    form = filled_in(visitor, plain_id)

    plain = count_statements(db, lambda: visitor.get(f"/sign-up/{plain_id}"))
    offering = count_statements(db, lambda: visitor.get(f"/sign-up/{day}"))
    posting = count_statements(db, lambda: visitor.post(f"/sign-up/{plain_id}", data=form))

    assert offering == plain + 1
    assert posting == STATEMENTS_OF_A_SIGN_UP


STATEMENTS_OF_A_SIGN_UP = 15


def test_forms_that_name_the_same_shifts_crosswise_do_not_stop_each_other(db: Database) -> None:
    freely(db)
    with db.writing() as session:
        hear_of_day(session, training={"capacity": 9})

    def book(number: int) -> Receipt:
        first, second = (CAMPAIGN, SECOND_TRAINING)[:: 1 if number % 2 else -1]

        def once() -> Receipt:
            with db.writing() as session:
                details = making.details(f"Person{number} Example", also=(second,))
                shift = operations.find_shift(session, first)
                return operations.sign_up(session, shift, details, now=session.info["now"])

        while True:
            try:
                return once()
            except DBAPIError as error:
                # A busy database may ask to try again; two who wait for each other may not be.
                if is_deadlock(error) or not is_lock_timeout(error):
                    raise

    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(book, range(16)))

    with db.reading() as session:
        assert totals(session, CAMPAIGN) == totals(session, SECOND_TRAINING) == (2, 14)
        assert making.violations(session) == []
    assert Counter(r.state for r in receipts) == {"placed": 2, "waiting": 14}
