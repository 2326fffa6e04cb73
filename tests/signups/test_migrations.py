"""The tables that migrations make: those of the models, on both databases, filled ones too."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.signups.models import (
    Base,
    Erasure,
    Merge,
    Notice,
    PeopleImport,
    Person,
    PersonNote,
    PersonTag,
    ToldApart,
    TrainingDone,
)
from shared import migrations
from shared.database import Database
from shared.tables import METADATA
from tests.signups.making import NOW, cancel, make_shift, sign_up


def fill_tables(session: Session) -> None:
    """Leave at least one row in every table of the service."""
    shift = make_shift(session, capacity=2)
    for name in ("Ada", "Ben", "Cleo", "Dev"):
        sign_up(session, shift, name)
    cancel(session, shift, "Ada")
    sign_up(session, shift, "Bot", suspicion="too fast")
    fill_what_organisers_keep(session)


def fill_what_organisers_keep(session: Session) -> None:
    """Leave a row in each table that organisers fill."""
    one, other = session.scalars(select(Person.id).order_by(Person.id).limit(2))
    did: dict[str, Any] = {"by": "Robin", "at": NOW}
    session.add_all(
        [
            PersonNote(person_id=one, words="Drives a van", **did),
            PersonTag(person_id=one, tag="driver"),
            TrainingDone(person_id=one, training="first aid", title="First aid", **did),
            Merge(kept_id=one, gone_id=other, signup_ids=[], person_ids=[], **did),
            ToldApart(one_id=one, other_id=other, **did),
            PeopleImport(group_id=1, file_name="list.csv", body="", made={}, **did),
            Notice(id=1, signup_id=1, kind="confirmation", state="sent", reason="", at=NOW),
            Erasure(id=uuid.uuid4(), at=NOW, person_ids=[9], signup_ids=[], addresses=[]),
        ]
    )
    session.flush()


def test_the_migrations_make_the_tables_of_the_models(db: Database) -> None:
    with db.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        differences = compare_metadata(context, [Base.metadata, METADATA])
    assert differences == []


def count_rows(db: Database) -> dict[str, int]:
    with db.reading() as session:
        return {
            table.name: session.scalars(select(func.count()).select_from(table)).one()
            for table in Base.metadata.sorted_tables
        }


def test_migrating_filled_tables_again_keeps_every_row(db: Database) -> None:
    with db.writing() as session:
        fill_tables(session)
    before = count_rows(db)
    migrations.migrate(db.url, "signups")
    assert count_rows(db) == before
    assert all(before.values()), before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shifts SET taken = -1",
        "UPDATE shifts SET waiting = -1",
        "UPDATE shifts SET capacity = 0",
        "UPDATE shifts SET event_id = 4711",
        "UPDATE events SET group_id = 4711",
        "UPDATE signups SET state = 'lost'",
        "UPDATE signups SET party = 0",
        "UPDATE signups SET party = 21",
        "UPDATE signups SET review = 'why' WHERE state = 'placed'",
        "UPDATE signups SET review = '' WHERE state = 'pending'",
        "UPDATE signups SET person_id = 4711",
        "UPDATE signups SET shift_id = 4711",
        "UPDATE signups SET person_id = 2 WHERE state IN ('placed', 'waiting')",
        "UPDATE ledger SET taken_after = capacity_then + 1 WHERE change > 0",
        "UPDATE ledger SET signup_id = 4711",
        "UPDATE consents SET signup_id = 4711",
        "UPDATE people SET merged_into = 4711",
        "UPDATE notices SET state = 'lost'",
        "DELETE FROM shifts",
        "DELETE FROM people",
        "DELETE FROM signups",
        "DELETE FROM events",
        "DELETE FROM groups",
    ],
)
def test_what_must_never_happen_the_database_refuses(session: Session, statement: str) -> None:
    fill_tables(session)
    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_ended_sign_ups_of_one_person_may_be_many(session: Session) -> None:
    shift = make_shift(session)
    for _ in range(3):
        sign_up(session, shift, "Ada")
        cancel(session, shift, "Ada")
    ended = text("SELECT count(*) FROM signups WHERE state = 'cancelled'")
    assert session.execute(ended).scalar_one() == 3
