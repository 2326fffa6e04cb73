"""Both databases mean the same: transactions, instants, ids, and a clock for all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from shared import migrations
from shared.columns import UtcDateTime
from shared.database import (
    Database,
    is_away,
    is_lock_timeout,
    is_unusable,
    next_revision,
)
from shared.tables import CHORES, METADATA
from tests.conftest import DatabaseOf
from tests.shared.making import NOON

SERVICES = ("events", "signups", "notifications")


def write_chore(db: Database, name: str, *, due_at: datetime = NOON) -> None:
    with db.writing() as session:
        session.execute(insert(CHORES).values(name=name, due_at=due_at))


def chores(db: Database) -> dict[str, datetime]:
    with db.reading() as session:
        return dict(session.execute(select(CHORES.c.name, CHORES.c.due_at)).all())


def test_what_was_written_is_committed_at_the_end(database_of: DatabaseOf) -> None:
    db = database_of("events")

    write_chore(db, "sweep")

    assert "sweep" in chores(db)


def test_an_error_undoes_what_was_written(database_of: DatabaseOf) -> None:
    db = database_of("events")

    def write_and_fail() -> None:
        with db.writing() as session:
            session.execute(insert(CHORES).values(name="sweep", due_at=NOON))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert chores(db) == {}


def test_a_reading_session_writes_nothing(database_of: DatabaseOf) -> None:
    db = database_of("events")

    # PostgreSQL refuses at once.
    with suppress(DBAPIError), db.reading() as session:
        session.execute(insert(CHORES).values(name="sweep", due_at=NOON))

    assert chores(db) == {}


@pytest.mark.containers
def test_what_readers_ask_again_and_again_is_parsed_once(postgres_database_of: DatabaseOf) -> None:
    db = postgres_database_of("events")

    for _ in range(10):
        chores(db)

    with db.reading() as session:
        prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("FROM chores" in statement for statement in prepared)


@pytest.mark.containers
def test_who_writes_after_a_reader_on_its_connection_can_write(
    postgres_database_of: DatabaseOf,
) -> None:
    db = postgres_database_of("events")

    chores(db)
    write_chore(db, "sweep")

    assert "sweep" in chores(db)


@pytest.mark.parametrize("hours", [-5, 0, 1])
def test_an_instant_comes_back_aware_and_in_utc(database_of: DatabaseOf, hours: int) -> None:
    db = database_of("events")
    instant = datetime(2027, 3, 28, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=hours)))

    write_chore(db, "sweep", due_at=instant)

    assert chores(db)["sweep"] == instant
    assert chores(db)["sweep"].tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        UtcDateTime().process_bind_param(datetime(2027, 3, 28), None)  # type: ignore[arg-type]


def test_the_clock_is_the_databases_and_in_utc(database_of: DatabaseOf) -> None:
    db = database_of("events")

    with db.reading() as session:
        now = db.now(session)

    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_of_many_writers_none_reads_what_another_is_about_to_change(
    sqlite_database_of: DatabaseOf,
) -> None:
    db = sqlite_database_of("events")
    write_chore(db, "count", due_at=NOON)

    def add_a_second(_: int) -> None:
        with db.writing() as session:
            due = session.execute(select(CHORES.c.due_at)).scalar_one()
            session.execute(CHORES.update().values(due_at=due + timedelta(seconds=1)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add_a_second, range(40)))

    assert chores(db)["count"] == NOON + timedelta(seconds=40)


def test_a_lock_that_is_not_to_be_had_is_told_apart(database_of: DatabaseOf) -> None:
    db = database_of("events")
    write_chore(db, "sweep")

    with db.writing() as first:
        first.execute(CHORES.update().values(due_at=NOON))
        with pytest.raises(DBAPIError) as raised:
            change_chores(db)

    assert is_lock_timeout(raised.value)
    assert not is_away(raised.value)


def change_chores(db: Database) -> None:
    with db.writing() as session:
        session.execute(CHORES.update().values(due_at=NOON))


def test_a_database_that_is_away_is_told_apart() -> None:
    db = Database("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(DBAPIError) as raised:
        change_chores(db)

    assert is_away(raised.value)
    assert not is_lock_timeout(raised.value)
    assert not db.answers()


def test_a_mistake_in_a_statement_is_no_fault_of_the_databases(database_of: DatabaseOf) -> None:
    with database_of("events").reading() as session, pytest.raises(DBAPIError) as raised:
        session.execute(text("SELECT * FROM no_such_table"))

    assert not is_unusable(raised.value)


@pytest.mark.containers
def test_a_connection_that_was_cut_at_rest_is_replaced(postgres_database_of: DatabaseOf) -> None:
    db = postgres_database_of("events")
    write_chore(db, "before")

    with closing(Database(db.url)) as other, other.reading() as session:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        session.execute(
            text(f"{others} WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )

    write_chore(db, "after")
    assert set(chores(db)) == {"before", "after"}


@pytest.mark.containers
def test_a_statement_that_runs_too_long_is_stopped(postgres_database_of: DatabaseOf) -> None:
    db, unfinished = postgres_database_of("events"), threading.Event()

    with db.reading() as session, pytest.raises(DBAPIError) as raised:
        session.execute(text("SELECT pg_sleep(30)"))
    unfinished.set()

    assert is_lock_timeout(raised.value)


@pytest.mark.parametrize(
    "current, expected",
    [(None, 1_806_148_800_000), (1, 1_806_148_800_000), (2_000_000_000_000, 2_000_000_000_001)],
)
def test_a_revision_grows_even_when_the_clock_went_back(current: int | None, expected: int) -> None:
    assert next_revision(current, NOON) == expected


@pytest.mark.parametrize("service", SERVICES)
def test_migrating_twice_changes_nothing(tmp_path: Path, service: str) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite"
    migrations.migrate(url, service)
    with closing(Database(url)) as db:
        before = inspect(db.engine).get_table_names()

        migrations.migrate(url, service)

        assert inspect(db.engine).get_table_names() == before
        assert set(METADATA.tables) <= set(before)


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_make_the_tables_that_the_code_declares(
    database_of: DatabaseOf, service: str
) -> None:
    db = database_of(service)
    found = inspect(db.engine)

    for name, table in METADATA.tables.items():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}
        indexes = {index["name"] for index in found.get_indexes(name)}
        assert {index.name for index in table.indexes} <= indexes
