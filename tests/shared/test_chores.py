"""Periodic work is done once each time, however many workers look for it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import chores
from shared.chores import Chore
from shared.database import Database
from tests.conftest import DatabaseOf
from tests.eventually import eventually


class Diary:
    """Work that notes each time it is done."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.times = 0
        self._error = error
        self._lock = threading.Lock()

    def chore(self, *, every: timedelta = timedelta(hours=1)) -> Chore:
        return Chore("water the plants", every, self._do)

    def _do(self, _session: object, _now: object) -> None:
        with self._lock:
            self.times += 1
        if self._error:
            raise self._error


def make_all_due(db: Database) -> None:
    with db.writing() as session:
        session.execute(text("UPDATE chores SET due_at = '2020-01-01 00:00:00.000000'"))


def test_a_chore_is_done_at_first_and_then_when_due(database_of: DatabaseOf) -> None:
    db, diary = database_of("signups"), Diary()

    chores.do_due(db, [diary.chore()])
    chores.do_due(db, [diary.chore()])
    assert diary.times == 1

    make_all_due(db)
    chores.do_due(db, [diary.chore()])
    assert diary.times == 2


def test_of_eight_workers_one_does_what_is_due(database_of: DatabaseOf) -> None:
    db, diary = database_of("signups"), Diary()
    chores.do_due(db, [diary.chore()])
    make_all_due(db)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: chores.do_due(db, [diary.chore()]), range(8)))

    assert diary.times == 2


def test_a_chore_that_fails_stays_due(database_of: DatabaseOf) -> None:
    db, failing, mended = database_of("signups"), Diary(error=ZeroDivisionError()), Diary()

    with pytest.raises(ZeroDivisionError):
        chores.do_due(db, [failing.chore()])
    chores.do_due(db, [mended.chore()])

    assert mended.times == 1


def test_a_chore_that_takes_too_long_keeps_no_other_from_being_done(
    database_of: DatabaseOf,
) -> None:
    db, diary = database_of("signups"), Diary()

    def take_too_long(session: Session, _now: object) -> None:
        if db.dialect == "postgresql":
            session.execute(text("SET LOCAL statement_timeout = 1"))
            session.execute(text("SELECT pg_sleep(1)"))
        with db.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=0")
            other.exec_driver_sql("DELETE FROM chores")

    slow = Chore("count the leaves", timedelta(hours=1), take_too_long)
    for _ in range(2):
        chores.do_due(db, [slow, diary.chore()])

    assert diary.times == 1
    with db.reading() as session:
        assert session.scalars(text("SELECT name FROM chores")).all() == ["water the plants"]


def test_a_worker_keeps_doing_chores_until_it_is_stopped(sqlite_database_of: DatabaseOf) -> None:
    db, diary, stop = sqlite_database_of("signups"), Diary(), threading.Event()
    chore = diary.chore(every=timedelta(0))
    worker = threading.Thread(target=chores.keep_doing, args=(db, [chore], {}, stop))

    worker.start()
    eventually(lambda: diary.times >= 2)
    stop.set()
    worker.join(10)

    assert not worker.is_alive()
