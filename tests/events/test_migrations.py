"""The tables that migrations make: those of the models, on both databases, filled ones too."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.events.models import Base, Event, Group, Shift
from shared import migrations
from shared.database import Database
from shared.tables import METADATA
from tests.events.making import make_event, typed_shift


def test_the_migrations_make_the_tables_of_the_models(db: Database) -> None:
    with db.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        differences = compare_metadata(context, [Base.metadata, METADATA])
    assert differences == []


def test_migrating_filled_tables_again_keeps_every_row(db: Database) -> None:
    with db.writing() as session:
        make_event(session, shifts=[typed_shift(), typed_shift()])
    migrations.migrate(db.url, "events")
    with db.reading() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (Group, Event, Shift)
        ]
    assert counts == [1, 1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE groups SET signup_notices = 'never'",
        "UPDATE events SET kind = 'party'",
        "UPDATE events SET status = 'lost'",
        "UPDATE events SET published_at = NULL",
        "UPDATE events SET group_id = 4711",
        "UPDATE shifts SET ends_at = starts_at",
        "UPDATE shifts SET closes_at = ends_at",
        "UPDATE shifts SET capacity = 0",
        "UPDATE shifts SET taken = -1",
        "UPDATE shifts SET waiting = -1",
        "UPDATE shifts SET event_id = 4711",
        "DELETE FROM groups",
        "DELETE FROM events",
    ],
)
def test_what_must_never_happen_the_database_refuses(session: Session, statement: str) -> None:
    make_event(session)
    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_numbers_of_deleted_rows_are_never_given_again(session: Session) -> None:
    event = make_event(session)
    shift_id = event.shifts[0].id
    session.execute(text("DELETE FROM shifts"))
    session.expire_all()
    assert make_event(session).shifts[0].id > shift_id
