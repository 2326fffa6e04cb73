"""Owners who act in the same moment, and against the clock: one is first, the other sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.signups import links, operations
from services.signups.models import Event
from shared.database import Database
from shared.refusals import Refusal
from tests.conftest import DatabaseOf
from tests.signups import making
from tests.signups.test_race import (
    at_once,
    cancelling,
    crowd,
    freely,
    signing_up,
    tokens,
)
from tests.signups.visiting import Look, open_shift

pytestmark = pytest.mark.timeout(120)
ROUNDS = 12


@pytest.fixture
def db(database_of: DatabaseOf) -> Database:
    """Return a fresh database without limits for one address."""
    return freely(database_of("signups"))


def acting(db: Database, act: Callable[[Session, datetime], Any]) -> Callable[[], str]:
    """Return work that does one thing in a transaction, and says what came of it."""

    def work() -> str:
        try:
            with db.writing() as session:
                return str(act(session, db.now(session)))
        except Refusal as refusal:
            return type(refusal).__name__

    return work


def open_offering(db: Database, capacity: int = 1) -> int:
    """Let the service hear of a shift that asks before it gives a place."""
    shift = open_shift(db, capacity=capacity)
    with db.writing() as session:
        session.execute(update(Event).values(promotion="offers"))
    return shift


def offered(db: Database, *waiting: str) -> tuple[int, str]:
    """Return a shift whose only place is offered to the first who waits, and their token."""
    shift = open_offering(db)
    for name in ("Ada", *waiting):
        signing_up(db, shift, name)()
    cancelling(db, tokens(db, shift, "placed")[0])()
    (token,) = tokens(db, shift, "offered")
    return shift, token


def end_of_offer(db: Database, shift: int, name: str) -> datetime:
    with db.reading() as session:
        until = making.signup_of(session, shift, name).offer_until
        assert until is not None
        return until


def test_a_yes_against_the_end_of_the_offer_gives_the_place_to_one(db: Database) -> None:
    seen = set()
    for _ in range(ROUNDS):
        shift, ben = offered(db, "Ben", "Cleo")
        until = end_of_offer(db, shift, "Ben")

        def accept(session: Session, _now: datetime, ben: str = ben, at: datetime = until) -> str:
            return operations.accept_offer(session, ben, now=at - timedelta(seconds=1))

        def sweep(session: Session, _now: datetime, at: datetime = until) -> None:
            operations.fill_all(session, at)

        at_once([acting(db, accept), acting(db, sweep)])
        look = Look(db)
        seen.add(tuple(look.ranks(shift)[1:]))
        assert look.totals(shift) == (1, 1)
        with db.reading() as session:
            assert making.violations(session, now=until) == []
    first_yes, first_end = ("Ben placed", "Cleo waiting"), ("Ben waiting", "Cleo offered")
    assert seen <= {first_yes, first_end}


def test_cancelling_against_a_yes_leaves_one_of_them(db: Database) -> None:
    for _ in range(ROUNDS):
        shift, ben = offered(db, "Ben", "Cleo")
        accepting = acting(db, lambda s, now, ben=ben: operations.accept_offer(s, ben, now=now))  # type: ignore[misc]
        at_once([accepting, cancelling(db, ben)])
        look = Look(db)
        # A yes after the end is too late: whoever has cancelled has said no.
        assert look.ranks(shift)[1:] == ["Ben cancelled", "Cleo offered"]
        assert look.violations() == []


def test_a_yes_against_a_no_leaves_one_of_them(db: Database) -> None:
    for _ in range(ROUNDS):
        shift, ben = offered(db, "Ben", "Cleo")
        accepting = acting(db, lambda s, now, ben=ben: operations.accept_offer(s, ben, now=now))  # type: ignore[misc]
        declining = acting(db, lambda s, now, ben=ben: operations.decline_offer(s, ben, now=now))  # type: ignore[misc]
        at_once([accepting, declining])
        look = Look(db)
        assert look.ranks(shift)[1:] == ["Ben declined", "Cleo offered"]
        assert look.violations() == []


def test_two_who_change_places_crosswise_do_not_wait_in_a_circle(db: Database) -> None:
    one, other = open_shift(db, capacity=2), open_shift(db, capacity=2)
    for name in ("Ada", "Ben"):
        signing_up(db, one, name)()
    for name in ("Cleo", "Dev"):
        signing_up(db, other, name)()
    there = dict.fromkeys(tokens(db, one, "placed"), other)
    back = dict.fromkeys(tokens(db, other, "placed"), one)

    def switching(token: str, to: int) -> Callable[[], str]:
        return acting(db, lambda s, now: operations.switch(s, token, to, now=now).state)

    at_once([switching(token, to) for token, to in (there | back).items()])
    look = Look(db)
    # Whoever came first waits there and keeps the own place, until the others leave theirs.
    live = Counter(rank.split()[1] for shift in (one, other) for rank in look.ranks(shift))
    assert live["placed"] == 4
    assert live["waiting"] + live["cancelled"] == 4
    assert look.totals(one)[0] == look.totals(other)[0] == 2
    assert look.violations() == []


def test_many_who_switch_at_once_oversell_nothing(db: Database) -> None:
    one, other = open_shift(db, capacity=20), open_shift(db, capacity=6)
    for work in crowd(db, one, 20):
        work()
    mine = tokens(db, one, "placed")
    answers = at_once(
        [
            acting(db, lambda s, now, t=t: operations.switch(s, t, other, now=now).state)
            for t in mine
        ]  # type: ignore[misc]
    )
    look = Look(db)
    assert Counter(answers) == {"placed": 6, "waiting": 14}
    assert look.totals(other) == (6, 14)
    assert look.totals(one) == (14, 0)
    assert look.violations() == []


def claim_link(db: Database, shift: int) -> str:
    """Return the last piece of a claim link that Ada has made."""
    with db.writing() as session:
        now = db.now(session)
        ada = making.signup_of(session, shift, "Ada")
        operations.open_transfer(session, making.token_of(session, ada), now=now)
        ada = making.signup_of(session, shift, "Ada")
        return links.claim_link(session, ada.id, ada.transfer_number).rsplit("/", 1)[1]


def test_a_claim_link_used_by_many_at_once_has_one_guest(db: Database) -> None:
    shift = open_shift(db, capacity=1)
    for name in ("Ada", "Wilma"):
        signing_up(db, shift, name)()
    claim = claim_link(db, shift)

    def claiming(name: str) -> Callable[[], str]:
        typed = making.details(name)
        return acting(db, lambda s, now: operations.claim_place(s, claim, typed, now=now).state)

    answers = Counter(at_once([claiming(f"Friend{number}") for number in range(8)]))
    look = Look(db)
    assert answers == {"placed": 1, "PlaceIsTaken": 7}
    assert look.totals(shift) == (1, 1)
    assert sum(rank.endswith("placed") for rank in look.ranks(shift)) == 1
    assert look.violations() == []


def test_a_claim_against_cancelling_leaves_one_of_them(db: Database) -> None:
    for _ in range(ROUNDS):
        shift = open_shift(db, capacity=1)
        for name in ("Ada", "Wilma"):
            signing_up(db, shift, name)()
        claim, (ada,) = claim_link(db, shift), tokens(db, shift, "placed")
        typed = making.details("Friend")
        claiming = acting(
            db,
            lambda s, now, c=claim, t=typed: operations.claim_place(s, c, t, now=now).state,  # type: ignore[misc]
        )
        (answer, _) = at_once([claiming, cancelling(db, ada)])
        look = Look(db)
        came = ["Ada transferred", "Wilma waiting", "Friend placed"]
        assert look.ranks(shift) == (
            came if answer == "placed" else ["Ada cancelled", "Wilma placed"]
        )
        assert look.violations() == []
