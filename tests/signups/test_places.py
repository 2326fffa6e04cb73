"""Places: given, freed and filled, each change in the ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.signups import operations
from services.signups.models import Event, LedgerEntry, Shift
from shared.messages import PlacesChanged, SignupPromoted
from tests.signups.making import (
    LATER,
    NOW,
    STARTS,
    cancel,
    change_shift,
    fill,
    forget_told,
    ledger,
    make_shift,
    news,
    ranks,
    sign_up,
    told,
    totals,
    violations,
)


def sign_up_all(session: Session, shift: int, *people: tuple[str, int]) -> None:
    for name, party in people:
        sign_up(session, shift, name, party=party)
    forget_told(session)


def test_a_freed_place_goes_to_the_first_in_line(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1), ("Cleo", 1))
    cancel(session, shift, "Ada")
    assert ranks(session, shift) == ["Ada cancelled", "Ben placed", "Cleo waiting"]
    assert news(session) == ["SignupCancelled ada", "SignupPromoted ben"]
    assert ledger(session, shift) == [1, -1, 1]


def test_a_party_that_does_not_fit_is_passed_over_and_keeps_its_rank(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 2), ("Cleo", 2), ("Dev", 1))
    cancel(session, shift, "Ada")
    assert ranks(session, shift)[2:] == ["Cleo waiting", "Dev placed"]
    cancel(session, shift, "Ben")
    assert ranks(session, shift)[2:] == ["Cleo placed", "Dev placed"]


def test_a_party_that_leaves_makes_room_for_several(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    sign_up_all(session, shift, ("Ada", 3), ("Ben", 1), ("Cleo", 2), ("Dev", 1))
    cancel(session, shift, "Ada")
    promoted = [message.person.first_name for message in told(session, SignupPromoted)]
    assert ranks(session, shift)[1:] == ["Ben placed", "Cleo placed", "Dev waiting"]
    assert len(promoted) == 2
    assert totals(session, shift) == (3, 1)


def test_somebody_who_leaves_the_list_frees_no_place(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1), ("Cleo", 1))
    cancel(session, shift, "Ben")
    assert ranks(session, shift) == ["Ada placed", "Ben cancelled", "Cleo waiting"]
    assert totals(session, shift) == (1, 1)
    assert ledger(session, shift) == [1]


def test_everybody_sees_the_totals_after_each_change(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1))
    cancel(session, shift, "Ada")
    seen = [(message.taken, message.waiting) for message in told(session, PlacesChanged)]
    assert seen == [(0, 1), (1, 0)]


def test_filling_again_changes_nothing(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1))
    before = totals(session, shift), ledger(session, shift)
    assert [fill(session, shift) for _ in range(2)] == [0, 0]
    assert (totals(session, shift), ledger(session, shift)) == before
    assert news(session) == []


def test_a_closed_shift_promotes_nobody_until_it_opens_again(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1))
    after_closing = STARTS + timedelta(minutes=5)
    cancel(session, shift, "Ada", now=after_closing)
    assert ranks(session, shift) == ["Ada cancelled", "Ben waiting"]
    assert violations(session, now=after_closing) == []
    later = STARTS + timedelta(days=3)
    change_shift(session, shift, closes_at=later, starts_at=later, now=after_closing)
    assert ranks(session, shift) == ["Ada cancelled", "Ben placed"]


def test_the_sweep_fills_what_was_left_open_and_nothing_else(session: Session) -> None:
    shift, other = make_shift(session, capacity=1), make_shift(session, capacity=1)
    for each in (shift, other):
        sign_up_all(session, each, ("Ada", 1), ("Ben", 1))
    session.connection().exec_driver_sql(f"UPDATE shifts SET capacity = 2 WHERE id = {shift}")
    assert len(violations(session)) == 1
    operations.fill_all(session, LATER)
    assert ranks(session, shift) == ["Ada placed", "Ben placed"]
    assert ranks(session, other) == ["Ada placed", "Ben waiting"]
    assert violations(session) == []


def test_a_newcomer_never_passes_somebody_who_fits(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1))
    # A place came free and the line was not served, as after a crash in an older version.
    session.connection().exec_driver_sql(f"UPDATE shifts SET capacity = 2 WHERE id = {shift}")
    sign_up(session, shift, "Cleo")
    assert ranks(session, shift) == ["Ada placed", "Ben placed", "Cleo waiting"]
    assert news(session) == ["SignupPromoted ben", "SignupWaitlisted cleo"]


def test_what_somebody_new_would_get_is_foreseen(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    assert operations.foresee(session, shift, party=3, now=NOW) == ("placed", 0)
    sign_up_all(session, shift, ("Ada", 2), ("Ben", 2))
    assert operations.foresee(session, shift, party=1, now=NOW) == ("placed", 0)
    assert operations.foresee(session, shift, party=2, now=NOW) == ("waiting", 1)


def test_the_ledger_proves_that_each_place_was_free(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1), ("Cleo", 2))
    cancel(session, shift, "Ada")
    cancel(session, shift, "Ben")
    rows = session.execute(
        select(LedgerEntry.change, LedgerEntry.taken_after, LedgerEntry.capacity_then)
    )
    assert [tuple(row) for row in rows] == [(1, 1, 2), (1, 2, 2), (-1, 1, 2), (-1, 0, 2), (2, 2, 2)]


def test_the_database_refuses_a_place_that_was_not_free(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1))
    with pytest.raises(IntegrityError):
        session.connection().exec_driver_sql(
            "INSERT INTO ledger (shift_id, signup_id, change, taken_after, capacity_then, at)"
            f" SELECT {shift}, id, 1, 2, 1, created_at FROM signups"
        )


def test_given_by_hand_a_place_is_no_newcomers_even_on_a_shift_without_limit(
    session: Session,
) -> None:
    shift = make_shift(session, capacity=1)
    sign_up_all(session, shift, ("Ada", 1), ("Ben", 1))
    session.execute(update(Event).values(promotion="by_hand"))
    session.execute(update(Shift).values(capacity=None))
    sign_up(session, shift, "Cleo")
    assert ranks(session, shift) == ["Ada placed", "Ben waiting", "Cleo waiting"]
