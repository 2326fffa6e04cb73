"""`muster check` sees each broken promise, and nothing where all hold."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.signups.making import (
    NOW,
    STARTS,
    change_shift,
    make_shift,
    sign_up,
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
