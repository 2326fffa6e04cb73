"""What the tests of the events service share: its database, a session, and a client of its app."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from services.events.app import create_app
from services.events.config import Settings
from shared.database import Database
from tests.events.making import TOKEN


@pytest.fixture
def db(database_of: Callable[[str], Database]) -> Database:
    """Return a fresh database of the service."""
    return database_of("events")


@pytest.fixture
def session(db: Database) -> Iterator[Session]:
    """Return a session that may write; what it wrote is thrown away."""
    with db.writing() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def app(db: Database) -> Flask:
    """Return the web application on that database."""
    settings = Settings(
        database_url=db.url,
        secret_key="s" * 40,
        api_token=TOKEN,
        public_url="http://muster.example",
    )
    return create_app(settings, db)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Return somebody without any right."""
    return app.test_client()


@pytest.fixture
def program(app: Flask) -> FlaskClient:
    """Return a program that holds the token."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client
