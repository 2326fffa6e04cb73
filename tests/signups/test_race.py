"""People who act in the same moment, as real threads: no place is given twice, nobody left out."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from services.signups import operations, rules
from services.signups.models import Shift
from services.signups.operations import places, review
from shared.database import Database, is_deadlock, is_lock_timeout
from shared.messages import SignupPlaced, SignupPromoted
from shared.refusals import NotThere
from tests.conftest import DatabaseOf
from tests.signups import making
from tests.signups.making import FREELY, make_settings
from tests.signups.visiting import Look, open_shift

THREADS = 16
PATIENCE = 45
"""Seconds after which somebody who is always told to try again gives up."""

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def db(database_of: DatabaseOf) -> Database:
    """Return a fresh database without limits for one address."""
    return freely(database_of("signups"))


@pytest.fixture
def postgres(postgres_database_of: DatabaseOf) -> Database:
    """Return a fresh PostgreSQL database without limits for one address."""
    return freely(postgres_database_of("signups"))


def freely(db: Database) -> Database:
    db.info["settings"] = make_settings(db.url, **FREELY)
    return db


def patiently(work: Callable[[], Any]) -> Any:
    """Do what the edge would answer 503 to until it is done."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except Exception as error:
            busy = is_lock_timeout(error) or is_deadlock(error)
            if not busy or time.monotonic() > deadline:
                raise


def at_once(works: Sequence[Callable[[], Any]], threads: int = THREADS) -> list[Any]:
    """Do everything by as many threads, which all start in the same moment; return the answers."""
    start = threading.Barrier(min(threads, len(works)))
    begun = threading.local()

    def run(work: Callable[[], Any]) -> Any:
        if not hasattr(begun, "yet"):
            begun.yet = True
            start.wait(10)
        return patiently(work)

    with ThreadPoolExecutor(min(threads, len(works))) as pool:
        return list(pool.map(run, works))


def signing_up(db: Database, shift: int, name: str, **typed: Any) -> Callable[[], str]:
    def work() -> str:
        with db.writing() as session:
            return making.sign_up(session, shift, name, now=db.now(session), **typed).state

    return work


def cancelling(db: Database, token: str) -> Callable[[], None]:
    def work() -> None:
        with db.writing() as session:
            operations.cancel_signup(session, token, now=db.now(session))

    return work


def changing(db: Database, shift: int, **facts: Any) -> Callable[[], None]:
    def work() -> None:
        with db.writing() as session:
            making.change_shift(session, shift, now=db.now(session), **facts)

    return work


def crowd(db: Database, shift: int, people: int) -> list[Callable[[], str]]:
    return [signing_up(db, shift, f"Person{number}") for number in range(people)]


def tokens(db: Database, shift: int, *states: str) -> list[str]:
    """Return the links of everybody in these states, by rank."""
    with db.reading() as session:
        return [
            making.token_of(session, signup)
            for signup in places.live_signups(session, shift)
            if signup.state in states
        ]


def count_then_insert(session: Any, shift_id: int, *, party: int, now: Any) -> Any:
    """Take places as one would without the conditional statement: look, then write."""
    taken = text(
        "SELECT coalesce(sum(party), 0) FROM signups WHERE shift_id = :id AND state = 'placed'"
    )
    seen = session.execute(taken, {"id": shift_id}).scalar_one()
    capacity = session.get_one(Shift, shift_id).capacity
    # What the web, the disk and the network do between the two statements in real life.
    threading.Event().wait(0.005)
    if seen + party > capacity:
        return None
    return places.change(session, shift_id, taken=party, waiting=0, now=now)


def silent(*_args: Any, **_kwargs: Any) -> None:
    """Leave out the ledger, whose constraint would notice."""


def test_two_hundred_people_get_twenty_places(db: Database) -> None:
    shift = open_shift(db, capacity=20)
    answers = Counter(at_once(crowd(db, shift, 200)))
    look = Look(db)
    assert answers == {"placed": 20, "waiting": 180}
    assert look.totals(shift) == (20, 180)
    assert Counter(rank.split()[1] for rank in look.ranks(shift)) == answers
    assert look.violations() == []


@pytest.mark.containers
def test_counting_before_inserting_gives_a_place_twice(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without the conditional statement the race is lost."""
    monkeypatch.setattr(places, "_take", count_then_insert)
    monkeypatch.setattr(places, "note", silent)
    shift = open_shift(postgres, capacity=20)
    answers = Counter(at_once(crowd(postgres, shift, 60)))
    assert answers["placed"] > 20
    assert any("ledger" in found for found in Look(postgres).violations())


def test_counting_before_inserting_loses_on_sqlite_too_without_its_write_lock(
    sqlite_database_of: DatabaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control on SQLite: who looks in one transaction and writes in the next."""
    db = freely(sqlite_database_of("signups"))
    shift = open_shift(db, capacity=1)
    looked = threading.Barrier(2)

    def look_then_write() -> None:
        with db.reading() as session:
            free = operations.foresee(session, shift, party=1, now=db.now(session))[0] == "placed"
        looked.wait(10)
        with db.writing() as session:
            if free:
                places.change(session, shift, taken=1, waiting=0, now=db.now(session))

    at_once([look_then_write, look_then_write])
    assert Look(db).totals(shift) == (2, 0)


def test_a_place_is_freed_once_by_two_who_cancel_it_at_once(db: Database) -> None:
    shift = open_shift(db, capacity=4)
    for name, party in (("Ada", 3), ("Ben", 1), ("Cleo", 3)):
        signing_up(db, shift, name, party=party)()
    (mine, _) = tokens(db, shift, "placed")
    at_once([cancelling(db, mine)] * 8)
    look = Look(db)
    assert look.ranks(shift) == ["Ada cancelled", "Ben placed", "Cleo placed"]
    assert look.totals(shift) == (4, 0)
    assert Counter(look.news())["SignupCancelled ada"] == 1
    assert look.violations() == []


def test_cancelling_against_signing_up_leaves_no_place_free_while_somebody_waits(
    db: Database,
) -> None:
    shift = open_shift(db, capacity=10)
    for work in crowd(db, shift, 14):
        work()
    leaving = [cancelling(db, token) for token in tokens(db, shift, "placed")]
    coming = [signing_up(db, shift, f"Late{number}") for number in range(10)]
    at_once([work for pair in zip(leaving, coming, strict=True) for work in pair])
    look = Look(db)
    assert look.totals(shift) == (10, 4)
    assert look.violations() == []


def test_who_waits_comes_before_who_comes_in_the_moment_a_place_is_freed(db: Database) -> None:
    shift = open_shift(db, capacity=1)
    for name in ("Ada", "Ben"):
        signing_up(db, shift, name)()
    (mine,) = tokens(db, shift, "placed")
    at_once([cancelling(db, mine), *crowd(db, shift, 8)])
    assert Look(db).ranks(shift)[:2] == ["Ada cancelled", "Ben placed"]


def test_less_capacity_against_sign_ups_never_gives_a_place_above_the_new_limit(
    db: Database,
) -> None:
    shift = open_shift(db, capacity=30)
    works: list[Callable[[], Any]] = [*crowd(db, shift, 40)]
    works.insert(10, changing(db, shift, capacity=12))
    at_once(works)
    look = Look(db)
    taken, waiting = look.totals(shift)
    assert 12 <= taken <= 30
    assert waiting == 40 - taken
    with db.reading() as session:
        late = text("SELECT count(*) FROM ledger WHERE capacity_then = 12 AND taken_after > 12")
        assert session.execute(late).scalar_one() == 0
    assert look.violations() == []


def test_more_capacity_against_sign_ups_leaves_nobody_waiting_in_vain(db: Database) -> None:
    shift = open_shift(db, capacity=5)
    works: list[Callable[[], Any]] = [*crowd(db, shift, 40)]
    works.insert(20, changing(db, shift, capacity=25))
    at_once(works)
    look = Look(db)
    assert look.totals(shift) == (25, 15)
    assert look.violations() == []


def test_parties_of_every_size_fill_a_shift_and_never_more(db: Database) -> None:
    shift = open_shift(db, capacity=20)
    works = [signing_up(db, shift, f"Person{n}", party=1 + n % 4) for n in range(48)]
    at_once(works)
    look = Look(db)
    assert look.totals(shift)[0] <= 20
    assert look.violations() == []


def test_the_same_person_at_once_gets_one_place(db: Database) -> None:
    shift = open_shift(db, capacity=20)
    answers = at_once([signing_up(db, shift, "Ada")] * 16)
    assert answers == ["placed"] * 16
    look = Look(db)
    assert look.ranks(shift) == ["Ada placed"]
    assert Counter(look.news()) == {"SignupPlaced ada": 1, "SignupRepeated ada": 15}
    assert look.violations() == []


def test_the_same_person_with_and_without_suspicion_at_once_has_one_live_sign_up(
    db: Database,
) -> None:
    shift = open_shift(db, capacity=20)
    suspicious = signing_up(db, shift, "Ada", suspicion="too fast")
    at_once([suspicious, signing_up(db, shift, "Ada")] * 2)
    assert sorted(Look(db).ranks(shift)) == ["Ada pending", "Ada pending", "Ada placed"]


def test_closing_against_signing_up_leaves_nobody_live_and_tells_everybody(db: Database) -> None:
    shift = open_shift(db, capacity=10)

    def try_to_sign_up(name: str) -> Callable[[], str]:
        def work() -> str:
            try:
                return str(signing_up(db, shift, name)())
            except rules.ShiftIsCancelled:
                return "refused"

        return work

    works: list[Callable[[], Any]] = [try_to_sign_up(f"Person{n}") for n in range(40)]
    works.insert(12, changing(db, shift, cancelled=True, reason="A storm"))
    answers = Counter(at_once(works))
    look = Look(db)
    signed_up = answers["placed"] + answers["waiting"]
    assert look.totals(shift) == (0, 0)
    assert [rank.split()[1] for rank in look.ranks(shift)] == ["closed"] * signed_up
    told = Counter(word.split()[0] for word in look.news())
    assert told["SignupClosed"] == signed_up


def test_two_who_accept_a_sign_up_at_once_give_it_one_place(db: Database) -> None:
    shift = open_shift(db, capacity=9)
    numbers = accept_at_once(db, shift)
    look = Look(db)
    assert look.totals(shift) == (numbers, 0)
    assert look.violations() == []


@pytest.mark.containers
def test_accepting_without_a_second_look_gives_a_place_twice(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the state read before the lock is trusted, and nothing else asked."""
    together = threading.Barrier(4)
    real = review._pending

    def pending(session: Any, signup_id: int) -> Any:
        if "seen" not in session.info:
            session.info["seen"] = real(session, signup_id)
            together.wait(10)
        return session.info["seen"]

    monkeypatch.setattr(review, "_pending", pending)
    monkeypatch.setattr(review, "find_live_signup", lambda *_: None)
    shift = open_shift(postgres, capacity=9)
    accept_at_once(postgres, shift, people=1)
    assert Look(postgres).violations() != []


def accept_at_once(db: Database, shift: int, people: int = 3) -> int:
    """Have each of some sign-ups under review accepted by four at once; return how many were."""
    for number in range(people):
        signing_up(db, shift, f"Person{number}", suspicion="too fast")()
    with db.reading() as session:
        pending = [signup.id for signup in operations.list_pending(session)]

    def accepting(number: int) -> Callable[[], bool]:
        def work() -> bool:
            try:
                with db.writing() as session:
                    operations.accept(session, number, now=db.now(session))
            except NotThere:
                return False
            return True

        return work

    for number in pending:
        at_once([accepting(number)] * 4)
    return len(pending)


def test_the_sweep_against_cancelling_promotes_each_person_once(db: Database) -> None:
    shift = open_shift(db, capacity=8)
    for work in crowd(db, shift, 20):
        work()

    def sweep() -> None:
        with db.writing() as session:
            operations.fill_all(session, db.now(session))

    leaving = [cancelling(db, token) for token in tokens(db, shift, "placed")]
    at_once([work for one in leaving for work in (one, sweep)])
    with db.reading() as session:
        promoted = [m.signup.id for m in making.told(session, SignupPromoted)]
        placed = [m.signup.id for m in making.told(session, SignupPlaced)]
    assert len(promoted) == len(set(promoted)) == 8
    assert not set(promoted) & set(placed)
    assert Look(db).violations() == []
