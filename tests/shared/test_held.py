"""What could not be digested is tried ever later, then parked; it can be replayed or dropped."""

from __future__ import annotations

import pytest

from shared import consumer, held
from shared.database import Database
from shared.refusals import NotThere, Refusal
from tests.conftest import DatabaseOf
from tests.shared.making import make_envelope
from tests.shared.working import (
    GOOD,
    Broken,
    all_due,
    always,
    effects,
    failing_with,
    held_rows,
    prepare,
)

BROKEN = failing_with(Broken(), when=always)


@pytest.fixture
def db(database_of: DatabaseOf) -> Database:
    return prepare(database_of("signups"))


def hold_one(db: Database, *, shift_id: int = 7) -> int:
    """Let a message fail; return its number among the held ones."""
    consumer.receive(db, BROKEN, [make_envelope(shift_id=shift_id).body])
    return int(held_rows(db)[-1].id)


def test_what_is_held_waits_ten_seconds_before_the_next_try(db: Database) -> None:
    hold_one(db)

    (row,) = held_rows(db)

    assert (row.due_at - row.held_at).total_seconds() == 10
    assert held.retry_due(db, GOOD) == 0
    assert effects(db) == []


def test_a_retry_that_succeeds_has_its_effect_and_forgets_the_message(db: Database) -> None:
    hold_one(db)

    with all_due(db):
        assert held.retry_due(db, GOOD) == 1

    assert effects(db) == [7]
    assert held_rows(db) == []


def test_each_failure_waits_longer_until_the_message_is_parked(db: Database) -> None:
    hold_one(db)
    states = []
    for _ in range(3):
        with all_due(db):
            held.retry_due(db, BROKEN)
        states.append((held_rows(db)[0].attempts, held_rows(db)[0].state))

    assert states == [(2, "retrying"), (3, "retrying"), (4, "parked")]
    with all_due(db):
        assert held.retry_due(db, BROKEN) == 0, "a parked message waits for people"
    assert effects(db) == []


def test_a_parked_message_is_replayed_after_the_bug_is_mended(db: Database) -> None:
    number = hold_one(db)
    for _ in range(3):
        held.retry(db, BROKEN, number)

    assert held.retry(db, GOOD, number)

    assert effects(db) == [7]
    assert held_rows(db) == []


def test_a_replay_that_fails_again_keeps_the_message(db: Database) -> None:
    number = hold_one(db)

    assert not held.retry(db, BROKEN, number)
    assert len(held_rows(db)) == 1


def test_a_message_that_was_done_meanwhile_is_not_done_again(db: Database) -> None:
    body = make_envelope(shift_id=7).body
    consumer.receive(db, BROKEN, [body])
    consumer.receive(db, GOOD, [body])

    assert held.retry(db, GOOD, int(held_rows(db)[0].id))

    assert effects(db) == [7]


def test_a_refusal_ends_the_matter_without_an_effect(db: Database) -> None:
    number = hold_one(db)

    assert held.retry(db, failing_with(Refusal("No."), when=always), number)

    assert effects(db) == []
    assert held_rows(db) == []


def test_one_that_nobody_can_read_is_parked_at_once(db: Database) -> None:
    consumer.receive(db, GOOD, [b"not json"])

    (row,) = held_rows(db)
    assert (row.state, row.name) == ("parked", "unreadable")
    assert row.reason.startswith("Undecodable")


def test_what_is_dropped_is_gone(db: Database) -> None:
    number = hold_one(db)

    with db.writing() as session:
        held.drop(session, number)

    assert held_rows(db) == []
    with db.writing() as session, pytest.raises(NotThere):
        held.drop(session, number)
