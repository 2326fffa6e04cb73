"""Three senders as processes, killed at random: nothing is lost, and nothing comes twice that must
not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from services.notifications.models import Notice, Signup
from services.notifications.rules import kinds
from shared.database import Database
from tests.bench.bare import catching_mail
from tests.entering import SESSION_PUBLIC_KEY
from tests.eventually import eventually

from .making import NOW, make_event, make_settings, make_shift, published, receive
from .reading import let_lease_run_out, make_due

ROOT = Path(__file__).resolve().parents[2]
SENDERS = 3
A_KILL_EVERY = 500
"""Mails."""

RUN = 10
"""Notices of one kind before those of the other; both numbers of notices are multiples of it."""

pytestmark = [pytest.mark.containers, pytest.mark.timeout(300)]


@pytest.fixture
def db(postgres_database_of: Callable[[str], Database]) -> Database:
    database = postgres_database_of("notifications")
    database.info["settings"] = make_settings(database_url=database.url)
    return database


@pytest.fixture
def arrivals(tmp_path: Path) -> Path:
    return tmp_path / "arrivals"


@pytest.fixture
def port(arrivals: Path) -> Iterator[int]:
    with catching_mail(arrivals) as opened:
        yield opened


def counted(arrivals: Path) -> Counter[str]:
    """Return how often each address got a mail; each notice has an address of its own."""
    lines = arrivals.read_text(encoding="utf-8").splitlines() if arrivals.exists() else []
    return Counter(line.partition(" ")[2] for line in lines)


def make_notices(db: Database, number: int) -> None:
    """Make so many notices due, half of each of two kinds: one may come twice, one may not."""
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    shift = make_shift(starts_at=soon, ends_at=soon + timedelta(hours=2))
    receive(db, published(make_event(shift)))
    details = {"name": "Kim", "group": "Fosse", "role": "owner", "invited_by": "Robin"}
    details |= {"link": "https://muster.example/in", "code": "042137"}
    rows = [
        {
            "key": f"{kind}:n/{index}:0",
            "kind": kind,
            "subject": f"n/{index}",
            "revision": 0,
            "signup_id": index + 1 if kind == "confirmation" else None,
            "state": "due",
            "reason": "",
            "recipient": f"{kind}.{index}@posts.example",
            "details": details,
            "message_id": uuid.uuid4(),
            "calendar_sequence": 0,
            "attempts": 0,
            "doubts": 0,
            "created_at": NOW,
            "due_at": NOW,
            "expires_at": NOW.replace(year=NOW.year + 5) if kind in kinds.WITH_KEY else None,
        }
        # In runs, so that several are begun at once.
        for first in range(0, number // 2, RUN)
        for kind in ("confirmation", "sign_in")
        for index in range(first, first + RUN)
    ]
    signups = [
        {
            "id": index + 1,
            "revision": 1,
            "event_id": 3,
            "shift_id": shift.id,
            "state": "placed",
            "party": 1,
            "first_name": "Ada",
            "email": f"confirmation.{index}@posts.example",
            "link": "https://muster.example/my/1",
            "had_place": True,
            "calendar_uid": uuid.uuid4(),
            "calendar_sequence": 0,
        }
        for index in range(number // 2)
    ]
    with db.writing() as session:
        session.execute(insert(Signup), signups)
        session.execute(insert(Notice), rows)


@contextmanager
def sending(db: Database, port: int, *words: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run three senders; what is killed has to be started again by `start`."""
    running = [start(db, port, *words) for _ in range(SENDERS)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait(20)


def start(db: Database, port: int, *words: str) -> subprocess.Popen[bytes]:
    """Start one sender."""
    url = db.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "SESSION_PUBLIC_KEY": SESSION_PUBLIC_KEY,
        "ADDRESS_KEY": "a" * 40,
        "PUBLIC_URL": "https://muster.example",
        "SMTP_URL": f"smtp://127.0.0.1:{port}?tls=never",
    }
    program = (sys.executable, "-m", "tests.notifications.sending_process", *words)
    return subprocess.Popen(program, cwd=ROOT, env=environment)


def waiting(db: Database) -> int:
    """Return how many notices a sender would take now, or has in hand."""
    with db.reading() as session:
        pending = Notice.due_at.is_not(None) | Notice.lease_until.is_not(None)
        return session.scalar(select(func.count()).where(pending)) or 0


def in_hand(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).where(Notice.lease_until.is_not(None))) or 0


def test_killed_senders_lose_nothing_and_send_twice_only_what_may_come_twice(
    db: Database, port: int, arrivals: Path
) -> None:
    make_notices(db, 5000)
    chance = random.Random(20261120)
    killed = 0
    with sending(db, port) as running:
        while waiting(db) - in_hand(db) > 3 * A_KILL_EVERY:
            wanted = counted(arrivals).total() + A_KILL_EVERY
            eventually(lambda n=wanted: counted(arrivals).total() >= n, timeout=120, every=0.1)
            victim = chance.randrange(SENDERS)
            running[victim].send_signal(signal.SIGKILL)
            running[victim].wait(20)
            running[victim] = start(db, port)
            killed += 1
        eventually(lambda: waiting(db) == in_hand(db), timeout=120, every=0.1)
    assert killed >= 4

    # What the dead had in hand: leases end, and what is in doubt has its ten minutes behind it.
    while waiting(db):
        let_lease_run_out(db)
        make_due(db)
        with sending(db, port):
            eventually(lambda: waiting(db) == 0, timeout=60)

    got = counted(arrivals)
    of_kind = {
        kind: [got[f"{kind}.{index}@posts.example"] for index in range(2500)]
        for kind in ("confirmation", "sign_in")
    }
    assert min(of_kind["confirmation"]) >= 1, "every one of those arrived"
    assert max(of_kind["sign_in"]) == 1, "none of these came twice"
    with db.reading() as session:
        in_doubt = select(func.count()).where(Notice.state == "uncertain", Notice.kind == "sign_in")
        doubtful = session.scalar(in_doubt) or 0
    # The last three were killed when all was claimed.
    assert of_kind["sign_in"].count(0) <= doubtful <= killed + SENDERS


def test_without_a_lease_they_come_twice(db: Database, port: int, arrivals: Path) -> None:
    """Switches the claim off, to show that the test before would see it."""
    make_notices(db, 600)
    with sending(db, port, "without-lease"):
        eventually(lambda: max(counted(arrivals).values(), default=0) > 1, timeout=90)
