"""The tables of the models are those that the migrations make."""

from __future__ import annotations

import pytest
from sqlalchemy import CheckConstraint, inspect, text, update
from sqlalchemy.exc import IntegrityError

from services.notifications.models import Base, Notice
from services.notifications.operations import notices
from shared.database import Database

from .making import NOW, placed, receive


def indexes_of(db: Database, table: str) -> set[str]:
    """Return the names of a table's indexes; SQLAlchemy leaves out those of expressions."""
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :table"
    if db.engine.dialect.name == "postgresql":
        query = "SELECT indexname FROM pg_indexes WHERE tablename = :table"
    with db.reading() as session:
        return set(session.scalars(text(query), {"table": table}))


def test_the_migrated_tables_are_those_of_the_models(db: Database) -> None:
    found = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        indexes = indexes_of(db, table.name)
        assert {str(index.name) for index in table.indexes} <= indexes
        checks = {check["name"] for check in found.get_check_constraints(table.name)}
        assert checks == {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "sending"},
        {"state": "sent"},
        {"state": "failed"},
        {"due_at": None},
        {"state": "lost"},
        {"kind": "poem"},
    ],
)
def test_a_notice_cannot_contradict_itself(db: Database, broken: dict[str, object]) -> None:
    receive(db, placed())

    with pytest.raises(IntegrityError), db.writing() as session:
        session.execute(update(Notice).values(**broken))


def test_two_notices_cannot_have_one_key(db: Database) -> None:
    with db.writing() as session:
        for number in (1, 2):
            notices.make_notice(session, "links", f"link-request/{number}", 0, now=NOW)

    with pytest.raises(IntegrityError), db.writing() as session:
        session.execute(update(Notice).values(key="links:link-request/1:0"))
