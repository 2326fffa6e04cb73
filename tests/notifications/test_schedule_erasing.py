"""Who is erased subscribes to nothing any more, and no message that comes late brings them back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notifications.operations import erasing
from services.notifications.operations.subscribers import preferring
from shared import held, wire
from shared.database import Database

from .making import NOW, receive
from .subscribing import ADA, THURSDAY, change, plan, send, subscribe, subscribers_in
from .test_erasing import erased, everything_in
from .test_subscribing import given

BEN = "ben@posts.example"


@pytest.fixture
def known(db: Database) -> Database:
    """Return a database in which two subscribed, were mailed, and took an end back."""
    for email in (ADA, BEN):
        token = subscribe(db, email, postcode="").token
        plan(db)
        send(db)
        with db.writing() as session:
            preferring.unsubscribe(session, token, now=THURSDAY)
            preferring.begin_again(session, token, now=THURSDAY)
    return db


def test_nothing_is_left_of_a_subscriber_and_others_stay(known: Database) -> None:
    assert ADA in everything_in(known)

    receive(known, erased(signup_ids=(), person_ids=(5,)))

    left = everything_in(known)
    assert ADA not in left
    assert BEN in left
    assert subscribers_in(known) == [BEN]
    assert "consent.withdrawn.v1" in left


def test_a_tick_that_comes_late_brings_nobody_back(known: Database) -> None:
    receive(known, erased())

    receive(known, given(at=NOW + timedelta(days=30)))

    assert subscribers_in(known) == [BEN]
    assert ADA not in everything_in(known)


def test_a_tick_that_could_not_be_digested_goes_too(db: Database) -> None:
    with db.writing() as session:
        body = wire.seal(given(group_id=77), now=NOW).body
        held.hold(session, body, RuntimeError("a bug"), now=NOW)

    receive(db, erased())

    assert ADA not in everything_in(db)


@pytest.mark.parametrize("minutes,left", [(0, []), (5, [ADA])], ids=["meanwhile", "afterwards"])
def test_who_slipped_in_is_forgotten_and_who_came_again_stays(
    db: Database, minutes: int, left: list[str]
) -> None:
    receive(db, erased())
    subscribe(db)
    change(db, requested_at=NOW + timedelta(minutes=minutes))

    with db.writing() as session:
        erasing.forget_who_slipped_in(session, NOW + timedelta(minutes=6))

    assert subscribers_in(db) == left
