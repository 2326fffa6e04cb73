"""What follows from each answer of a mail server, at each stage of the talk."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.notifications import sender
from services.notifications.models import Channel, Notice, SuppressedAddress
from shared.database import Database

from .driving import open_line, work_off
from .making import make_settings, placed, receive
from .post_office import DROP, SILENCE, open_post_office
from .reading import notice_in, notices_in

OFFERS_TLS = "250-post.example\r\n250 STARTTLS"
AT_ONCE = "250-post.example\r\n250 PIPELINING"
NO_TLS = "?tls=never"
SENT, WAITS, FAILED, PAUSED, DOUBTFUL = "sent", "deferred", "failed", "due", "uncertain"

GREETING = [
    ("connect", "421 4.3.2 busy", WAITS),
    ("connect", "554 5.7.1 go away", WAITS),
    ("connect", DROP, WAITS),
    ("connect", SILENCE, WAITS),
    ("connect", "what?", WAITS),
    ("ehlo", "502 5.5.1 what is that?", SENT),
    ("ehlo", DROP, WAITS),
    ("ehlo", SILENCE, WAITS),
]
ENCRYPTING = [
    ("starttls", "454 4.7.0 not now", WAITS),
    ("starttls", "502 5.5.1 what is that?", WAITS),
    ("starttls", DROP, WAITS),
    ("starttls", SILENCE, WAITS),
]
LOGGING_IN = [
    ("auth", "454 4.7.0 not now", WAITS),
    ("auth", "421 4.3.2 closing", WAITS),
    ("auth", "535 5.7.8 wrong", PAUSED),
    ("auth", "534 5.7.9 too weak", PAUSED),
    ("auth", "504 5.5.4 not that way", PAUSED),
    ("auth", "334 this is no base64", PAUSED),
    ("auth", DROP, WAITS),
    ("auth", SILENCE, WAITS),
]
HANDING_OVER = [
    ("mail", "421 4.4.2 closing", WAITS),
    ("mail", "451 4.3.0 error", WAITS),
    ("mail", "530 5.7.0 log in first", PAUSED),
    ("mail", "550 5.7.1 no\0", PAUSED),
    ("mail", DROP, WAITS),
    ("mail", SILENCE, WAITS),
    ("rcpt", "421 4.4.2 closing", WAITS),
    ("rcpt", "450 4.2.0 greylisted", WAITS),
    ("rcpt", "550 5.1.1 unknown", FAILED),
    ("rcpt", "550 5.2.1 disabled", FAILED),
    ("rcpt", "550 5.7.1 blocked", FAILED),
    ("rcpt", DROP, WAITS),
    ("rcpt", SILENCE, WAITS),
    ("data", "421 4.4.2 closing", WAITS),
    ("data", "451 4.3.0 error", WAITS),
    ("data", "554 5.5.1 no", FAILED),
    ("data", DROP, WAITS),
    ("data", SILENCE, WAITS),
    ("body", "421 4.4.2 closing", WAITS),
    ("body", "451 4.7.1 later", WAITS),
    ("body", "554 5.7.1 spam", FAILED),
    ("body", DROP, DOUBTFUL),
    ("body", SILENCE, DOUBTFUL),
]
MINUTES = {WAITS: 1, DOUBTFUL: 10, PAUSED: 0}


def patience(answer: str) -> float:
    """Return for how many seconds an answer is waited for: not for long, where none will come."""
    return 0.5 if answer == SILENCE else 5


def send_to(db: Database, url: str, *, timeout: float = 5) -> Notice:
    """Let a sender try one mail at a server; return what became of it."""
    receive(db, placed())
    with open_line(url, timeout=timeout) as line:
        sender.work_off(db, make_settings(), line, threading.Event())
    return notice_in(db)


def becomes(notice: Notice, state: str) -> None:
    """Check what became of a notice, and when it is tried again."""
    assert notice.state == state, notice.reason
    assert notice.reason.startswith("The") or state == SENT
    assert (notice.due_at is None) == (state not in MINUTES)
    if notice.due_at and notice.began_at:
        waits = timedelta(minutes=MINUTES[state])
        assert waits <= notice.due_at - notice.began_at < waits + timedelta(minutes=1)


@pytest.mark.parametrize("stage,answer,state", GREETING + HANDING_OVER)
def test_what_follows_from_an_answer(db: Database, stage: str, answer: str, state: str) -> None:
    with open_post_office(**{stage: [answer]}) as office:
        becomes(send_to(db, office.url, timeout=patience(answer)), state)


@pytest.mark.parametrize("stage,answer,state", HANDING_OVER)
def test_what_follows_from_an_answer_to_what_was_said_at_once(
    db: Database, stage: str, answer: str, state: str
) -> None:
    with open_post_office(ehlo=[AT_ONCE], **{stage: [answer]}) as office:
        becomes(send_to(db, office.url, timeout=patience(answer)), state)


@pytest.mark.parametrize("stage, refused", [("mail", "553 5.6.7 no"), ("rcpt", "550 5.7.1 no")])
@pytest.mark.parametrize("then", ["354 go on", "503 5.5.1 who for?", "554 5.5.1 nobody there"])
def test_a_refusal_among_what_was_said_at_once_ends_this_mail_alone(
    db: Database, stage: str, refused: str, then: str
) -> None:
    receive(db, placed(id=1), placed(id=2))
    script = {"ehlo": [AT_ONCE], stage: [refused], "data": [then]}
    with open_post_office(**script) as office:
        work_off(db, office)

    assert [notice.state for notice in notices_in(db)] == [FAILED, SENT]
    assert refused in notices_in(db)[0].reason
    assert [bool(text) for text in office.received] == [False, True][then[:3] != "354" :]
    assert office.connections == 1


def test_a_line_that_breaks_after_a_refusal_is_opened_anew(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2))
    script = {"ehlo": [AT_ONCE, AT_ONCE], "rcpt": ["550 5.7.1 blocked"], "data": [DROP]}
    with open_post_office(**script) as office:
        work_off(db, office)

    assert [notice.state for notice in notices_in(db)] == [FAILED, SENT]
    assert office.connections == 2


@pytest.mark.parametrize("stage,answer,state", ENCRYPTING)
def test_what_follows_where_encryption_fails(
    db: Database, stage: str, answer: str, state: str
) -> None:
    with open_post_office(ehlo=[OFFERS_TLS], **{stage: [answer]}) as office:
        url = office.url.replace(NO_TLS, "?tls=required")
        becomes(send_to(db, url, timeout=patience(answer)), state)
        assert office.senders == [], "nothing is said unencrypted"


@pytest.mark.parametrize("stage,answer,state", LOGGING_IN)
def test_what_follows_where_nobody_is_let_in(
    db: Database, stage: str, answer: str, state: str
) -> None:
    with open_post_office(**{stage: [answer]}) as office:
        url = office.url.replace("//", "//me:secret@")
        becomes(send_to(db, url, timeout=patience(answer)), state)
        assert office.senders == [], "nothing is said before we are let in"


def test_a_server_without_the_encryption_that_is_asked_for_pauses_the_channel(
    db: Database,
) -> None:
    with open_post_office() as office:
        becomes(send_to(db, office.url.replace(NO_TLS, "?tls=required")), PAUSED)

    with db.reading() as session:
        assert "STARTTLS" in session.get_one(Channel, "mail").reason


def test_a_password_that_cannot_be_said_pauses_the_channel(db: Database) -> None:
    with open_post_office() as office:
        becomes(send_to(db, office.url.replace("//", "//me:%C2%A3secret@")), PAUSED)

    with db.reading() as session:
        reason = session.get_one(Channel, "mail").reason
    assert "ASCII letters only" in reason
    assert "\u00a3" not in reason


def test_a_port_where_nobody_listens_lets_mail_wait(db: Database) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        becomes(send_to(db, f"smtp://127.0.0.1:{port}{NO_TLS}"), WAITS)


def test_a_slow_server_gets_its_time(db: Database) -> None:
    with open_post_office() as office:
        # Each of six answers comes in time; all of them together take longer.
        office.delay = 0.2
        becomes(send_to(db, office.url, timeout=1), SENT)


@pytest.mark.parametrize("answer,suppressed", [("550 5.1.1 unknown", 1), ("550 5.7.1 no", 0)])
def test_only_an_address_that_does_not_exist_is_held_back(
    db: Database, answer: str, suppressed: int
) -> None:
    with open_post_office(rcpt=[answer]) as office:
        send_to(db, office.url)

    with db.reading() as session:
        assert len(session.scalars(select(SuppressedAddress)).all()) == suppressed


def test_a_server_that_stays_silent_late_holds_nobody_up_for_long(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2))
    with open_post_office(data=[SILENCE]) as office:
        work_off(db, office, timeout=patience(SILENCE))

    assert [notice.state for notice in notices_in(db)] == [WAITS, SENT]
