"""PostgreSQL databases for tests: made once, emptied after each test, and used again.

Making and dropping a database takes twenty times as long as emptying it. One whose tables a test
has changed is dropped nevertheless.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable

import psycopg
from sqlalchemy.engine import URL, make_url

from shared import migrations

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
OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Databases:
    """Migrated databases of the services; `make` gives the URL of a new, empty one by its name."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._templates: dict[str, URL] = {}
        self._shapes: dict[str, list[str]] = {}
        self._tables: dict[str, list[str]] = {}
        self._free: dict[str, list[URL]] = defaultdict(list)

    def take(self, service: str) -> URL:
        """Return a migrated database of a service, with nothing in it."""
        template = self._template(service)
        if self._free[service]:
            return self._free[service].pop()
        copy = template.set(database=f"{service}_{uuid.uuid4().hex[:12]}")
        execute(
            server_of(copy), f'CREATE DATABASE "{copy.database}" TEMPLATE "{template.database}"'
        )
        return copy

    def give_back(self, service: str, url: URL) -> None:
        """Empty a database for the next test, or drop it when its tables are not the same."""
        execute(url, OTHERS)
        wanted = self._tables[service]
        extra = [table for table in execute(url, TABLES) if table not in wanted]
        if extra:
            execute(url, f"DROP TABLE {', '.join(extra)} CASCADE")
        if execute(url, SHAPE) != self._shapes[service]:
            self._drop(url)
            return
        execute(url, f"TRUNCATE {', '.join(wanted)} RESTART IDENTITY CASCADE")
        self._free[service].append(url)

    def drop_all(self) -> None:
        """Leave nothing behind."""
        for urls in self._free.values():
            for url in urls:
                self._drop(url)

    def _drop(self, url: URL) -> None:
        execute(server_of(url), f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')

    def _template(self, service: str) -> URL:
        if service not in self._templates:
            address = self._make(f"template_{service}")
            migrations.migrate(address, service)
            url = self._templates[service] = make_url(address)
            self._tables[service], self._shapes[service] = execute(url, TABLES), execute(url, SHAPE)
        return self._templates[service]


def server_of(url: URL) -> URL:
    return url.set(database="postgres")


def execute(url: URL, statement: str) -> list[str]:
    """Run a statement on a connection of its own; return the first column of what it says."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return [row[0] for row in cursor.fetchall()] if cursor.description else []
