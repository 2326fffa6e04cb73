"""Ways in for the tests: keys, tokens of programs, and organisers who are signed in."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared import keys
from shared.access import NETWORK, Ticket, cookie_name, sign
from shared.access.tokens import hash_of
from shared.database import Database, insert
from shared.tables import MEMBERSHIPS, TOKENS

TOKEN = "muster_a-token-that-is-long-enough-for-every-test"
SESSION_KEY, SESSION_PUBLIC_KEY = keys.new_pair()
FAR = datetime(2099, 1, 1, tzinfo=UTC)
ALL_RIGHTS = "read write sign-up"
ISSUE = ("token", "issue", "--network", "--name", "tests", "--rights", ALL_RIGHTS, "--json")
ROOT = Path(__file__).resolve().parents[1]


def issue_token(environment: Mapping[str, str]) -> str:
    """Have `muster` issue a token for everything in the installation of this environment."""
    return token_in(muster(environment, *ISSUE))


def muster(environment: Mapping[str, str], *typed: str) -> str:
    """Run a command of `muster` in a process of its own and return what it prints."""
    command = [sys.executable, "-m", "services", *typed]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def token_in(printed: str) -> str:
    """Return the token out of what the command printed."""
    token: str = json.loads(printed)["token"]
    return token


def give_token(
    db: Database,
    token: str = TOKEN,
    *,
    group_id: int = NETWORK,
    rights: str = ALL_RIGHTS,
    **columns: Any,
) -> str:
    """Let a program into a service's database; by default it may do everything everywhere."""
    row = {"name": token[-8:], "expires_at": FAR, "revoked_at": None, **columns}
    row |= {"hash": hash_of(token), "group_id": group_id, "rights": rights}
    with db.writing() as session:
        session.execute(insert(session, TOKENS).on_conflict_do_nothing(), row)
    return token


def with_token(app: Flask, token: str = TOKEN) -> FlaskClient:
    """Return a client that sends a token with each request."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


class SignedInClient(FlaskClient):
    """A browser in which somebody is signed in; forms it posts carry the field of the page."""

    csrf = ""
    session_id: uuid.UUID
    organiser_id: int

    def post(self, *args: Any, **options: Any) -> TestResponse:
        data = options.get("data")
        if "json" not in options and (data is None or isinstance(data, dict)):
            options["data"] = {"csrf": self.csrf, **(data or {})}
        return super().post(*args, **options)


def signed_in(
    app: Flask,
    db: Database,
    *roles: tuple[int, str],
    organiser_id: int = 1,
    name: str = "Robin Example",
    now: datetime | None = None,
) -> SignedInClient:
    """Return a browser of somebody with these roles, as `(3, "owner")`; by default they run all."""
    give_roles(db, roles or [(NETWORK, "administrator")], organiser_id=organiser_id)
    moment = now or datetime.now(UTC)
    session_id = uuid.uuid4()
    ticket = Ticket(session_id, organiser_id, name, moment + timedelta(hours=12))
    cookie = sign(ticket, key=SESSION_KEY, now=moment)
    client = SignedInClient(app, app.response_class, use_cookies=True)
    settings = app.config["SETTINGS"]
    client.set_cookie(cookie_name(settings.public_url), cookie)
    client.session_id, client.organiser_id = session_id, organiser_id
    client.csrf = hmac.new(cookie.encode(), str(session_id).encode(), hashlib.sha256).hexdigest()
    return client


def give_roles(db: Database, roles: Iterable[tuple[int, str]], *, organiser_id: int) -> None:
    """Write memberships into a service's database, as messages would."""
    with db.writing() as session:
        for group_id, role in roles:
            row = {"organiser_id": organiser_id, "group_id": group_id, "role": role, "revision": 1}
            upsert = insert(session, MEMBERSHIPS).on_conflict_do_update(
                index_elements=["organiser_id", "group_id"], set_={"role": role}
            )
            session.execute(upsert, row)
