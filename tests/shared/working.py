"""Handlers whose effects can be counted: each message of a shift's totals leaves one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from shared import held
from shared.database import Database
from shared.handlers import Handlers
from shared.messages import PlacesChanged
from shared.tables import INBOX


class Broken(Exception):
    """This handler has a bug."""


def prepare(db: Database) -> Database:
    """Make the table that the handlers write to."""
    with db.writing() as session:
        session.execute(
            text("CREATE TABLE effects (number INTEGER NOT NULL, taken BIGINT NOT NULL)")
        )
    return db


def write_effect(session: Session, message: PlacesChanged, now: datetime) -> None:
    """Leave a row."""
    row = {"number": message.shift_id, "taken": message.taken}
    session.execute(text("INSERT INTO effects VALUES (:number, :taken)"), row)


GOOD: Handlers = {PlacesChanged: write_effect}


def failing_with(error: Exception, *, when: Callable[[PlacesChanged], bool]) -> Handlers:
    """Return handlers that do their work and then fail with some messages."""

    def write_and_fail(session: Session, message: PlacesChanged, now: datetime) -> None:
        write_effect(session, message, now)
        if when(message):
            raise error

    return {PlacesChanged: write_and_fail}


def always(_: PlacesChanged) -> bool:
    return True


def effects(db: Database) -> list[int]:
    """Return the numbers of the messages whose work was done, in order."""
    with db.reading() as session:
        return sorted(session.scalars(text("SELECT number FROM effects")))


def received(db: Database) -> int:
    """Count the marks in the inbox."""
    with db.reading() as session:
        return session.scalars(select(func.count()).select_from(INBOX)).one()


def held_rows(db: Database) -> list[Row[tuple[object, ...]]]:
    """Return what is held."""
    with db.reading() as session:
        return list(held.list_held(session))


@contextmanager
def all_due(db: Database) -> Iterator[None]:
    """Make every held message due now, in place of waiting."""
    with db.writing() as session:
        session.execute(text("UPDATE held_messages SET due_at = '2020-01-01 00:00:00.000000'"))
    yield
