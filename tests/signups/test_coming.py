"""Saying "I'm coming" and "I can't" by the two buttons of a reminder."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from services.signups import operations
from services.signups.models import Signup
from shared.database import Database
from tests.entering import signed_in
from tests.signups import making
from tests.signups.visiting import Look, headline, my_path, open_shift, signs_up


@pytest.fixture
def look(db: Database) -> Look:
    """Return what stands in the database."""
    return Look(db)


def attending(db: Database) -> tuple[str, int]:
    """Return whether the only sign-up was said to come, and its revision."""
    with db.reading() as session:
        signup = session.scalars(select(Signup)).one()
        return signup.attending, signup.revision


def test_the_answer_yes_shows_its_button_in_front_and_says_nothing_by_itself(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    mine = my_path(db, shift)
    assert f'action="{mine}/coming"' not in visitor.get(mine).text
    page = visitor.get(f"{mine}?answer=coming").text
    assert "Do you come? Press the button" in page
    assert f'action="{mine}/coming"' in page
    assert attending(db)[0] == ""


def test_who_presses_it_is_thanked_and_pressing_again_changes_nothing(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    mine = my_path(db, shift)
    answer = visitor.post(f"{mine}/coming")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{mine}?answer=coming")
    page = visitor.get(answer.headers["Location"]).text
    assert "Thank you, you said that you come" in page
    assert f'action="{mine}/coming"' not in page
    once = attending(db)
    assert once[0] == "coming"
    visitor.post(f"{mine}/coming")
    assert attending(db) == once


def test_the_answer_no_opens_what_cancels_and_looking_cancels_nothing(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    mine = my_path(db, shift)
    page = visitor.get(f"{mine}?answer=cannot").text
    assert "You can’t come? Press the button" in page
    assert page.index(f'action="{mine}/cancel"') < page.index("<h2>")
    assert page.count(f'action="{mine}/cancel"') == 1
    assert look.ranks(shift) == ["Ada placed"]
    visitor.post(f"{mine}/cancel")
    assert look.ranks(shift) == ["Ada cancelled"]
    assert headline(visitor.get(f"{mine}?answer=cannot").text) == "You cancelled this sign-up"


@pytest.mark.parametrize("answer", ["coming", "cannot", "<script>", ""])
def test_who_waits_has_nothing_to_answer(
    visitor: FlaskClient, db: Database, look: Look, answer: str
) -> None:
    shift = open_shift(db, capacity=1)
    signs_up(visitor, shift, name="Ben", email="ben@mail.example")
    signs_up(visitor, shift)
    page = visitor.get(my_path(db, shift), query_string={"answer": answer}).text
    assert "You are on the waiting list" in page
    assert "Press the button" not in page
    assert "<script>" not in page


def test_organisers_see_how_many_said_that_they_come(app: Flask, db: Database) -> None:
    shift = open_shift(db, capacity=5)
    with db.writing() as session:
        for name, party in (("Ada", 2), ("Ben", 1)):
            making.sign_up(session, shift, name, party=party, now=db.now(session))
        token = making.token_of(session, making.signup_of(session, shift, "Ada"))
        operations.keep_coming(session, token, now=db.now(session))
    page = signed_in(app, db, (1, "viewer")).get(f"/organise/sign-ups/shifts/{shift}").text
    assert "2 of 3 said that they come." in page
