"""Each message has its effect exactly once; what fails is held alone, and stops nothing."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from shared import consumer
from shared.database import Database
from shared.refusals import NotKnownYet, Refusal
from shared.wire import Envelope
from tests.conftest import DatabaseOf
from tests.shared.making import make_envelope
from tests.shared.working import (
    GOOD,
    Broken,
    always,
    effects,
    failing_with,
    held_rows,
    prepare,
    received,
)


@pytest.fixture
def db(database_of: DatabaseOf) -> Database:
    return prepare(database_of("signups"))


def bodies_of(*envelopes: Envelope) -> list[bytes]:
    return [envelope.body for envelope in envelopes]


def test_a_batch_is_done_and_marked(db: Database) -> None:
    consumer.receive(db, GOOD, bodies_of(*(make_envelope(shift_id=n) for n in range(50))))

    assert effects(db) == list(range(50))
    assert received(db) == 50


def test_a_message_that_comes_again_has_no_second_effect(db: Database) -> None:
    envelopes = [make_envelope(shift_id=n) for n in range(20)]
    deliveries = bodies_of(*(e for e in envelopes for _ in range(5)))
    random.Random(7).shuffle(deliveries)

    for start in range(0, len(deliveries), 13):
        consumer.receive(db, GOOD, deliveries[start : start + 13])

    assert effects(db) == list(range(20))


def test_without_the_inbox_a_second_delivery_would_have_a_second_effect(db: Database) -> None:
    same = [make_envelope(shift_id=1), make_envelope(shift_id=1)]

    consumer.receive(db, GOOD, bodies_of(*same))

    assert effects(db) == [1, 1], (
        "another id is another message, so only the inbox made the difference"
    )


def test_one_that_fails_is_held_and_the_others_are_done(db: Database) -> None:
    broken = failing_with(Broken(), when=lambda message: message.shift_id == 3)

    consumer.receive(db, broken, bodies_of(*(make_envelope(shift_id=n) for n in range(6))))

    assert effects(db) == [0, 1, 2, 4, 5]
    (row,) = held_rows(db)
    assert (row.name, row.state, row.attempts) == ("places.changed.v1", "retrying", 1)
    assert row.reason.startswith("Broken")


def test_one_that_is_refused_leaves_nothing_but_its_mark(db: Database) -> None:
    refusing = failing_with(Refusal("No."), when=lambda message: message.shift_id == 3)

    consumer.receive(db, refusing, bodies_of(*(make_envelope(shift_id=n) for n in range(6))))

    assert effects(db) == [0, 1, 2, 4, 5]
    assert held_rows(db) == []
    assert received(db) == 6


def test_one_whose_facts_are_not_known_yet_is_held(db: Database) -> None:
    consumer.receive(db, failing_with(NotKnownYet(), when=always), bodies_of(make_envelope()))

    assert [row.state for row in held_rows(db)] == ["retrying"]
    assert effects(db) == []


def test_one_that_is_for_nobody_here_is_passed_over(db: Database) -> None:
    consumer.receive(db, {}, bodies_of(make_envelope()))

    assert held_rows(db) == []


def changed(**differences: Any) -> bytes:
    return json.dumps({**json.loads(make_envelope().body), **differences}).encode()


POISON = {
    "empty": b"",
    "half": b'{"id":',
    "no text": b"\xff\xfe\x00",
    "a list": b"[1]",
    "deep": b"[" * 100_000,
    "unknown name": changed(type="places.changed.v99"),
    "name with a lone surrogate": changed(type="places.\ud800"),
    "name with a NUL": changed(type="places\x00changed"),
    "name too long": changed(type="p" * 5000),
    "name a number": changed(type=7),
    "no id": changed(id=""),
    "no fields": changed(data={}),
    "field with a NUL": changed(data={"a\x00": 1}),
    "number too large": changed(
        data={"event_id": 3, "shift_id": 7, "places_revision": 1, "taken": 10**30, "waiting": 0}
    ),
}


@pytest.mark.parametrize("body", POISON.values(), ids=POISON)
def test_poison_is_held_and_stops_nothing(db: Database, body: bytes) -> None:
    consumer.receive(
        db, GOOD, [make_envelope(shift_id=1).body, body, make_envelope(shift_id=2).body]
    )

    assert effects(db) == [1, 2]
    assert len(held_rows(db)) == 1


def test_poison_that_comes_again_is_held_once(db: Database) -> None:
    for _ in range(3):
        consumer.receive(db, GOOD, [b"{"])

    assert [row.state for row in held_rows(db)] == ["parked"]


def test_the_reason_names_no_values(db: Database) -> None:
    body = changed(data={"event_id": "zoe@people.example", "shift_id": 7})

    consumer.receive(db, GOOD, [body])

    assert "zoe" not in held_rows(db)[0].reason


@pytest.mark.parametrize("handlers", [GOOD, {}], ids=["work", "no work"])
def test_while_the_database_is_away_nothing_counts_as_received(handlers: Any) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(consumer.DatabaseAway):
        consumer.receive(away, handlers, [make_envelope().body])
