"""The mailbox for bounces, read from a small server that speaks IMAP."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from services.notifications import imap
from services.notifications.imap import Mailbox
from services.notifications.models import Bounce, Channel
from services.notifications.operations import channels
from shared.database import Database
from tests.eventually import eventually

from .driving import work_off
from .imap_server import MailServer, open_mail_server
from .making import make_settings, placed, receive
from .post_office import open_post_office
from .reading import notice_in
from .returned import as_mail, bounced, path_of


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with open_mail_server() as server:
        yield server


def look(db: Database, server: MailServer) -> int:
    return imap.look(db, Mailbox.from_url(server.url))


def bounces_in(db: Database) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(Bounce.kind).order_by(Bounce.id)))


def trouble_in(db: Database) -> str:
    with db.reading() as session:
        return (
            session.scalars(select(Channel.reason).where(Channel.name == "bounces")).first() or ""
        )


def sent_mail(db: Database) -> bytes:
    """Send a mail, and return the report that it came back."""
    receive(db, placed())
    with open_post_office() as office:
        work_off(db, office)
    return bounced(to=path_of(notice_in(db)))


def test_what_came_back_is_read_and_marked_as_seen(db: Database, mailbox: MailServer) -> None:
    mailbox.deliver(sent_mail(db), as_mail("Subject: Win a prize\n\nNow"))

    assert look(db, mailbox) == 2

    assert notice_in(db).state == "failed"
    assert bounces_in(db) == ["hard", "unknown"]
    assert mailbox.seen == {1, 2}


def test_a_second_look_changes_nothing(db: Database, mailbox: MailServer) -> None:
    mailbox.deliver(sent_mail(db))
    look(db, mailbox)

    assert look(db, mailbox) == 0
    mailbox.seen.clear()
    assert look(db, mailbox) == 1
    assert bounces_in(db) == ["hard"]


def test_a_line_that_breaks_before_the_mark_loses_nothing(
    db: Database, mailbox: MailServer
) -> None:
    mailbox.deliver(sent_mail(db))
    mailbox.drops_at = "STORE"
    assert look(db, mailbox) == 0
    assert "cannot be reached" in trouble_in(db)

    mailbox.drops_at = ""
    assert look(db, mailbox) == 1

    assert bounces_in(db) == ["hard"]
    assert trouble_in(db) == ""


def test_of_a_very_large_mail_only_the_beginning_is_read(db: Database, mailbox: MailServer) -> None:
    mailbox.deliver(sent_mail(db) + b"x" * 1_000_000)

    look(db, mailbox)

    assert bounces_in(db) == ["hard"]


@pytest.mark.parametrize(
    "wrong,reason",
    [
        ({"password": "other"}, "does not let us in"),
        ({"password": "caf\u00e9"}, "ASCII letters only"),
        ({"folder": "Elsewhere"}, "does not let us in, or has no such folder"),
        ({"port": 1}, "cannot be reached"),
    ],
)
def test_a_mailbox_that_cannot_be_read_says_so_in_the_console(
    db: Database, mailbox: MailServer, wrong: dict[str, object], reason: str
) -> None:
    url = mailbox.url
    settings = make_settings(bounce_imap_url=url)
    there = vars(Mailbox.from_url(url)) | wrong

    imap.look(db, Mailbox(**there))

    assert reason in trouble_in(db)
    with db.reading() as session:
        session.info["settings"] = settings
        state = channels.list_channels(session, now=db.now(session))[-1]
    assert state.is_paused
    assert state.sentence == "Mails that come back are not read at the moment."


def test_the_reader_goes_on_after_trouble(
    db: Database, mailbox: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "READ_EVERY", 0.05)
    mailbox.drops_at = "LOGIN"
    stop = threading.Event()
    settings = make_settings(bounce_imap_url=mailbox.url)
    thread = threading.Thread(target=imap.run, args=(settings, db, stop, threading.Event()))
    thread.start()
    try:
        eventually(lambda: trouble_in(db))
        mailbox.deliver(as_mail("Subject: Hello\n\n"))
        mailbox.drops_at = ""
        eventually(lambda: bounces_in(db) == ["unknown"])
        eventually(lambda: trouble_in(db) == "")
    finally:
        stop.set()
        thread.join(10)


def test_without_a_mailbox_nobody_looks(db: Database) -> None:
    stop = threading.Event()
    stop.set()

    imap.run(make_settings(), db, stop, threading.Event())

    assert trouble_in(db) == ""


@pytest.mark.parametrize(
    "url,port,folder,wrapped,encrypted",
    [
        ("imaps://me:a%40b@post.example", 993, "INBOX", True, True),
        ("imaps://me:a%40b@post.example:1993/Came%20back", 1993, "Came back", True, True),
        ("imap://me:a%40b@post.example/INBOX", 143, "INBOX", False, True),
        ("imap://me:a%40b@post.example/INBOX?tls=never", 143, "INBOX", False, False),
    ],
)
def test_an_address_of_a_mailbox_is_read(
    url: str, port: int, folder: str, wrapped: bool, encrypted: bool
) -> None:
    mailbox = Mailbox.from_url(url)

    assert (mailbox.port, mailbox.folder) == (port, folder)
    assert (mailbox.wrapped, mailbox.encrypted) == (wrapped, encrypted)
    assert (mailbox.user, mailbox.password) == ("me", "a@b")


def test_a_pause_of_the_mailbox_stops_no_mail(db: Database) -> None:
    receive(db, placed())
    with db.writing() as session:
        now = db.now(session)
        channels.pause(session, channels.MAILBOX, "The mailbox is away.", now=now)
        session.execute(update(Channel).values(paused_until=now.replace(year=now.year + 1)))
    with open_post_office() as office:
        work_off(db, office)

    assert notice_in(db).state == "sent"
