"""A newcomer stays one, to be welcomed and greeted, when their first sign-up ends or only waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services.notifications.operations import newcomers, sending
from services.notifications.rules.truth import ENDED
from shared import messages
from shared.database import Database

from .making import (
    NOW,
    STARTS,
    cancelled,
    closed,
    make_event,
    make_group,
    make_shift,
    make_signup,
    placed,
    promoted,
    published,
    receive,
    waitlisted,
)
from .reading import kept_in, notice_in, notices_in
from .test_erasing import erased
from .test_newcomers import (
    BEN,
    console_of,
    first_time,
    let_wait,
    newcomers_in,
    own_group,
    welcomed_about,
    with_contact,
)

LATER_SHIFT = make_shift(
    id=6,
    place="Guildhall",
    starts_at=STARTS + timedelta(hours=4),
    ends_at=STARTS + timedelta(hours=6),
)
OTHER: dict[str, Any] = {"id": 10, "shift_id": 6}
PAGE = "/organise/notices/groups/1/newcomers"
NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def shifts(db: Database) -> None:
    """Let the event have a second shift."""
    receive(db, published(make_event(make_shift(), LATER_SHIFT, revision=2)))


def switched(**facts: Any) -> messages.SignupSwitched:
    """Return the message that somebody left their first shift for another."""
    gone = make_signup(**{"state": "cancelled", "revision": 3} | facts)
    return messages.SignupSwitched(signup=gone, person=placed().person, to_shift_id=6)


ENDINGS: dict[str, list[messages.Message]] = {
    "switched": [first_time(), placed(**OTHER), switched()],
    "cancelled and came back": [first_time(), cancelled(), placed(**OTHER)],
    "called off, with another place": [first_time(), placed(**OTHER), closed()],
    "typed in other letters": [
        first_time(),
        cancelled(),
        replace(
            placed(**OTHER),
            person=replace(placed().person, email="Ada@Posts.Example", first_name="ADA"),
        ),
    ],
}
endings = pytest.mark.parametrize("told", ENDINGS.values(), ids=ENDINGS)


@endings
def test_whose_first_sign_up_ended_is_still_to_be_greeted(
    db: Database, told: list[messages.Message]
) -> None:
    own_group(db)
    receive(db, *told)

    page = console_of(db).get(PAGE).text
    assert "Guildhall" in page
    with db.reading() as session:
        assert newcomers.count_open(session, 1, now=NOW) == (1, 0)
    let_wait(db, NOW, 48)
    assert welcomed_about(db) == ["Guildhall"]
    (mail,) = [mail for mail in kept_in(db) if mail.kept.recipient == "olive@fosse.example"]
    assert ": Winter action day" in mail.text


@endings
def test_whose_first_sign_up_ended_is_welcomed_once(
    db: Database, told: list[messages.Message]
) -> None:
    receive(db, *told)
    assert welcomed_about(db) == ["Guildhall"]
    receive(db, *told, placed(id=11, shift_id=6))
    assert welcomed_about(db) == ["Guildhall"]


def test_who_has_two_places_is_welcomed_once(db: Database) -> None:
    receive(db, first_time(), placed(**OTHER))
    assert len(welcomed_about(db)) == 1
    assert len(newcomers_in(db)) == 1


def test_who_first_waits_and_has_a_place_by_another_shift_is_welcomed(db: Database) -> None:
    receive(db, replace(waitlisted(), first=True), placed(**OTHER))
    assert welcomed_about(db) == ["Guildhall"]
    assert "Guildhall" in console_of(db).get(PAGE).text

    receive(db, promoted())
    assert welcomed_about(db) == ["Guildhall"]


def test_the_place_may_be_heard_of_before_the_waiting_list(db: Database) -> None:
    receive(db, placed(**OTHER), replace(waitlisted(), first=True))
    assert welcomed_about(db) == ["Guildhall"]


def test_who_was_welcomed_and_greeted_takes_no_more_statements_than_others(db: Database) -> None:
    def statements(message: messages.SignupPlaced) -> int:
        said: list[str] = []
        note = lambda *args: said.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)
        receive(db, message)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(said)

    receive(db, first_time())
    assert welcomed_about(db) == ["Market Square"]
    with db.writing() as session:
        newcomers.mark_done(session, newcomers_in(db)[0].id, "phone", by="Robin", now=NOW)
    of_others = statements(replace(placed(id=11), person=BEN))
    assert statements(placed(**OTHER)) == of_others


def test_who_comes_back_after_the_welcome_had_no_place_is_welcomed(db: Database) -> None:
    receive(db, first_time(), cancelled())
    assert welcomed_about(db) == []
    assert notice_in(db, kind="welcome").reason == ENDED

    receive(db, placed(**OTHER))
    assert welcomed_about(db) == ["Guildhall"]


@pytest.mark.parametrize(
    "since, told", [(cancelled(), 1), (placed(id=11), 0)], ids=["came back", "was always there"]
)
def test_the_48_hours_begin_anew_for_who_had_no_sign_up_left(
    db: Database, since: messages.Message, told: int
) -> None:
    own_group(db)
    receive(db, first_time(), since)
    weeks = NOW + timedelta(days=9)
    let_wait(db, weeks, -1)
    receive(db, placed(**OTHER), placed(**OTHER), now=weeks)

    with db.reading() as session:
        assert newcomers.count_open(session, 1, now=weeks) == (1, 1 - told)
    before = len(notices_in(db, kind="newcomer_late"))
    let_wait(db, weeks, 1, 47, 49)
    assert len(notices_in(db, kind="newcomer_late")) - before == told


def test_an_old_message_begins_no_48_hours_anew(db: Database) -> None:
    receive(db, first_time(), cancelled(), placed(**OTHER))
    receive(db, placed(**OTHER), now=NOW + timedelta(days=3))
    assert newcomers_in(db)[0].since == NOW


def test_a_nearer_place_is_welcomed_earlier(db: Database) -> None:
    soon = make_shift(id=7, starts_at=NOW + timedelta(hours=6), ends_at=NOW + timedelta(hours=8))
    receive(db, published(make_event(make_shift(), soon, revision=3)))
    receive(db, first_time())
    next_morning = notice_in(db, kind="welcome").due_at
    receive(db, placed(id=10, shift_id=7))
    assert notice_in(db, kind="welcome").due_at == NOW + timedelta(hours=1)

    receive(db, placed(**OTHER), now=NOW + timedelta(minutes=30))
    due_at = notice_in(db, kind="welcome").due_at
    assert due_at == NOW + timedelta(hours=1)
    assert due_at != next_morning


def test_a_welcome_that_was_claimed_while_the_place_came_is_not_lost(db: Database) -> None:
    receive(db, replace(waitlisted(), first=True))
    with db.writing() as session:
        notice = notice_in(db, kind="welcome").id
        batch = sending.claim_due(session, sending.Way(), now=NINE)
    assert notice in batch.notice_ids

    receive(db, placed(**OTHER), now=NINE)
    with db.writing() as session:
        assert sending.begin(session, notice, batch.claim, now=NINE) is None
    assert notice_in(db, kind="welcome").state == "planned"
    assert welcomed_about(db) == ["Guildhall"]


def test_the_contact_hears_of_who_is_new_by_what_is_left_of_them(db: Database) -> None:
    with_contact(db, "off")
    receive(db, *ENDINGS["switched"])
    welcomed_about(db)

    (mail,) = [m for m in kept_in(db) if m.kept.recipient == "morwenna@elmbridge.example"]
    assert notice_in(db, kind="newcomer").state == "sent"
    assert "Guildhall" in mail.text


def test_the_daily_list_says_who_is_new_by_what_is_left_of_them(db: Database) -> None:
    with_contact(db, "daily")
    receive(db, *ENDINGS["switched"], replace(placed(id=11), person=BEN))
    welcomed_about(db)

    (mail,) = [m for m in kept_in(db) if m.kept.recipient == "morwenna@elmbridge.example"]
    assert "- Ada (new), has a place" in mail.text
    assert "- Ben, has a place" in mail.text


def test_who_was_new_on_an_earlier_list_is_not_new_on_the_next(db: Database) -> None:
    with_contact(db, "daily")
    receive(db, first_time())
    receive(db, placed(**OTHER), now=NOW + timedelta(days=2))
    welcomed_about(db)

    to_contact = [m for m in kept_in(db) if m.kept.recipient == "morwenna@elmbridge.example"]
    assert sorted("(new)" in mail.text for mail in to_contact) == [False, True]


@pytest.mark.parametrize(
    "other",
    [
        replace(placed(id=10), person=BEN),
        replace(placed(id=10), person=replace(BEN, email="ada@posts.example")),
        replace(placed(id=10, shift_id=8, event_id=4), first=True),
    ],
    ids=["somebody else", "another at their address", "of another group"],
)
def test_who_has_no_sign_up_left_is_not_to_be_greeted(
    db: Database, other: messages.SignupPlaced
) -> None:
    group = make_event(make_shift(id=8), id=4, group=make_group(id=2))
    receive(db, published(group), first_time(), other, cancelled())

    with db.reading() as session:
        assert newcomers.count_open(session, 1, now=NOW) == (0, 0)
        assert newcomers.list_newcomers(session, 1) == []
    let_wait(db, NOW, 48)
    assert newcomers_in(db)[0].late_number is None


def test_of_who_was_erased_no_newcomer_is_left_whichever_sign_up_was_shown(db: Database) -> None:
    own_group(db)
    receive(db, *ENDINGS["switched"])
    let_wait(db, NOW, 48)
    assert welcomed_about(db) == ["Guildhall"]

    receive(db, erased(signup_ids=(9, 10)))

    assert newcomers_in(db) == []
    assert notices_in(db, kind="welcome") == []
    assert kept_in(db) == []
