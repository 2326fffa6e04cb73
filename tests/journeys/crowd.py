"""Many people who sign up at once through another site's form, and what each was told."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import requests

from tests.containers import Stack
from tests.eventually import eventually
from tests.journeys.people import Gathering, sign_up_through_site

AT_ONCE = 6
TRIES_AGAIN_AFTER = 0.2
GIVES_UP_AFTER = 90.0
"""Seconds."""

NO_ANSWER = 0
"""Stands among the statuses for a connection that broke."""


@dataclass
class Asked:
    """One person's request, and all that came back."""

    email: str
    shift_id: int
    party: int
    is_patient: bool
    """Whether they send the same request again until it is answered."""
    statuses: list[int] = field(default_factory=list)
    state: str = ""
    """What they were told: `placed` or `waiting`; empty when nobody told them anything."""

    @property
    def acknowledged(self) -> bool:
        """Whether the system has given its word."""
        return bool(self.state)


class Crowd:
    """People of one event: `size` of them, over its shifts in turn.

    Each sends one request with one Idempotency-Key, again after a 503 or a broken connection, as
    the API asks of its clients; of every `one_gives_up_in`, one goes away without an answer.
    """

    def __init__(
        self, stack: Stack, gathering: Gathering, size: int, *, one_gives_up_in: int = 0
    ) -> None:
        self.stack, self.gathering = stack, gathering
        name = f"crowd{secrets.token_hex(3)}"
        self.asked = [
            Asked(
                email=f"{name}-{number}@people.example",
                shift_id=gathering.shift_ids[number % len(gathering.shift_ids)],
                party=1 if number % 5 else 2,
                is_patient=not one_gives_up_in or number % one_gives_up_in != 0,
            )
            for number in range(size)
        ]
        self._left = threading.Event()
        self._sessions = threading.local()

    @contextmanager
    def signing_up(self) -> Iterator[None]:
        """Let all of them sign up, some at a time, while the body runs; wait for the last."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            futures: list[Future[None]] = [pool.submit(self._sign_up, one) for one in self.asked]
            try:
                yield
            except BaseException:
                self._left.set()
                raise
        for future in futures:
            future.result()

    def sign_up(self) -> None:
        """Let all of them sign up with nothing in their way."""
        with self.signing_up():
            pass

    def wait_for(self, share: float) -> None:
        """Wait until this share of them was answered."""
        wanted = int(share * len(self.asked))
        eventually(lambda: len(self.acknowledged) >= wanted, timeout=60)

    @property
    def acknowledged(self) -> list[Asked]:
        """Those who were given a place or a rank."""
        return [one for one in self.asked if one.acknowledged]

    @property
    def statuses(self) -> Counter[int]:
        """How often each status came back; NO_ANSWER for connections that broke."""
        return Counter(status for one in self.asked for status in one.statuses)

    @property
    def emails(self) -> set[str]:
        """Everybody's address."""
        return {one.email for one in self.asked}

    def told(self) -> dict[str, Any]:
        """Return what everybody was told, as the reporter reads it."""
        return {"event_id": self.gathering.id, "asked": [asdict(one) for one in self.asked]}

    def _sign_up(self, one: Asked) -> None:
        key, deadline = secrets.token_hex(16), time.monotonic() + GIVES_UP_AFTER
        while not one.acknowledged and not self._left.is_set():
            status, state = self._ask(one, key)
            one.statuses.append(status)
            one.state = state
            if not one.is_patient or time.monotonic() > deadline:
                return
            if not state:
                self._left.wait(TRIES_AGAIN_AFTER)

    def _ask(self, one: Asked, key: str) -> tuple[int, str]:
        if not hasattr(self._sessions, "one"):
            self._sessions.one = requests.Session()
        try:
            answer = sign_up_through_site(
                self.stack,
                one.shift_id,
                one.email,
                party=one.party,
                key=key,
                session=self._sessions.one,
            )
        except requests.RequestException:
            return NO_ANSWER, ""
        return answer.status_code, answer.json()["state"] if answer.status_code == 201 else ""
