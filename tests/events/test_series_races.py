"""Two workers that make the events of a series at the same moment, and what keeps them from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.events.chores import CHORES
from services.events.models import Event, Series
from services.events.operations import series as running
from services.events.operations import series_events
from services.events.operations.series_changes import changing_series
from services.events.rules.series import coming_days
from services.events.rules.series_rule import read_rule
from shared import chores
from shared.database import Database
from shared.messages import EventPublished
from tests.events.making import NOW, forget_told, make_event, told, typed_shift

TUESDAYS = "FREQ=WEEKLY;BYDAY=TU"
LATER = NOW + timedelta(weeks=3)
"""When three more events are due."""

Work = Callable[[Database], object]


def begin(db: Database) -> int:
    """Begin a weekly series whose events are made until eight weeks from NOW; return its id."""
    with db.writing() as session:
        typed = typed_shift(starts_at="2026-12-08T18:00", ends_at="2026-12-08T19:00")
        event = make_event(session, shifts=[typed])
        series = running.start_series(session, event.id, read_rule(TUESDAYS), now=NOW)
        forget_told(session)
        return series.id


@pytest.fixture
def series_id(db: Database) -> int:
    """Return a weekly series."""
    return begin(db)


def days_of(db: Database, series_id: int) -> list[date]:
    """Return the days of a series' events, one for each event."""
    with db.reading() as session:
        made = select(Event.series_day).where(Event.series_id == series_id)
        return sorted(day for day in session.scalars(made) if day)


def at_once(db: Database, *works: Work) -> None:
    """Do all at the same moment, each in a thread of its own."""
    start = threading.Barrier(len(works))

    def do(work: Work) -> None:
        start.wait()
        work(db)

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(do, work) for work in works]:
            done.result()


def expand(db: Database) -> None:
    with db.writing() as session:
        series_events.expand_all(session, LATER)


def test_of_eight_workers_at_once_one_makes_each_event(db: Database, series_id: int) -> None:
    at_once(db, *[expand] * 8)
    expand(db)
    days = days_of(db, series_id)
    assert len(days) == len(set(days)) == 9
    with db.reading() as session:
        messages = told(session)
    assert [type(message) for message in messages] == [EventPublished] * 3


def test_the_worker_s_chore_makes_them_once(db: Database, series_id: int) -> None:
    mine = [chore for chore in CHORES if chore.run is series_events.expand_all]
    today = datetime.now(UTC).date()
    at_once(db, *[lambda db: chores.do_due(db, mine)] * 4)
    days = days_of(db, series_id)
    wanted = coming_days(read_rule(TUESDAYS), date(2026, 12, 8), today)
    # Midnight may have passed meanwhile: then today's is no longer made.
    assert {day for day in wanted if day > today} <= set(days)
    assert len(days) == len(set(days))
    chores.do_due(db, mine)
    assert days_of(db, series_id) == days


def test_a_change_of_all_and_the_making_of_new_ones_do_not_miss_each_other(
    db: Database, series_id: int
) -> None:
    def rename(db: Database) -> None:
        with db.writing() as session, changing_series(session, 1, which="all", now=NOW) as event:
            event.title = "New"

    at_once(db, rename, expand)
    expand(db)
    with db.reading() as session:
        titles = select(Event.title).where(Event.series_id == series_id)
        assert set(session.scalars(titles)) == {"New"}
    assert len(days_of(db, series_id)) == 9


def test_the_database_itself_refuses_a_second_event_of_a_day(db: Database, series_id: int) -> None:
    with db.writing() as session:
        event = make_event(session)
        event.series_id, event.series_day = series_id, date(2026, 12, 15)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


# Two guards keep days single: the lock on the series, and the unique key. Without both they double.


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two workers make a series' events without locking it, after both have looked."""
    both_looked, look = threading.Barrier(2), series_events.days_made

    def look_together(session: Session, series_id: int) -> set[date]:
        found = look(session, series_id)
        both_looked.wait(10)
        return found

    def expand_unlocked(session: Session, now: datetime) -> None:
        for series in session.scalars(select(Series)).all():
            series_events.expand_series(session, series, now=now)

    monkeypatch.setattr(series_events, "days_made", look_together)
    monkeypatch.setattr(series_events, "expand_all", expand_unlocked)


@pytest.fixture
def postgres_db(postgres_database_of: Callable[[str], Database]) -> Database:
    """Return PostgreSQL, where writers do not wait for each other."""
    return postgres_database_of("events")


@pytest.mark.containers
def test_without_the_lock_the_unique_key_keeps_days_single(
    postgres_db: Database, request: pytest.FixtureRequest
) -> None:
    series_id = begin(postgres_db)
    request.getfixturevalue("without_lock")
    at_once(postgres_db, expand, expand)
    days = days_of(postgres_db, series_id)
    assert len(days) == len(set(days)) == 9


@pytest.mark.containers
def test_without_the_lock_and_the_key_days_are_doubled(
    postgres_db: Database, request: pytest.FixtureRequest
) -> None:
    """The negative control: both guards off."""
    series_id = begin(postgres_db)
    with postgres_db.writing() as session:
        session.execute(text("ALTER TABLE events DROP CONSTRAINT uq_events_series_id_series_day"))
    request.getfixturevalue("without_lock")
    at_once(postgres_db, expand, expand)
    days = days_of(postgres_db, series_id)
    assert (len(days), len(set(days))) == (12, 9)
