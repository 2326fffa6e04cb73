"""What is typed on the command line about series."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from services.events.commands import COMMANDS
from services.events.models import Event, Shift
from services.events.operations import series as running
from services.events.rules.series_rule import read_rule
from shared.database import Database
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY
from tests.events.making import make_event, typed_shift

TODAY = datetime.now(UTC)
FIRST = (TODAY + timedelta(days=10)).date()

Muster = Callable[..., str]


@pytest.fixture
def db(sqlite_database_of: Callable[[str], Database]) -> Database:
    return sqlite_database_of("events")


@pytest.fixture
def muster(db: Database, monkeypatch: pytest.MonkeyPatch) -> Muster:
    """Return a function that runs `muster series` and gives what it prints."""
    monkeypatch.setenv("DATABASE_URL", db.url)
    monkeypatch.setenv("SESSION_KEY", SESSION_KEY)
    monkeypatch.setenv("SESSION_PUBLIC_KEY", SESSION_PUBLIC_KEY)

    def run(*typed: str, fails: bool = False) -> str:
        answer = CliRunner().invoke(click.Group(commands=list(COMMANDS)), ["series", *typed])
        assert (answer.exit_code != 0) == fails, answer.output
        return answer.output

    return run


@pytest.fixture
def series_id(db: Database) -> int:
    """Return a series that takes place every day for a week."""
    with db.writing() as session:
        typed = typed_shift(starts_at=f"{FIRST}T18:00", ends_at=f"{FIRST}T19:30")
        event = make_event(session, now=TODAY, shifts=[typed], title="English")
        rule = read_rule("FREQ=DAILY;COUNT=7")
        return running.start_series(session, event.id, rule, now=TODAY).id


def test_series_are_listed_in_words_and_for_scripts(
    muster: Muster, db: Database, series_id: int
) -> None:
    assert "every day, seven times" in muster("list")
    assert json.loads(muster("list", "--json"))[0]["rule"] == "FREQ=DAILY;COUNT=7"
    with db.writing() as session:
        running.end_series(session, series_id, reason=None, now=TODAY)
    assert "ended (every day, seven times)" in muster("list")


def test_without_any_series_that_is_said(muster: Muster) -> None:
    assert muster("list") == "Nothing repeats yet.\n"


def test_a_series_is_shown_with_its_events(muster: Muster, series_id: int) -> None:
    assert "Series 1: English, every day, seven times" in muster("show", str(series_id))
    assert len(json.loads(muster("show", str(series_id), "--json"))["events"]) == 7
    assert "nothing with that number" in muster("show", "99", fails=True)


def test_what_is_missing_is_made_at_once(muster: Muster, db: Database, series_id: int) -> None:
    with db.writing() as session:
        session.execute(delete(Shift).where(Shift.event_id == 7))
        session.execute(delete(Event).where(Event.id == 7))
    assert muster("expand") == "One event made.\n"
    assert muster("expand", str(series_id)) == "0 events made.\n"
