"""Embedded mode killed in the middle of sign-ups: what was answered is there afterwards."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from tests.entering import issue_token
from tests.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]
ANSWERS_BEFORE_EACH_KILL = 25


@dataclass
class Embedded:
    """Muster in one process that can be killed and started again on the same DATA."""

    data: Path
    port: int
    token: str = ""
    answered: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Start it, wait until it answers, and kill it at the end."""
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "DATA": str(self.data),
        }
        with (self.data.parent / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "services", "run"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        try:
            eventually(self.answers, timeout=40, every=0.1)
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def let_in(self) -> None:
        """Have a token made, and wait until it opens the API of signups."""
        self.token = issue_token({"PATH": os.environ["PATH"], "DATA": str(self.data)})
        address = f"http://127.0.0.1:{self.port}/api/signups"
        headers = {"Authorization": f"Bearer {self.token}"}
        eventually(lambda: requests.post(address, headers=headers, timeout=20).status_code != 401)

    def answers(self) -> bool:
        """Whether the form of the first demo shift can be had."""
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/sign-up/1", timeout=5).ok
        except requests.RequestException:
            return False

    def sign_up_until_it_dies(self) -> None:
        """Sign people up one after another; note each whose sign-up was answered."""
        with requests.Session() as session:
            for number in self.numbers:
                email = f"person{number}@people.example"
                wish = {"shift_id": 1, "name": "Kim", "email": email, "consent": True}
                headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": email}
                address = f"http://127.0.0.1:{self.port}/api/signups"
                try:
                    answer = session.post(address, json=wish, headers=headers, timeout=20)
                    while answer.status_code == 503:
                        # Too busy just then: not taken, and to be sent again by the same key.
                        answer = session.post(address, json=wish, headers=headers, timeout=20)
                except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                    # Killed before the answer, or in the middle of it.
                    return
                assert answer.status_code == 201, answer.text
                self.answered.append(email)

    def ask(self, service: str, query: str) -> list[tuple[object, ...]]:
        """Ask one of the databases."""
        with closing(sqlite3.connect(self.data / f"{service}.sqlite")) as database:
            return database.execute(query).fetchall()

    def kept_mails(self) -> Counter[object]:
        """Count by recipient the mails that tell of a place or of the waiting list."""
        told = "SELECT recipient FROM notices WHERE state = 'sent' AND kind IN ('confirmation', "
        return Counter(row[0] for row in self.ask("notifications", told + "'waiting')"))


@pytest.fixture
def embedded(tmp_path: Path) -> Embedded:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return Embedded(tmp_path / "data", free.getsockname()[1])


@pytest.mark.timeout(180)
def test_killed_at_any_moment_it_loses_nothing_that_was_answered(embedded: Embedded) -> None:
    for trial in range(1, 4):
        with embedded.running() as process:
            if not embedded.token:
                embedded.let_in()
            visitors = [threading.Thread(target=embedded.sign_up_until_it_dies) for _ in range(4)]
            for visitor in visitors:
                visitor.start()
            enough = trial * ANSWERS_BEFORE_EACH_KILL
            eventually(lambda enough=enough: len(embedded.answered) >= enough, timeout=30)
            process.send_signal(signal.SIGKILL)
            for visitor in visitors:
                visitor.join()

    with embedded.running():
        eventually(lambda: set(embedded.answered) <= set(embedded.kept_mails()), timeout=20)
        (places,) = embedded.ask("signups", "SELECT taken, waiting FROM shifts WHERE id = 1")
        shown = "SELECT taken, waiting FROM shifts WHERE id = 1"
        eventually(lambda: embedded.ask("events", shown) == [places], timeout=20)

    assert set(embedded.kept_mails().values()) == {1}
    held = [embedded.ask(name, "SELECT * FROM held_messages") for name in ("events", "signups")]
    assert held == [[], []]
    check = [sys.executable, "-m", "services", "check"]
    environment = {"PATH": os.environ["PATH"], "DATA": str(embedded.data)}
    checked = subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
