"""Ways in for the tests: keys, tokens of programs, and organisers who are signed in."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
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

    def post(self, *args: Any, **options: Any) -> TestResponse:
        data = options.get("data")
        if data is None or isinstance(data, dict):
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
