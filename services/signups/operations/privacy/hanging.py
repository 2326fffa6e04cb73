"""What hangs on a person or on a sign-up: known from the tables themselves, so none is missed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, or_, select
from sqlalchemy.orm import Session

from ...models import Base, LedgerEntry, Person, Signup

PERSON_ID: Any = Person.__table__.c.id
SIGNUP_ID: Any = Signup.__table__.c.id
STAYING = (Signup.__table__, LedgerEntry.__table__)
"""What stays when a person goes, without the person: places were given, and the numbers add up."""


def hanging_tables() -> Iterator[tuple[Table, list[Column[Any]], list[Column[Any]]]]:
    """Yield each table that goes with a person: its columns that name a person, then a sign-up."""
    for table in Base.metadata.sorted_tables:
        people = [c for c in table.c if c.references(PERSON_ID)]
        signups = [c for c in table.c if c.references(SIGNUP_ID)]
        # Copies of what others own have no foreign key.
        signups += [c for c in table.c if c.name == "signup_id" and c not in signups]
        if (people or signups) and table not in STAYING and table is not Person.__table__:
            yield table, people, signups


def rows_hanging_on(
    session: Session, person_ids: Collection[int], signup_ids: Collection[int]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that go with these people, by the name of their table."""
    return {
        table.name: [
            dict(row)
            for row in session.execute(
                select(table).where(_names(people, signups, person_ids, signup_ids))
            ).mappings()
        ]
        for table, people, signups in hanging_tables()
    }


def delete_hanging_on(
    session: Session, person_ids: Collection[int], signup_ids: Collection[int]
) -> None:
    """Delete what goes with these people."""
    # Last first, as what refers to another table comes after it.
    for table, people, signups in reversed(list(hanging_tables())):
        session.execute(delete(table).where(_names(people, signups, person_ids, signup_ids)))


def _names(
    people: list[Column[Any]],
    signups: list[Column[Any]],
    person_ids: Collection[int],
    signup_ids: Collection[int],
) -> ColumnElement[bool]:
    return or_(
        *(column.in_(person_ids) for column in people),
        *(column.in_(signup_ids) for column in signups),
    )
