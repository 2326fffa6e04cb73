"""What all tests share: migrated databases of either kind, and waiting with a deadline."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import hypothesis
import pytest

from shared import migrations
from shared.database import Database
from tests.databases import Databases
from tests.eventually import eventually as wait_until

pytest_plugins = ["tests.containers"]

DatabaseOf = Callable[[str], Database]
ON_POSTGRES = pytest.param("postgresql", marks=pytest.mark.containers)
_numbers = itertools.count(1)

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


@pytest.fixture
def sqlite_database_of(
    tmp_path: Path, sqlite_template: Callable[[str], Path]
) -> Iterator[DatabaseOf]:
    """Return a function that opens a fresh, migrated SQLite database of a service."""
    with ExitStack() as opened:

        def database_of(service: str) -> Database:
            path = tmp_path / f"{service}-{next(_numbers)}.sqlite"
            shutil.copy(sqlite_template(service), path)
            return opened.enter_context(closing(Database(f"sqlite:///{path}")))

        yield database_of


@pytest.fixture
def postgres_database_of(postgres_databases: Databases) -> Iterator[DatabaseOf]:
    """Return a function that opens an empty, migrated PostgreSQL database of a service."""
    with ExitStack() as opened:

        def database_of(service: str) -> Database:
            url = postgres_databases.take(service)
            opened.callback(postgres_databases.give_back, service, url)
            address = url.render_as_string(hide_password=False)
            return opened.enter_context(closing(Database(address, pool_size=20)))

        yield database_of


@pytest.fixture(params=["sqlite", ON_POSTGRES])
def database_of(request: pytest.FixtureRequest) -> DatabaseOf:
    """Return a function that opens a fresh, migrated database: `database_of("events")`.

    Each test that asks for it runs on SQLite and, among the container tests, on PostgreSQL.
    """
    kind = "postgres" if request.param == "postgresql" else "sqlite"
    opener: DatabaseOf = request.getfixturevalue(f"{kind}_database_of")
    return opener
