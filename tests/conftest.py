"""What all tests share: migrated databases of either kind, and waiting with a deadline."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import hypothesis
import pytest

from shared import migrations
from tests.databases import DatabaseOfTests, Databases, Files
from tests.eventually import eventually as wait_until

pytest_plugins = ["tests.containers"]

DatabaseOf = Callable[[str], DatabaseOfTests]
ON_POSTGRES = pytest.param("postgresql", marks=pytest.mark.containers)

# No deadline, as a busy machine is no mistake in the code. The same examples each time in CI, new
# ones everywhere else.
hypothesis.settings.register_profile(
    "muster", deadline=None, derandomize=os.environ.get("CI", "").lower() == "true"
)
hypothesis.settings.load_profile("muster")


@pytest.fixture(scope="session")
def eventually() -> Callable[..., object]:
    """Return the function of tests/eventually.py."""
    return wait_until


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives a service's migrated SQLite file, made once a session."""
    folder = tmp_path_factory.mktemp("templates")

    def template(service: str) -> Path:
        path = folder / f"{service}.sqlite"
        if not path.exists():
            migrations.migrate(f"sqlite:///{path}", service)
        return path

    return template


@pytest.fixture(scope="session")
def postgres_databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Return the PostgreSQL databases that tests share, one after the other."""
    databases = Databases(request.getfixturevalue("postgres_url"))
    yield databases
    databases.drop_all()


@pytest.fixture(scope="session")
def sqlite_files(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[str], Path]
) -> Files:
    """Return the SQLite databases that tests share, one after the other."""
    return Files(tmp_path_factory.mktemp("databases"), sqlite_template)


@pytest.fixture
def sqlite_database_of(sqlite_files: Files) -> Iterator[DatabaseOf]:
    """Return a function that opens a fresh, migrated SQLite database of a service."""
    with taking_from(sqlite_files) as database_of:
        yield database_of


@pytest.fixture
def postgres_database_of(postgres_databases: Databases) -> Iterator[DatabaseOf]:
    """Return a function that opens an empty, migrated PostgreSQL database of a service."""
    with taking_from(postgres_databases) as database_of:
        yield database_of


@contextmanager
def taking_from(databases: Files | Databases) -> Iterator[DatabaseOf]:
    """Let a test take databases, which are given back when it is over."""
    with ExitStack() as taken:

        def database_of(service: str) -> DatabaseOfTests:
            db = databases.take(service)
            taken.callback(databases.give_back, service, db)
            return db

        yield database_of


@pytest.fixture(params=["sqlite", ON_POSTGRES])
def database_of(request: pytest.FixtureRequest) -> DatabaseOf:
    """Return a function that opens a fresh, migrated database: `database_of("events")`.

    Each test that asks for it runs on SQLite and, among the container tests, on PostgreSQL.
    """
    kind = "postgres" if request.param == "postgresql" else "sqlite"
    opener: DatabaseOf = request.getfixturevalue(f"{kind}_database_of")
    return opener
