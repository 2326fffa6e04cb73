"""`muster check` sees each broken promise, and nothing where all hold."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from services.signups.models import Shift
from services.signups.operations import find_backlog, totals
from services.signups.operations.telling import facts_of, person_of
from shared.messages import PlacesChanged, SignupPromoted
from shared.outbox import tell
from shared.tables import OUTBOX
from tests.signups.making import (
    NOW,
    STARTS,
    change_shift,
    make_shift,
    sign_up,
    signup_of,
    violations,
)


@pytest.fixture
def full(session: Session) -> int:
    """Return a shift with two places taken and one person waiting."""
    shift = make_shift(session, capacity=2)
    for name in ("Ada", "Ben", "Cleo"):
        sign_up(session, shift, name)
    return shift


def test_nothing_is_found_where_every_promise_holds(session: Session, full: int) -> None:
    make_shift(session)
    assert violations(session) == []


@pytest.mark.parametrize(
    "damage, sentence",
    [
        ("UPDATE shifts SET taken = 1", "counts 1 places as taken, its sign-ups hold 2"),
        ("UPDATE shifts SET waiting = 2", "counts 2 waiting, its list has 1"),
        ("UPDATE ledger SET change = 0 WHERE id = 1", "the ledger adds up to 1, sign-ups hold 2"),
        ("UPDATE shifts SET capacity = 3", "waits for shift 1, which has places for it"),
        ("UPDATE shifts SET capacity = NULL", "waits for shift 1, which has places for it"),
        ("UPDATE signups SET party = 2 WHERE id = 1", "counts 2 places as taken"),
        ("UPDATE signups SET state = 'cancelled' WHERE id = 3", "its list has 0"),
    ],
)
def test_a_broken_promise_is_explained(
    session: Session, full: int, damage: str, sentence: str
) -> None:
    session.execute(text(damage))
    assert any(sentence in found for found in violations(session)), violations(session)


def test_two_live_sign_ups_of_one_person_are_found(session: Session, full: int) -> None:
    session.execute(text("DROP INDEX uq_signups_live"))
    session.execute(text("UPDATE signups SET person_id = 1 WHERE id = 2"))
    assert violations(session) == ["Person 1 has more than one live sign-up for shift 1."]


def test_nobody_waits_in_vain_for_a_shift_that_has_closed(session: Session, full: int) -> None:
    session.execute(text("UPDATE shifts SET capacity = 3"))
    assert violations(session, now=STARTS) == []


def test_who_does_not_fit_does_not_hide_who_does(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    for name, party in (("Ada", 3), ("Ben", 3), ("Cleo", 1)):
        sign_up(session, shift, name, party=party, now=NOW)
    session.execute(text("UPDATE shifts SET capacity = 4"))
    assert violations(session) == ["Sign-up 3 waits for shift 1, which has places for it."]


def test_a_shift_over_its_new_limit_breaks_no_promise(session: Session, full: int) -> None:
    change_shift(session, full, capacity=1)
    assert violations(session) == []


def test_totals_that_others_were_not_told_are_found(session: Session, full: int) -> None:
    newest = text("DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox WHERE name = :name)")
    session.execute(newest, {"name": PlacesChanged.NAME})
    assert violations(session) == [
        "Shift 1 has 2 places taken and 1 waiting; the last that others were told is 2 and 0."
    ]


def test_messages_that_nobody_carries_are_found(session: Session, full: int) -> None:
    session.execute(update(OUTBOX).values(created_at=NOW))
    assert list(find_backlog(session, now=NOW + timedelta(seconds=119))) == []
    (found,) = find_backlog(session, now=NOW + timedelta(minutes=2))
    assert found.startswith("6 messages wait to be carried, the oldest since 2026-11-20T09:30")


MUCH_LATER = NOW + timedelta(hours=1)


def give_past_the_line(session: Session, shift: int, *, now: datetime = MUCH_LATER) -> None:
    """Give Dev a place for which Cleo waits."""
    sign_up(session, shift, "Dev", now=now)
    dev = signup_of(session, shift, "Dev")
    totals.turn(dev, "placed", now=now)
    session.flush()
    session.execute(update(Shift).values(capacity=3))
    given = totals.change(session, shift, taken=1, waiting=-1, now=now)
    totals.note(session, dev.id, given, change=1, now=now)
    promoted = SignupPromoted(signup=facts_of(dev, given), person=person_of(session, dev))
    tell(session, promoted, totals.places_changed(given), now=now)


def test_a_place_that_went_past_somebody_who_waits_is_found(session: Session, full: int) -> None:
    give_past_the_line(session, full)

    assert violations(session, now=MUCH_LATER) == [
        "Sign-up 4 got places of shift 1 before sign-up 3, which had waited longer and would have"
        " fitted."
    ]


@pytest.mark.parametrize(
    "excuse",
    [
        "UPDATE signups SET wish = 'not_on_the_day' WHERE id = 3",
        "UPDATE signups SET revision = 9999999999999 WHERE id = 3",
        "UPDATE shifts SET revision = 9999999999999",
        "UPDATE events SET revision = 9999999999999",
        "UPDATE events SET verification = 'strict'",
        "UPDATE ledger SET by_hand = true WHERE signup_id = 4",
    ],
)
def test_who_was_passed_for_a_reason_is_not_taken_for_wronged(
    session: Session, full: int, excuse: str
) -> None:
    give_past_the_line(session, full)

    session.execute(text(excuse))

    assert violations(session, now=MUCH_LATER) == []


def test_late_the_quickest_wrongs_nobody(session: Session, full: int) -> None:
    late = STARTS - timedelta(hours=3)
    give_past_the_line(session, full, now=late)

    assert violations(session, now=late) == []


def test_who_is_no_less_people_was_rightly_passed(session: Session, full: int) -> None:
    sign_up(session, full, "Eve", party=2)
    give_past_the_line(session, full)

    # Only Cleo, who is as few as Dev, and not Eve.
    assert [found.split()[9] for found in violations(session, now=MUCH_LATER)] == ["3,"]


@pytest.mark.parametrize("damage", ["state = 'declined'", "party = 2"])
def test_a_sign_up_that_others_know_otherwise_is_found(
    session: Session, full: int, damage: str
) -> None:
    session.execute(text(f"UPDATE signups SET {damage} WHERE id = 3"))

    assert any(
        sentence.startswith("Sign-up 3 is")
        and "the last that others were told is waiting for 1" in sentence
        for sentence in violations(session)
    )
