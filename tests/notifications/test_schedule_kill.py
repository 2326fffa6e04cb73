"""A run that is killed in the middle goes on where it was: nobody is planned twice or left out."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from services.notifications.models import Subscriber
from services.notifications.rules import tastes
from shared.database import Database
from tests.entering import ROOT, SESSION_PUBLIC_KEY
from tests.eventually import eventually

from .making import make_event, make_shift, published, receive

MANY = 2000
NOW = datetime.now(UTC)


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Callable[[str], Path]) -> Path:
    """Return a folder with a database in which the hour of many subscribers has come."""
    file = tmp_path / "notifications.sqlite"
    shutil.copy(sqlite_template("notifications"), file)
    with closing(Database(f"sqlite:///{file}")) as db:
        at = {"starts_at": NOW + timedelta(days=7), "ends_at": NOW + timedelta(days=7, hours=2)}
        receive(db, published(make_event(make_shift(**at))), now=NOW - timedelta(hours=1))
        with db.writing() as session:
            session.execute(insert(Subscriber), [row(number) for number in range(MANY)])
    return tmp_path


def row(number: int) -> dict[str, object]:
    words = ("email", "address", "token")
    return {
        **tastes.usual_wishes(),
        **dict.fromkeys(words, f"p{number}@posts.example"),
        **{"first_name": "Ada", "wording": "", "wording_version": 1, "origin": "page"},
        **dict.fromkeys(("agreed_at", "requested_at", "confirmed_at", "next_due_at"), NOW),
        "outcome": "",
    }


def start(data: Path) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA": str(data),
        "SESSION_PUBLIC_KEY": SESSION_PUBLIC_KEY,
    }
    command = [sys.executable, "-m", "services", "schedule-mail", "run"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def ask(data: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "notifications.sqlite")) as file:
        return file.execute(question).fetchall()


def planned(data: Path) -> int:
    ((number,),) = ask(data, "SELECT count(*) FROM notices WHERE kind = 'schedule'")
    assert isinstance(number, int)
    return number


@pytest.mark.timeout(120)
def test_a_killed_run_goes_on_and_nobody_gets_two(data: Path) -> None:
    kills = 0
    for share in (0.1, 0.4, 0.7):
        process = start(data)
        eventually(lambda at=share: planned(data) >= at * MANY, timeout=60, every=0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += planned(data) < MANY
    assert kills, "it was killed before it was done"

    assert start(data).wait() == 0

    recipients = Counter(ask(data, "SELECT recipient FROM notices WHERE kind = 'schedule'"))
    assert len(recipients) == MANY
    assert set(recipients.values()) == {1}
    ((counted,),) = ask(data, "SELECT sum(planned) FROM schedule_runs")
    assert counted == MANY
    ((left,),) = ask(data, "SELECT count(*) FROM subscribers WHERE looked_at IS NULL")
    assert left == 0
