"""A change and the messages that tell of it are committed together, and sent in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shared import database, outbox, wire
from shared.database import Database
from shared.messages import PlacesChanged
from shared.tables import OUTBOX
from tests.conftest import DatabaseOf
from tests.shared.making import NOON, make_places_changed


def tell(db: Database, *shift_ids: int) -> None:
    with db.writing() as session:
        outbox.tell(session, *(make_places_changed(shift_id=n) for n in shift_ids), now=NOON)


def unsent_shifts(db: Database) -> list[int]:
    with db.reading() as session:
        envelopes = outbox.unsent(session, limit=100)
    messages = [wire.unseal(envelope.body).message for envelope in envelopes]
    return [message.shift_id for message in messages if isinstance(message, PlacesChanged)]


def test_messages_are_sent_in_the_order_they_were_told(database_of: DatabaseOf) -> None:
    db = database_of("signups")

    tell(db, 3, 1)
    tell(db, 2)

    assert unsent_shifts(db) == [3, 1, 2]


def test_a_change_that_fails_tells_nobody(database_of: DatabaseOf) -> None:
    db = database_of("signups")

    def change_and_fail() -> None:
        with db.writing() as session:
            outbox.tell(session, make_places_changed(), now=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()

    assert unsent_shifts(db) == []


def test_nothing_to_tell_writes_nothing(database_of: DatabaseOf) -> None:
    db = database_of("signups")

    tell(db)

    assert unsent_shifts(db) == []


def test_what_was_sent_is_forgotten_after_a_day(database_of: DatabaseOf) -> None:
    db = database_of("signups")
    tell(db, 1, 2)
    with db.writing() as session:
        first = outbox.unsent(session, limit=1)
        outbox.mark_sent(session, [envelope.message_id for envelope in first], now=NOON)

    with db.writing() as session:
        outbox.forget_sent(session, NOON + timedelta(hours=23))
        assert session.scalar(select(func.count()).select_from(OUTBOX)) == 2
        outbox.forget_sent(session, NOON + timedelta(hours=25))

    assert unsent_shifts(db) == [2]


def test_however_many_were_sent_all_are_forgotten(
    database_of: DatabaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "DELETED_AT_A_TIME", 2)
    db = database_of("signups")
    tell(db, 1, 2, 3, 4, 5)
    with db.writing() as session:
        first = outbox.unsent(session, limit=4)
        outbox.mark_sent(session, [envelope.message_id for envelope in first], now=NOON)
        outbox.forget_sent(session, NOON + timedelta(days=2))
        assert session.scalar(select(func.count()).select_from(OUTBOX)) == 1


@pytest.mark.containers
def test_a_message_committed_late_is_not_passed_over(postgres_database_of: DatabaseOf) -> None:
    db = postgres_database_of("signups")

    with db.writing() as slow:
        outbox.tell(slow, make_places_changed(shift_id=1), now=NOON)
        tell(db, 2)
        with db.writing() as relay:
            seen = outbox.unsent(relay, limit=10)
            outbox.mark_sent(relay, [envelope.message_id for envelope in seen], now=NOON)
            highest = relay.scalar(select(func.max(OUTBOX.c.id)))

    assert unsent_shifts(db) == [1]
    with db.reading() as session:
        by_last_id = session.scalar(select(func.count()).where(OUTBOX.c.id > highest))
    assert by_last_id == 0, "asking for what comes after the last id would have lost it"
