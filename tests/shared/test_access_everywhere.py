"""Access that is taken away is gone in every service within a second, by messages alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.events.handlers import HANDLERS as EVENTS
from services.events.operations import organisers, sessions, tokens
from services.notifications.handlers import HANDLERS as NOTIFICATIONS
from services.signups.handlers import HANDLERS as SIGNUPS
from shared import relay
from shared.access import NETWORK, cookie_name
from shared.database import Database
from shared.embedded import InProcess, Reader
from tests.conftest import DatabaseOf
from tests.entering import with_token
from tests.events.making import make_group
from tests.eventually import eventually
from tests.shared.test_access_matrix import make_app

Shut = Callable[[], bool]
"""Whether somebody is not let in any more."""

HANDLERS = {"events": EVENTS, "signups": SIGNUPS, "notifications": NOTIFICATIONS}
ONE_SECOND = 1.0
TRIES = 3
"""A machine that stalls once is no mistake in the code; what is slow by itself always is."""


@dataclass
class Network:
    """The three services, and the relay between them."""

    dbs: dict[str, Database]
    apps: dict[str, Flask]
    stop: threading.Event = field(default_factory=threading.Event)

    def browser(self, service: str, cookie: str) -> FlaskClient:
        """Return a browser that shows this cookie to a service."""
        client = self.apps[service].test_client()
        client.set_cookie(cookie_name("http://127.0.0.1:8000"), cookie)
        return client


@pytest.fixture
def network(database_of: DatabaseOf) -> Iterator[Network]:
    dbs = {name: database_of(name) for name in HANDLERS}
    found = Network(dbs, {name: make_app(name, dbs[name]) for name in dbs})
    readers = [Reader(dbs[name], HANDLERS[name], threading.Event()) for name in dbs]
    work = partial(relay.relay, dbs["events"], InProcess(readers), found.stop)
    thread = threading.Thread(target=work)
    thread.start()
    yield found
    found.stop.set()
    thread.join(20)


def begin(network: Network) -> tuple[int, int, str]:
    """Found a group with an owner who is signed in; return their numbers and the cookie."""
    with network.dbs["events"].writing() as session:
        now = network.dbs["events"].now(session)
        group = make_group(session).id
        owner = organisers.admit_owner(session, group, "kim@fosse.example", name="Kim", now=now)
        organisers.admit_owner(session, group, "robin@fosse.example", name="Robin", now=now)
        cookie = sessions.begin_session(session, owner, "Firefox", now=now)
        return group, owner.id, cookie


def within_a_second(take_away: Callable[[], list[Shut]]) -> None:
    """Take access away; see that every door is shut a second later, in one of a few tries."""
    took: list[float] = []
    while len(took) < TRIES and min(took, default=ONE_SECOND) >= ONE_SECOND:
        doors = take_away()
        changed = time.monotonic()
        for is_shut in doors:
            eventually(is_shut, every=0.02)
        took.append(time.monotonic() - changed)
    assert min(took) < ONE_SECOND, took


def answers(client: FlaskClient, path: str, status: int) -> Shut:
    return lambda: client.get(path).status_code == status


def test_a_removed_organiser_is_out_everywhere(network: Network) -> None:
    def remove() -> list[Shut]:
        group, owner, cookie = begin(network)
        events = network.browser("events", cookie)
        notices = network.browser("notifications", cookie)
        organised = f"/organise/groups/{group}/organisers"
        assert events.get(organised).status_code == 200
        eventually(answers(notices, "/organise/notices", 200))
        with network.dbs["events"].writing() as session:
            now = network.dbs["events"].now(session)
            organisers.remove_organiser(session, group, owner, now=now)
        return [answers(events, organised, 303), answers(notices, "/organise/notices", 303)]

    within_a_second(remove)


def test_an_ended_session_is_over_everywhere(network: Network) -> None:
    def end() -> list[Shut]:
        _group, owner, cookie = begin(network)
        notices = network.browser("notifications", cookie)
        eventually(answers(notices, "/organise/notices", 200))
        with network.dbs["events"].writing() as session:
            sessions.end_sessions(session, owner, now=network.dbs["events"].now(session))
        events = network.browser("events", cookie)
        return [answers(events, "/organise/me", 303), answers(notices, "/organise/notices", 303)]

    within_a_second(end)


def test_a_revoked_token_is_out_everywhere(network: Network) -> None:
    db = network.dbs["events"]

    def revoke() -> list[Shut]:
        with db.writing() as session:
            now = db.now(session)
            wanted = tokens.Wanted("all", ["read", "sign-up"], now + timedelta(days=1))
            number, token = tokens.issue_token(session, NETWORK, wanted, now=now)
        events, notices, signups = (
            with_token(network.apps[name], token) for name in ("events", "notifications", "signups")
        )
        eventually(answers(notices, "/api/notices", 200))
        eventually(lambda: signups.post("/api/signups", json={}).status_code == 400)
        with db.writing() as session:
            tokens.revoke_token(session, number, now=db.now(session))
        return [
            answers(events, "/api/groups", 401),
            answers(notices, "/api/notices", 401),
            lambda: signups.post("/api/signups", json={}).status_code == 401,
        ]

    within_a_second(revoke)
