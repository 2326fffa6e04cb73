"""The mailbox that bounces come back to, read over IMAP (RFC 3501)."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from shared.database import Database, is_unusable

from .config import Settings
from .operations import bounces, channels
from .rules.hours import CHANNEL_PAUSE

READ_EVERY = 60.0
"""Seconds between two looks into the mailbox."""

TIMEOUT = 20.0
MOST_BYTES = 64 * 1024
"""Of each mail so much is read; a report stands at its beginning."""

AT_A_TIME = 200
TROUBLE = (OSError, imaplib.IMAP4.error, ValueError)
"""The last: a name or password that this protocol cannot carry, or an answer that is no text."""
QUOTED = re.compile(r'(["\\])')

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """Where a mailbox is, and how to get in."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    wrapped: bool
    """TLS from the first byte (imaps), rather than by STARTTLS."""
    encrypted: bool
    """Only tls=never says no, for a server on this machine."""

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read imaps://user:password@host:993/INBOX, or imap://…?tls=never."""
        parts = urlsplit(url)
        wrapped = parts.scheme == "imaps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (993 if wrapped else 143),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            wrapped=wrapped,
            encrypted=parse_qs(parts.query).get("tls") != ["never"],
        )


def run(settings: Settings, db: Database, stop: threading.Event, _nudge: threading.Event) -> None:
    """Read the mailbox every minute until `stop`; without one, only wait for that."""
    if not settings.bounce_imap_url:
        stop.wait()
        return
    mailbox = Mailbox.from_url(settings.bounce_imap_url)
    while not stop.is_set():
        try:
            look(db, mailbox)
        except Exception as error:
            if not is_unusable(error):
                raise
            log.warning("the database is away: bounces wait in their mailbox")
        stop.wait(READ_EVERY)


def look(db: Database, mailbox: Mailbox) -> int:
    """Take in what is new in the mailbox; return how many mails that were.

    A mail is marked as seen once what it says is kept. One that is read twice changes nothing.
    """
    number = 0
    try:
        with _open(mailbox) as connection:
            for uid in _list_unseen(connection):
                _take(db, _fetch(connection, uid))
                connection.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)")
                number += 1
    except TROUBLE as error:
        _note_trouble(db, error)
    else:
        _note_well(db)
    return number


def _take(db: Database, raw: bytes) -> None:
    with db.writing() as session:
        bounces.keep_mail(session, raw, now=db.now(session))


def _note_trouble(db: Database, error: Exception) -> None:
    reason = "The mailbox for bounces cannot be reached."
    if isinstance(error, UnicodeEncodeError):
        reason = "The name and password of the mailbox for bounces may have ASCII letters only."
    elif isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort):
        reason = "The mailbox for bounces does not let us in, or has no such folder."
    log.warning("%s %s", reason, type(error).__name__)
    with db.writing() as session:
        now = db.now(session)
        channels.pause(session, channels.MAILBOX, reason, CHANNEL_PAUSE, now=now)


def _note_well(db: Database) -> None:
    with db.reading() as session:
        if not channels.is_in_trouble(session, channels.MAILBOX):
            return
    with db.writing() as session:
        channels.reopen(session, channels.MAILBOX)


@contextmanager
def _open(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    connection = _connect(mailbox)
    try:
        connection.login(mailbox.user, mailbox.password)
        folder = QUOTED.sub(r"\\\1", mailbox.folder)
        _answer(connection.select(f'"{folder}"'))
        yield connection
    finally:
        _leave(connection)


def _connect(mailbox: Mailbox) -> imaplib.IMAP4:
    if mailbox.wrapped:
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    connection = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
    if mailbox.encrypted:
        try:
            connection.starttls(ssl.create_default_context())
        except TROUBLE:
            connection.shutdown()
            raise
    return connection


def _leave(connection: imaplib.IMAP4) -> None:
    leave: Callable[[], object] = connection.logout
    try:
        leave()
    except TROUBLE:
        connection.shutdown()


def _list_unseen(connection: imaplib.IMAP4) -> list[str]:
    (found, *_) = _answer(connection.uid("SEARCH", "UNSEEN", "UNDELETED"))
    return (found or b"").decode().split()[:AT_A_TIME]


def _fetch(connection: imaplib.IMAP4, uid: str) -> bytes:
    answer = _answer(connection.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
    parts = [part[1] for part in answer if isinstance(part, tuple)]
    return bytes(parts[0]) if parts else b""


def _answer(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, found = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(kind)
    return found
