"""A database of notifications that knows an event, and its mailbox."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from click.testing import CliRunner

from services.notifications.config import Settings
from shared.database import Database
from tests.conftest import DatabaseOf
from tests.databases import DatabaseOfTests
from tests.entering import SESSION_PUBLIC_KEY

from .making import TODAY, make_settings, published, receive
from .reminding import changed


@pytest.fixture
def db(database_of: DatabaseOf) -> DatabaseOfTests:
    """Return a fresh database in which the event with its shift is known and a week ahead."""
    database = database_of("notifications")
    database.set_clock(TODAY)
    database.info["settings"] = make_settings(database_url=database.url)
    receive(database, published())
    return database


@pytest.fixture
def reminds(db: Database) -> Database:
    """Return a database that knows an event which reminds as usual."""
    receive(db, changed())
    return db


@pytest.fixture
def muster(db: DatabaseOfTests, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a terminal on the installation's server, where it is as late as everywhere."""
    db.behind = timedelta()
    for field in dataclasses.fields(Settings):
        monkeypatch.delenv(field.name.upper(), raising=False)
    url = db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url.replace("+psycopg", ""))
    monkeypatch.setenv("SESSION_PUBLIC_KEY", SESSION_PUBLIC_KEY)
    monkeypatch.setenv("ADDRESS_KEY", "a" * 40)
    monkeypatch.setenv("PUBLIC_URL", "https://muster.example")
    return CliRunner()
