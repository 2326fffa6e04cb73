"""Invitations: looked at again before they leave, and with a way to end such mails."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.notifications.app import create_app
from services.notifications.models import Subscriber
from services.notifications.operations import figures
from services.notifications.operations.mailbox import Opened
from services.notifications.operations.subscribers import forgetting, preferring
from shared.database import Database
from tests.apps import app_on

from .making import NOW, make_event, make_group, make_settings, make_shift, published, receive
from .reading import kept_in, notice_in, notices_in
from .subscribing import ADA, send, subscribe, subscriber_in
from .writing import come, draft, let_leave
from .writing import send as decide

LATER = NOW + timedelta(minutes=2)
BY_IT = "They unsubscribed by the link in this mail."
UNSUBSCRIBED = "They unsubscribed before this was sent."


def begin_to_leave(db: Database, *, purpose: str = "invitation") -> None:
    """Decide who gets a mailing of Ada's event; she hears of the group's other days."""
    subscribe(db, group_id=1)
    come(db, "Ada")
    decide(db, draft(db, purpose=purpose))
    let_leave(db, LATER)
    assert notice_in(db, kind="mailing").state == "due"


def mailing_in(db: Database) -> Opened:
    """Return the mail that a mailing became."""
    (mail,) = [mail for mail in kept_in(db) if mail.kept.subject == "What to bring"]
    return mail


def unsubscribe(db: Database) -> None:
    with db.writing() as session:
        preferring.unsubscribe(session, subscriber_in(db).token, now=LATER)


def be_forgotten(db: Database) -> None:
    with db.writing() as session:
        forgetting.forget_subscribers(session, Subscriber.email == ADA)


def choose(db: Database, *, group_id: int, pause: int = 0) -> None:
    wishes, token = {"group_id": group_id}, subscriber_in(db).token
    with db.writing() as session:
        preferring.keep_preferences(session, token, wishes, pause=pause, now=LATER)


def hear_of_another_group(db: Database) -> None:
    receive(db, published(make_event(make_shift(id=8), id=4, group=make_group(id=2))))
    choose(db, group_id=2)


def have_a_rest(db: Database) -> None:
    choose(db, group_id=1, pause=1)


@pytest.mark.parametrize(
    "change,reason",
    [
        (unsubscribe, UNSUBSCRIBED),
        (be_forgotten, UNSUBSCRIBED),
        (hear_of_another_group, "They did not ask to hear of this group’s other days."),
        (have_a_rest, "They have a rest from mails about other days."),
    ],
)
def test_who_changed_their_mind_while_it_left_gets_no_invitation(
    db: Database, change: Callable[[Database], None], reason: str
) -> None:
    begin_to_leave(db)
    change(db)

    send(db, now=LATER)

    notice = notice_in(db, kind="mailing")
    assert (notice.state, notice.reason) == ("superseded", reason)


def test_who_unsubscribed_still_hears_what_is_practical(db: Database) -> None:
    begin_to_leave(db, purpose="practical")
    unsubscribe(db)

    send(db, now=LATER)

    assert notice_in(db, kind="mailing").state == "sent"


def test_an_invitation_says_why_and_how_to_end_it(db: Database) -> None:
    begin_to_leave(db)
    token = subscriber_in(db).token

    send(db, now=LATER)

    mail = mailing_in(db)
    headers = dict(mail.headers)
    assert f"/mail/unsubscribe/{token}" in headers["List-Unsubscribe"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for said in (mail.text, mail.html):
        assert "because you asked at muster.example to hear of other days" in said
        assert f"https://muster.example/mail/preferences/{token}" in said
        assert f"https://muster.example/mail/unsubscribe/{token}" in said
        assert "because somebody signed up" not in said
        assert "Tobias Quill reads it" in said


def test_what_is_practical_says_that_it_is_about_a_sign_up(db: Database) -> None:
    begin_to_leave(db, purpose="practical")

    send(db, now=LATER)

    mail = mailing_in(db)
    assert "List-Unsubscribe" not in dict(mail.headers)
    for said in (mail.text, mail.html):
        assert "because somebody signed up with this address at muster.example" in said
        assert "/mail/unsubscribe/" not in said


def one_click(db: Database, token: str, query: str = "") -> int:
    """Unsubscribe as a mail program does; return the status."""
    browser = app_on(create_app, make_settings(amqp_url="amqp://broker.example"), db).test_client()
    body = {"List-Unsubscribe": "One-Click"}
    return browser.post(f"/mail/unsubscribe/{token}{query}", data=body).status_code


def test_of_an_invitation_it_is_noted_that_its_link_ended_such_mails(db: Database) -> None:
    begin_to_leave(db)
    send(db, now=LATER)
    (path,) = set(re.findall(r"muster.example(/mail/unsubscribe/\S+)", mailing_in(db).text))
    token, query = path.removeprefix("/mail/unsubscribe/").split("?")

    for _ in range(2):
        assert one_click(db, token, f"?{query}") == 200

    notice = notice_in(db, kind="mailing")
    assert (notice.state, notice.reason) == ("sent", BY_IT)
    assert subscriber_in(db).next_due_at is None


@pytest.mark.parametrize("query", ["", "?mail=x", "?mail=%00", f"?mail={uuid.UUID(int=1)}"])
def test_whatever_stands_behind_a_link_it_ends_the_mails(db: Database, query: str) -> None:
    begin_to_leave(db)
    send(db, now=LATER)

    assert one_click(db, subscriber_in(db).token, query) == 200

    assert subscriber_in(db).next_due_at is None
    assert notice_in(db, kind="mailing").reason == ""


def test_nobody_marks_a_mail_to_somebody_else_or_of_another_kind(db: Database) -> None:
    begin_to_leave(db)
    send(db, now=LATER)
    eve = subscribe(db, "eve@posts.example").token
    one_click(db, eve, f"?mail={notice_in(db, kind='mailing').message_id}")
    one_click(db, subscriber_in(db).token, f"?mail={notice_in(db, kind='confirmation').message_id}")

    assert [notice.reason for notice in notices_in(db, state="sent")] == ["", "", ""]


def test_an_invitation_that_waits_is_not_marked(db: Database) -> None:
    begin_to_leave(db)
    one_click(db, subscriber_in(db).token, f"?mail={notice_in(db, kind='mailing').message_id}")

    assert notice_in(db, kind="mailing").reason == ""


def test_the_figures_count_who_ended_it_by_an_invitation_or_while_it_left(db: Database) -> None:
    subscribe(db)
    for name in ("ben", "cleo"):
        subscribe(db, f"{name}@posts.example")
    come(db, "Ada", "Ben", "Cleo")
    decide(db, draft(db, purpose="invitation"))
    let_leave(db, LATER)
    unsubscribe(db)
    send(db, now=LATER)
    (to_ben,) = notices_in(db, kind="mailing", recipient="ben@posts.example")
    one_click(db, subscriber_in(db, "ben@posts.example").token, f"?mail={to_ben.message_id}")

    with db.reading() as session:
        by_kind, _total = figures.count_of_event(session, 3)

    (counts,) = (each.counts for each in by_kind if each.kind == "mailing")
    assert {name: n for name, n in counts.items() if n} == {"sent": 1, "unsubscribed": 2}
