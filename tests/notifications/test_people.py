"""Who is one person is decided alike everywhere, and found by an index."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from services.notifications.models import Signup
from services.notifications.operations.ledger import list_notices
from services.notifications.operations.people import is_same_person
from shared import messages
from shared.database import Database

from .making import make_person, make_signup, receive


def sign_up_as(db: Database, **person: str) -> None:
    receive(db, messages.SignupPlaced(signup=make_signup(), person=make_person(**person)))


@pytest.mark.parametrize(
    "person, same",
    [
        ({}, True),
        ({"email": "ADA@Posts.Example", "first_name": "aDA"}, True),
        ({"first_name": "Ben"}, False),
        ({"email": "ben@posts.example"}, False),
    ],
)
def test_a_person_is_an_address_and_a_first_name_in_any_letters(
    db: Database, person: dict[str, str], same: bool
) -> None:
    sign_up_as(db)
    with db.reading() as session:
        found = session.scalars(
            select(Signup.id).where(is_same_person(Signup, make_person(**person)))
        )
        assert bool(found.all()) is same


def test_the_ledger_finds_an_address_that_was_typed_in_other_letters(db: Database) -> None:
    sign_up_as(db, email="Ada@Posts.Example")
    with db.reading() as session:
        assert list_notices(session, {"who": "ada@posts.example"})[0]


def test_somebody_is_found_by_the_index_of_addresses_in_small_letters(db: Database) -> None:
    theirs = select(Signup.id).where(is_same_person(Signup, make_person()))
    sql = theirs.compile(db.engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN"
    with db.reading() as session:
        if db.engine.dialect.name == "postgresql":
            explain = "EXPLAIN"
            # So few rows it would read without any index.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        steps = session.execute(text(f"{explain} {sql}")).all()
    assert any("ix_signups_lower_email" in str(step) for step in steps), steps
