"""A database of notifications that knows an event, and its mailbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.database import Database

from .making import published, receive


@pytest.fixture
def db(database_of: Callable[[str], Database]) -> Database:
    """Return a fresh database in which the event with its shift is known."""
    database = database_of("notifications")
    receive(database, published())
    return database
