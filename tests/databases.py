"""Databases for tests: made once, emptied after each test, and used again.

Making and dropping a database of PostgreSQL takes twenty times as long as emptying it, and each
engine of SQLAlchemy compiles every statement anew. One whose tables a test has changed is dropped
nevertheless.
"""

from __future__ import annotations

import itertools
import shutil
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url

from shared import migrations
from shared.database import Database

TABLES = """
SELECT format('%I', tablename) FROM pg_tables
WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1
"""
SHAPE = """
SELECT x FROM (
  SELECT format('%s %s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
  UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS parts (x) ORDER BY 1
"""
EMPTY = """
DO $$
DECLARE
  name text;
  filled boolean;
BEGIN
  -- Neither foreign keys nor triggers: everything goes.
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT format('%I', tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO filled;
    IF filled THEN
      EXECUTE 'DELETE FROM ' || name;
    END IF;
  END LOOP;
  FOR name IN SELECT format('%I', sequencename) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
  LOOP
    EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
  END LOOP;
END $$
"""
OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class DatabaseOfTests(Database):
    """A database whose clock goes as fast as the real one, and may be `behind` it."""

    behind = timedelta()

    def _begin(self, connection: Connection, *, writing: bool) -> datetime:
        return super()._begin(connection, writing=writing) - self.behind

    def set_clock(self, now: datetime) -> None:
        """Let it be `now`, so that what a test says of days holds whenever it runs."""
        self.behind = datetime.now(UTC) - now


class Files:
    """Migrated SQLite files of the services; `template` gives one with nothing in it."""

    def __init__(self, folder: Path, template: Callable[[str], Path]) -> None:
        self._folder = folder
        self._template = template
        self._numbers = itertools.count(1)
        self._free: dict[str, list[DatabaseOfTests]] = defaultdict(list)

    def take(self, service: str) -> DatabaseOfTests:
        """Return a migrated database of a service, with nothing in it."""
        if self._free[service]:
            db = self._free[service].pop()
        else:
            db = DatabaseOfTests(f"sqlite:///{self._folder}/{service}-{next(self._numbers)}.sqlite")
        # A file of its own, whatever a test left open still writes into the one before.
        for end in ("", "-wal", "-shm"):
            Path(f"{db.engine.url.database}{end}").unlink(missing_ok=True)
        shutil.copy(self._template(service), str(db.engine.url.database))
        return db

    def give_back(self, service: str, db: DatabaseOfTests) -> None:
        """Keep a database for the next test."""
        db.close()
        db.info.clear()
        db.behind = timedelta()
        self._free[service].append(db)


class Databases:
    """Migrated PostgreSQL databases; `make` gives the URL of a new, empty one by its name."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._templates: dict[str, URL] = {}
        self._shapes: dict[str, list[str]] = {}
        self._tables: dict[str, list[str]] = {}
        self._free: dict[str, list[DatabaseOfTests]] = defaultdict(list)

    def take(self, service: str) -> DatabaseOfTests:
        """Return a migrated database of a service, with nothing in it."""
        template = self._template(service)
        if self._free[service]:
            return self._free[service].pop()
        copy = template.set(database=f"{service}_{uuid.uuid4().hex[:12]}")
        with connected(server_of(copy)) as connection:
            made = f'CREATE DATABASE "{copy.database}" TEMPLATE "{template.database}"'
            connection.execute(made.encode())
        return DatabaseOfTests(copy.render_as_string(hide_password=False), pool_size=20)

    def give_back(self, service: str, db: DatabaseOfTests) -> None:
        """Empty a database for the next test, or drop it when its tables are not the same."""
        db.close()
        db.info.clear()
        db.behind = timedelta()
        url = db.engine.url
        with connected(url) as connection:
            connection.execute(OTHERS)
            wanted = self._tables[service]
            extra = [table for table in column(connection, TABLES) if table not in wanted]
            if extra:
                connection.execute(f"DROP TABLE {', '.join(extra)} CASCADE".encode())
            is_same = column(connection, SHAPE) == self._shapes[service]
            if is_same:
                connection.execute(EMPTY)
        if is_same:
            self._free[service].append(db)
        else:
            self._drop(url)

    def drop_all(self) -> None:
        """Leave nothing behind."""
        for kept in self._free.values():
            for db in kept:
                self._drop(db.engine.url)

    def _drop(self, url: URL) -> None:
        with connected(server_of(url)) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'.encode())

    def _template(self, service: str) -> URL:
        if service not in self._templates:
            address = self._make(f"template_{service}")
            migrations.migrate(address, service)
            url = self._templates[service] = make_url(address)
            with connected(url) as connection:
                self._tables[service] = column(connection, TABLES)
                self._shapes[service] = column(connection, SHAPE)
        return self._templates[service]


def server_of(url: URL) -> URL:
    return url.set(database="postgres")


def connected(url: URL) -> psycopg.Connection:
    """Open a connection whose statements each commit; it costs more than most statements."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def column(connection: psycopg.Connection, statement: str) -> list[str]:
    """Run a statement; return the first column of what it says."""
    return [row[0] for row in connection.execute(statement.encode()).fetchall()]
