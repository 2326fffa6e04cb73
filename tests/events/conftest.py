"""What the tests of the events service share: its database, a session, and clients of its app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from services.events.app import create_app
from services.events.config import Settings
from shared import migrations
from shared.database import Database
from tests.apps import app_on
from tests.conftest import ON_POSTGRES
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY, give_token, with_token


@pytest.fixture(scope="session", params=["sqlite", ON_POSTGRES])
def untouched_db(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Return one database for all tests that leave it as it was: making one takes a while."""
    url = f"sqlite:///{tmp_path_factory.mktemp('events')}/events.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")("events_untouched")
    migrations.migrate(url, "events")
    with closing(Database(url)) as db:
        yield db


@pytest.fixture
def session(untouched_db: Database) -> Iterator[Session]:
    """Return a session that may write; what it wrote is thrown away."""
    with untouched_db.writing() as opened:
        yield opened
        opened.rollback()


@pytest.fixture(scope="session")
def untouched_app(untouched_db: Database) -> Flask:
    """Return the web application where nothing was ever published."""
    give_token(untouched_db)
    return create_app(settings_on(untouched_db), untouched_db)


@pytest.fixture
def stranger(untouched_app: Flask) -> FlaskClient:
    """Return somebody without any right, where nothing was ever published."""
    return untouched_app.test_client()


@pytest.fixture
def careless(untouched_app: Flask) -> FlaskClient:
    """Return a program that holds the token and sends only what is refused."""
    return with_token(untouched_app)


@pytest.fixture
def db(database_of: Callable[[str], Database]) -> Database:
    """Return a fresh database of the service."""
    return database_of("events")


@pytest.fixture
def app(db: Database) -> Flask:
    """Return the web application on that database."""
    give_token(db)
    return app_on(create_app, settings_on(db), db)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Return somebody without any right."""
    return app.test_client()


@pytest.fixture
def program(app: Flask) -> FlaskClient:
    """Return a program that holds the token."""
    return with_token(app)


def settings_on(db: Database) -> Settings:
    """Return the settings of an installation on this database."""
    keys = {"session_key": SESSION_KEY, "session_public_key": SESSION_PUBLIC_KEY}
    return Settings(database_url=db.url, **keys)
