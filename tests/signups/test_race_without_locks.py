"""What the locks are for: with them nobody comes in between, and without them each race is lost.

One looks at what there is; before anything is written, another one does all of their work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from services.signups import operations
from services.signups.models import Shift, Signup
from services.signups.operations import offers, places, switching, totals, transferring
from shared.database import Database, is_deadlock, is_lock_timeout
from tests.conftest import DatabaseOf
from tests.signups import making
from tests.signups.test_machine_catches import replace
from tests.signups.test_race import changing, freely, signing_up, tokens
from tests.signups.test_race_changes import acting, claim_link, end_of_offer, offered
from tests.signups.visiting import Look, open_shift

pytestmark = [pytest.mark.containers, pytest.mark.timeout(120)]

Patch = pytest.MonkeyPatch
Work = Callable[[], Any]


@pytest.fixture
def db(postgres_database_of: DatabaseOf) -> Database:
    """Return a fresh PostgreSQL database without limits for one address."""
    return freely(postgres_database_of("signups"))


@pytest.fixture(params=["with locks", "without locks"])
def locked(request: pytest.FixtureRequest, monkeypatch: Patch) -> bool:
    """Tell whether the operations lock a shift as they do, or only look at it."""

    def look_only(session: Session, shift_id: int) -> Shift:
        seen = select(Shift).where(Shift.id == shift_id)
        return session.scalars(seen.execution_options(populate_existing=True)).one()

    if request.param == "without locks":
        replace(monkeypatch, totals.lock, look_only)
    return bool(request.param == "with locks")


def honestly(work: Work) -> str:
    """Do what the edge would answer 503 to, or try again, and say so."""
    try:
        return str(work())
    except DBAPIError as error:
        if is_deadlock(error):
            return "deadlock"
        if is_lock_timeout(error):
            return "has to wait"
        raise


def come_between(patch: Patch, module: Any, name: str, other: Work) -> list[str]:
    """Have another thread do its work when `name` is called first; return what comes of it."""
    real = getattr(module, name)
    answers: list[str] = []

    def late(*given: Any, **named: Any) -> Any:
        if not begun.is_set():
            begun.set()
            with ThreadPoolExecutor(1) as pool:
                answers.append(pool.submit(honestly, other).result(30))
        return real(*given, **named)

    begun = threading.Event()
    patch.setattr(module, name, late)
    return answers


def know(db: Database) -> None:
    """Have everybody pressed a button before: it writes nothing that another would wait for."""
    with db.writing() as session:
        session.execute(update(Signup).values(verified_at=db.now(session)))


def do(db: Database, what: Callable[..., Any], *given: Any) -> Work:
    return acting(db, lambda session, now: what(session, *given, now=now))


def test_an_offer_ends_while_somebody_says_yes(
    db: Database, monkeypatch: Patch, locked: bool
) -> None:
    shift, ben = offered(db, "Ben", "Cleo")
    know(db)
    until = end_of_offer(db, shift, "Ben")
    end = acting(db, lambda session, _now: operations.fill_all(session, until))
    ended = come_between(monkeypatch, offers, "place_held", end)

    def accept(session: Session, _now: datetime) -> str:
        return operations.accept_offer(session, ben, now=until - timedelta(seconds=1))

    assert acting(db, accept)() == "placed"

    assert ended == (["has to wait"] if locked else ["None"])
    assert_kept(db, locked, shift, ["Ben placed", "Cleo waiting"])


def test_somebody_cancels_while_they_say_yes(
    db: Database, monkeypatch: Patch, locked: bool
) -> None:
    shift, ben = offered(db, "Ben", "Cleo")
    know(db)
    cancelled = come_between(
        monkeypatch, offers, "place_held", do(db, operations.cancel_signup, ben)
    )

    assert do(db, operations.accept_offer, ben)() == "placed"

    assert cancelled == (["has to wait"] if locked else ["None"])
    assert_kept(db, locked, shift, ["Ben placed", "Cleo waiting"])


def test_somebody_cancels_twice(db: Database, monkeypatch: Patch, locked: bool) -> None:
    shift = open_shift(db, capacity=4)
    for name, party in (("Zoe", 2), ("Ada", 2)):
        signing_up(db, shift, name, party=party)()
    know(db)
    ada = tokens(db, shift, "placed")[1]
    again = come_between(monkeypatch, places, "end", do(db, operations.cancel_signup, ada))

    do(db, operations.cancel_signup, ada)()

    assert again == (["has to wait"] if locked else ["None"])
    assert_kept(db, locked, shift, ["Ada cancelled"])


def test_a_claim_link_is_used_while_it_is_used(
    db: Database, monkeypatch: Patch, locked: bool
) -> None:
    shift, claim = passing_on(db)
    other = do(db, operations.claim_place, claim, making.details("Gus"))
    used = come_between(monkeypatch, transferring, "find_live_signup", other)

    do(db, operations.claim_place, claim, making.details("Finn"))()

    assert "has to wait" in used if locked else used[0].startswith("Receipt")
    assert_kept(db, locked, shift, ["Wilma waiting", "Finn placed"])


def test_the_holder_cancels_while_a_friend_takes_the_place(
    db: Database, monkeypatch: Patch, locked: bool
) -> None:
    shift, claim = passing_on(db)
    (ada,) = tokens(db, shift, "placed")
    cancelled = come_between(
        monkeypatch, transferring, "find_live_signup", do(db, operations.cancel_signup, ada)
    )

    do(db, operations.claim_place, claim, making.details("Finn"))()

    assert cancelled == (["has to wait"] if locked else ["None"])
    assert_kept(db, locked, shift, ["Wilma waiting", "Finn placed"])


def passing_on(db: Database) -> tuple[int, str]:
    """Return a full shift for which somebody waits, and the claim link of who has the place."""
    shift = open_shift(db, capacity=1)
    for name in ("Ada", "Wilma"):
        signing_up(db, shift, name)()
    claim = claim_link(db, shift)
    know(db)
    return shift, claim


def assert_kept(db: Database, locked: bool, shift: int, ranks: list[str]) -> None:
    """With locks all but the first are as `ranks` has it; without them a promise is broken."""
    look = Look(db)
    assert (look.violations() == []) is locked, look.ranks(shift)
    if locked:
        assert look.ranks(shift)[1:] == ranks


def test_the_capacity_sinks_between_a_look_and_a_write(db: Database, monkeypatch: Patch) -> None:
    """One statement looks and writes; as two, only the ledger is left to refuse the place."""
    shift = open_shift(db, capacity=2)
    signing_up(db, shift, "Ada")()

    def look_then_write(session: Session, shift_id: int, *, party: int, now: datetime) -> Any:
        seen = session.get_one(Shift, shift_id)
        assert seen.taken + party <= (seen.capacity or 0)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(changing(db, shift, capacity=1)).result(30)
        return totals.change(session, shift_id, taken=party, waiting=0, now=now)

    with monkeypatch.context() as patch:
        patch.setattr(places, "_take", look_then_write)
        with pytest.raises(IntegrityError):
            signing_up(db, shift, "Ben")()

    assert signing_up(db, shift, "Ben")() == "waiting"
    assert Look(db).totals(shift) == (1, 1)


@pytest.mark.parametrize("in_order", [True, False], ids=["in order", "as they come"])
def test_two_switch_crosswise(db: Database, monkeypatch: Patch, in_order: bool) -> None:
    one, other = open_shift(db, capacity=2), open_shift(db, capacity=2)
    signing_up(db, one, "Ada")()
    signing_up(db, other, "Ben")()
    know(db)
    if not in_order:
        monkeypatch.setattr(switching, "sorted", tuple, raising=False)
    both, real = threading.Barrier(2), places.lock

    def lock(session: Session, shift_id: int) -> Shift:
        locked = real(session, shift_id)
        with suppress(threading.BrokenBarrierError):
            # In order the other one cannot come; else it does, and after that nobody waits here.
            both.wait(0.5 if in_order else 10)
            both.abort()
        return locked

    monkeypatch.setattr(places, "lock", lock)

    def switching_to(to: int, token: str) -> Work:
        return acting(db, lambda s, now: operations.switch(s, token, to, now=now).state)

    crosswise = [
        switching_to(other, *tokens(db, one, "placed")),
        switching_to(one, *tokens(db, other, "placed")),
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(honestly, crosswise))

    assert ("deadlock" in answers) is not in_order, answers
    assert Look(db).violations() == []
    if in_order:
        assert Look(db).ranks(one) == ["Ada cancelled", "Ben placed"]
        assert Look(db).ranks(other) == ["Ben cancelled", "Ada placed"]
