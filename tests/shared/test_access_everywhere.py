"""Access that is taken away is gone in every service within a second, by messages alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
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

HANDLERS = {"events": EVENTS, "signups": SIGNUPS, "notifications": NOTIFICATIONS}
ONE_SECOND = 1.0


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


def gone_within_a_second(changed: float, *clients: tuple[FlaskClient, str, int]) -> None:
    for client, path, status in clients:
        eventually(lambda c=client, p=path, s=status: c.get(p).status_code == s, every=0.02)
    assert time.monotonic() - changed < ONE_SECOND


def test_a_removed_organiser_is_out_everywhere(network: Network) -> None:
    group, owner, cookie = begin(network)
    events = network.browser("events", cookie)
    notices = network.browser("notifications", cookie)
    organised = f"/organise/groups/{group}/organisers"
    assert events.get(organised).status_code == 200
    eventually(lambda: notices.get("/organise/notices").status_code == 200)
    with network.dbs["events"].writing() as session:
        now = network.dbs["events"].now(session)
        organisers.remove_organiser(session, group, owner, now=now)
    changed = time.monotonic()
    gone_within_a_second(changed, (events, organised, 303), (notices, "/organise/notices", 303))


def test_an_ended_session_is_over_everywhere(network: Network) -> None:
    _group, owner, cookie = begin(network)
    notices = network.browser("notifications", cookie)
    eventually(lambda: notices.get("/organise/notices").status_code == 200)
    with network.dbs["events"].writing() as session:
        sessions.end_sessions(session, owner, now=network.dbs["events"].now(session))
    changed = time.monotonic()
    events = network.browser("events", cookie)
    gone_within_a_second(
        changed, (events, "/organise/me", 303), (notices, "/organise/notices", 303)
    )


def test_a_revoked_token_is_out_everywhere(network: Network) -> None:
    db = network.dbs["events"]
    with db.writing() as session:
        now = db.now(session)
        wanted = tokens.Wanted("all", ["read", "sign-up"], now + timedelta(days=1))
        number, token = tokens.issue_token(session, NETWORK, wanted, now=now)
    events, notices, signups = (
        with_token(network.apps[name], token) for name in ("events", "notifications", "signups")
    )
    eventually(lambda: notices.get("/api/notices").status_code == 200)
    eventually(lambda: signups.post("/api/signups", json={}).status_code == 400)
    with db.writing() as session:
        tokens.revoke_token(session, number, now=db.now(session))
    changed = time.monotonic()
    gone_within_a_second(changed, (events, "/api/groups", 401), (notices, "/api/notices", 401))
    eventually(lambda: signups.post("/api/signups", json={}).status_code == 401, every=0.02)
    assert time.monotonic() - changed < ONE_SECOND
