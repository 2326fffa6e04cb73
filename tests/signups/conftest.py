"""What the tests of the signups service share: its database, a session, and a client of its app."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from services.signups.app import create_app
from shared.database import Database
from tests.apps import app_on
from tests.entering import give_token, with_token
from tests.signups.making import make_settings


@pytest.fixture
def db(database_of: Callable[[str], Database]) -> Database:
    """Return a fresh database of the service."""
    opened = database_of("signups")
    opened.info["settings"] = make_settings(opened.url)
    return opened


@pytest.fixture
def session(db: Database) -> Iterator[Session]:
    """Return a session that may write; what it wrote is thrown away."""
    with db.writing() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def app(db: Database) -> Flask:
    """Return the web application on that database."""
    give_token(db)
    return app_on(create_app, db.info["settings"], db)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Return somebody without any right."""
    return app.test_client()


@pytest.fixture
def program(app: Flask) -> FlaskClient:
    """Return a program that holds the token."""
    return with_token(app)
