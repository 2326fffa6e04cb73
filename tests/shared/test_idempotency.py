"""The same key gets the first answer, however often and however much at once it is sent."""

from __future__ import annotations

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, text

from shared import idempotency
from shared.database import Database, is_lock_timeout
from shared.tables import IDEMPOTENCY_KEYS
from tests.conftest import DatabaseOf
from tests.shared.making import NOON

BODY = {"shift_id": 7, "party": 1}


class Counter:
    """Work whose every doing is counted, and that answers with its number."""

    def __init__(self) -> None:
        self.times = 0
        self._lock = threading.Lock()

    def __call__(self) -> dict[str, Any]:
        with self._lock:
            self.times += 1
            return {"number": self.times}


def post(db: Database, work: Any, *, key: str = "k1", body: object = BODY) -> dict[str, Any]:
    db.info.setdefault("settings", SimpleNamespace(secret_key="s" * 40))
    with db.writing() as session:
        return idempotency.once(session, key, body, work, now=NOON)


def test_the_second_request_gets_the_first_answer(database_of: DatabaseOf) -> None:
    db, work = database_of("signups"), Counter()

    assert post(db, work) == post(db, work) == {"number": 1}


def test_another_key_is_another_request(database_of: DatabaseOf) -> None:
    db, work = database_of("signups"), Counter()

    assert post(db, work, key="k1") != post(db, work, key="k2")


def test_another_body_under_the_same_key_is_refused(database_of: DatabaseOf) -> None:
    db, work = database_of("signups"), Counter()
    post(db, work)

    with pytest.raises(idempotency.OtherBody):
        post(db, work, body={**BODY, "party": 2})
    assert work.times == 1


def test_the_order_of_a_bodys_fields_makes_no_difference(database_of: DatabaseOf) -> None:
    db, work = database_of("signups"), Counter()

    assert post(db, work) == post(db, work, body=dict(reversed(BODY.items())))


def test_a_request_that_failed_may_be_sent_again(database_of: DatabaseOf) -> None:
    db = database_of("signups")

    with pytest.raises(ZeroDivisionError):
        post(db, lambda: {"number": 1 // 0})

    assert post(db, Counter()) == {"number": 1}


def test_fifty_at_once_do_the_work_once(database_of: DatabaseOf) -> None:
    db, work = database_of("signups"), Counter()

    def patiently(_: int) -> dict[str, Any]:
        while True:
            try:
                return post(db, work)
            except Exception as error:
                if not isinstance(error, idempotency.StillRunning) and not is_lock_timeout(error):
                    raise

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(patiently, range(50)))

    assert answers == [{"number": 1}] * 50
    assert work.times == 1


@pytest.mark.containers
def test_while_the_first_still_runs_the_second_is_told_so(postgres_database_of: DatabaseOf) -> None:
    db, running, finish = postgres_database_of("signups"), threading.Event(), threading.Event()

    def slowly() -> dict[str, Any]:
        running.set()
        finish.wait(30)
        return {"number": 1}

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(post, db, slowly)
        running.wait(10)
        with pytest.raises(idempotency.StillRunning):
            post(db, Counter())
        finish.set()
        assert first.result(10) == {"number": 1}


def test_answers_are_kept_for_a_day(database_of: DatabaseOf) -> None:
    db = database_of("signups")
    post(db, Counter())

    with db.writing() as session:
        idempotency.forget_old(session, NOON + idempotency.KEPT)
        assert session.scalar(select(func.count()).select_from(IDEMPOTENCY_KEYS)) == 1
        idempotency.forget_old(session, NOON + 2 * idempotency.KEPT)
        assert session.scalar(select(func.count()).select_from(IDEMPOTENCY_KEYS)) == 0


def test_the_key_itself_is_not_stored(database_of: DatabaseOf) -> None:
    db = database_of("signups")
    post(db, Counter(), key="192.0.2.1 secret-key")

    with db.reading() as session:
        assert "secret-key" not in str(
            session.execute(text("SELECT * FROM idempotency_keys")).all()
        )


def test_what_was_asked_is_stored_as_nobody_can_guess_it_without_the_secret(
    database_of: DatabaseOf,
) -> None:
    prints = set()
    for secret in ("s" * 40, "t" * 40):
        db = database_of("signups")
        db.info["settings"] = SimpleNamespace(secret_key=secret)
        post(db, Counter())
        with db.reading() as session:
            prints |= set(session.execute(select(IDEMPOTENCY_KEYS.c.fingerprint)).scalars())

    guessed = hashlib.sha256(json.dumps(BODY, sort_keys=True).encode()).hexdigest()
    assert len(prints) == 2
    assert guessed not in prints
