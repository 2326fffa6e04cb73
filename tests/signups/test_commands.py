"""What is typed on the command line, as whoever types it sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from services.signups.commands import COMMANDS
from shared.database import Database
from tests.entering import SESSION_PUBLIC_KEY
from tests.signups import making
from tests.signups.visiting import Look, open_shift

Muster = Callable[..., str]


@pytest.fixture
def db(sqlite_database_of: Callable[[str], Database]) -> Database:
    """Return a fresh database of the service."""
    opened = sqlite_database_of("signups")
    opened.info["settings"] = making.make_settings(opened.url)
    return opened


@pytest.fixture
def muster(db: Database, monkeypatch: pytest.MonkeyPatch) -> Muster:
    """Return a function that runs a command and gives what it prints."""
    monkeypatch.setenv("DATABASE_URL", db.url)
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    monkeypatch.setenv("ADDRESS_KEY", "a" * 40)
    monkeypatch.setenv("SESSION_PUBLIC_KEY", SESSION_PUBLIC_KEY)
    monkeypatch.setenv("PUBLIC_URL", "http://muster.example")

    def run(*typed: str, fails: bool = False) -> str:
        answer = CliRunner().invoke(click.Group(commands=list(COMMANDS)), typed)
        assert (answer.exit_code != 0) == fails, (answer.output, answer.exception)
        assert answer.exception is None or isinstance(answer.exception, SystemExit)
        return answer.output

    return run


def sign_up(db: Database, shift: int, name: str, **typed: Any) -> int:
    """Sign somebody up; return the sign-up's number."""
    with db.writing() as session:
        making.sign_up(session, shift, name, now=db.now(session), **typed)
        return making.signup_of(session, shift, name).id


def test_the_sign_ups_of_an_event_are_listed_by_shift_and_rank(
    muster: Muster, db: Database
) -> None:
    shift, other = open_shift(db, capacity=1), open_shift(db, event_id=2)
    for name in ("Ada", "Ben"):
        sign_up(db, shift, name)
    sign_up(db, shift, "Bot", suspicion="too fast")
    sign_up(db, other, "Cleo")
    rows = json.loads(muster("signups", "list", "1", "--json"))
    assert [(row["name"], row["state"]) for row in rows] == [("Ada", "placed"), ("Ben", "waiting")]
    assert "Ada" in muster("signups", "list", "1")


def test_an_empty_list_says_so(muster: Muster) -> None:
    assert muster("signups", "list", "4711") == "Nobody has signed up for this event yet.\n"
    assert muster("review", "list") == "Nothing waits for a review.\n"


def test_what_waits_for_a_review_is_shown_with_its_reason(muster: Muster, db: Database) -> None:
    number = sign_up(db, open_shift(db), "Bot", suspicion="too fast")
    (row,) = json.loads(muster("review", "list", "--json"))
    assert (row["id"], row["name"], row["why"]) == (number, "Bot", "too fast")


def test_accepting_gives_the_place_and_tells_it_with_its_link(muster: Muster, db: Database) -> None:
    shift = open_shift(db, capacity=1)
    numbers = [str(sign_up(db, shift, name, suspicion="too fast")) for name in ("Ada", "Ben")]
    output = muster("review", "accept", *numbers)
    assert output == (f"Sign-up {numbers[0]} is placed.\nSign-up {numbers[1]} is waiting.\n")
    assert Look(db).news() == ["SignupPlaced ada", "SignupWaitlisted ben"]


def test_dropping_forgets(muster: Muster, db: Database) -> None:
    shift = open_shift(db)
    number = sign_up(db, shift, "Bot", suspicion="too fast")
    assert muster("review", "drop", str(number)) == f"Sign-up {number} is forgotten.\n"
    assert Look(db).ranks(shift) == []


@pytest.mark.parametrize("command", ["accept", "drop"])
def test_what_is_not_under_review_is_said(muster: Muster, db: Database, command: str) -> None:
    number = sign_up(db, open_shift(db), "Ada")
    assert "nothing with that number" in muster("review", command, str(number), fails=True)
    assert "Invalid value" in muster("review", command, str(10**30), fails=True)
    assert Look(db).ranks(1) == ["Ada placed"]


def test_a_refusal_is_a_sentence_and_a_failure(muster: Muster, db: Database) -> None:
    shift = open_shift(db)
    number = sign_up(db, shift, "Ada", suspicion="too fast")
    with db.writing() as session:
        now = db.now(session)
        making.change_shift(session, shift, closes_at=now, now=now)
    output = muster("review", "accept", str(number), fails=True)
    assert "Sign-up for this shift has closed." in output


def test_the_check_says_that_all_is_well(muster: Muster, db: Database) -> None:
    sign_up(db, open_shift(db), "Ada")
    assert muster("check") == "All promises about places hold.\n"


def test_the_check_explains_what_is_broken_and_fails(muster: Muster, db: Database) -> None:
    sign_up(db, open_shift(db), "Ada")
    with db.writing() as session:
        session.execute(text("UPDATE shifts SET taken = 2"))
    output = muster("check", fails=True)
    assert output.splitlines() == [
        "Shift 1 counts 2 places as taken, its sign-ups hold 1.",
        "Shift 1 has 2 places taken and 0 waiting; the last that others were told is 1 and 0.",
    ]


def test_missing_settings_are_named(muster: Muster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    assert "SECRET_KEY" in muster("check", fails=True)
