"""Bounces and complaints that a mail provider posts, signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from services.notifications.models import Bounce, Notice, SuppressedAddress
from services.notifications.rules.return_path import token_of
from shared.database import Database

from .driving import work_off
from .making import placed, receive
from .post_office import open_post_office
from .reading import notice_in
from .returned import bounced, message_id_of, path_of
from .test_pages import visit

SECRET = f"whsec_{base64.b64encode(b's' * 24).decode()}"


@pytest.fixture
def provider(db: Database) -> FlaskClient:
    return visit(db, bounce_webhook_secret=SECRET, smtp_url="smtp://post.example")


@pytest.fixture
def notice(db: Database) -> Notice:
    receive(db, placed())
    with open_post_office() as office:
        work_off(db, office)
    return notice_in(db)


def post(
    provider: FlaskClient,
    body: Any,
    *,
    secret: str = SECRET,
    age: timedelta = timedelta(),
    number: str = "msg_1",
) -> TestResponse:
    """Post a body as a provider does."""
    text = body if isinstance(body, str) else json.dumps(body)
    at = datetime.now(UTC) - age
    headers = {
        "webhook-id": number,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(number, at, text),
    }
    return provider.post("/mail/bounces", data=text, headers=headers)


def kinds_in(db: Database) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(Bounce.kind).order_by(Bounce.id)))


def test_a_whole_mail_is_taken(db: Database, provider: FlaskClient, notice: Notice) -> None:
    raw = bounced(to=path_of(notice))

    answer = post(provider, {"mail": base64.b64encode(raw).decode()})

    assert (answer.status_code, answer.data) == (204, b"")
    assert notice_in(db).state == "failed"


@pytest.mark.parametrize("named_by", ["message_id", "bare", "token"])
def test_fields_name_the_notice(
    db: Database, provider: FlaskClient, notice: Notice, named_by: str
) -> None:
    named = {
        "message_id": {"message_id": message_id_of(notice)},
        "bare": {"message_id": str(notice.message_id)},
        "token": {"token": token_of(notice.message_id, key="a" * 40)},
    }[named_by]
    body = named | {"kind": "bounced", "code": "5.1.1", "reason": "<ada@posts.example> unknown"}

    assert post(provider, body).status_code == 204

    assert "(address) unknown" in notice_in(db).reason
    assert kinds_in(db) == ["hard"]


def test_a_complaint_is_taken(db: Database, provider: FlaskClient, notice: Notice) -> None:
    post(provider, {"message_id": message_id_of(notice), "kind": "complained", "later": "ignored"})

    with db.reading() as session:
        assert session.scalars(select(SuppressedAddress.covers)).one() == "asks"


def test_who_posts_twice_is_heard_once(db: Database, provider: FlaskClient, notice: Notice) -> None:
    body = {"message_id": message_id_of(notice), "kind": "bounced", "code": "5.2.2"}

    assert [post(provider, body).status_code for _ in range(2)] == [204, 204]
    assert kinds_in(db) == ["soft"]
    post(provider, body, number="msg_2")
    assert kinds_in(db) == ["soft", "soft"]


def test_what_names_nobody_is_kept_and_counted(db: Database, provider: FlaskClient) -> None:
    assert post(provider, {"kind": "bounced", "code": "5.1.1"}).status_code == 204

    assert kinds_in(db) == ["unknown"]


@pytest.mark.parametrize(
    "how",
    [
        {"secret": f"whsec_{base64.b64encode(b'x' * 24).decode()}"},
        {"age": timedelta(minutes=6)},
        {"age": timedelta(minutes=-6)},
    ],
    ids=["another secret", "too old", "from the future"],
)
def test_what_is_not_signed_now_by_the_provider_is_refused(
    db: Database, provider: FlaskClient, notice: Notice, how: dict[str, Any]
) -> None:
    body = {"message_id": message_id_of(notice), "kind": "bounced", "code": "5.1.1"}

    assert post(provider, body, **how).status_code == 401
    assert notice_in(db).state == "sent"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "1", "webhook-timestamp": "x", "webhook-signature": "v1,x"},
        {"webhook-id": "1", "webhook-timestamp": "{now}", "webhook-signature": "nonsense"},
        {"webhook-id": "1", "webhook-timestamp": "{now}", "webhook-signature": "v1,%%%"},
        {"webhook-id": "1", "webhook-timestamp": "nan", "webhook-signature": "v1,"},
    ],
)
def test_a_signature_that_cannot_be_read_is_refused(
    provider: FlaskClient, headers: dict[str, str]
) -> None:
    now = str(int(datetime.now(UTC).timestamp()))
    sent = {name: value.format(now=now) for name, value in headers.items()}

    assert provider.post("/mail/bounces", data=b"\xff{}", headers=sent).status_code == 401


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", {}, {"kind": "praised"}, {"mail": "%%"}, {"mail": 7}]
)
def test_what_cannot_be_read_is_named_as_that(provider: FlaskClient, body: Any) -> None:
    assert post(provider, body).status_code == 400


def test_a_mail_of_half_a_megabyte_is_taken_and_one_of_two_is_not(
    db: Database, provider: FlaskClient, notice: Notice
) -> None:
    raw = bounced(to=path_of(notice))

    for size, status in ((500_000, 204), (2_000_000, 413)):
        mail = base64.b64encode(raw + b"x" * size).decode()
        assert post(provider, {"mail": mail}).status_code == status
    assert kinds_in(db) == ["hard"]


def test_without_a_secret_there_is_nothing_there(db: Database) -> None:
    assert post(visit(db), {"kind": "bounced"}).status_code == 404


def test_looking_at_it_changes_nothing(provider: FlaskClient) -> None:
    assert provider.get("/mail/bounces").status_code == 405
