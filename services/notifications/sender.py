"""The sender: takes due notices, writes and hands over their mails, notes what became of them.

Any number of senders may run. No transaction is open while a mail server is spoken to.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from shared.database import Database, is_unusable

from .config import Settings
from .mail.composing import Mail, compose, load_templates
from .mail.letters import Letter
from .operations import outcomes, sending
from .operations.outcomes import Outcome
from .operations.sending import Batch
from .rules.replies import BEFORE_THE_MAIL, Meaning, Reply, describe, read_reply
from .smtp import Line, Server

SHORTEST_WAIT = 0.01
LONGEST_WAIT = 0.1
DATABASE_PAUSE = 1.0
IN_ONE_TRANSACTION = 10
"""Mails that are put into the local mailbox at once; it is locked meanwhile."""

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What became of one mail, and what that means for the rest of its batch."""

    outcome: Outcome
    nobody_there: bool = False
    channel_closed: bool = False


def run(settings: Settings, db: Database, stop: threading.Event, nudge: threading.Event) -> None:
    """Send what is due until `stop`; look again after 10 to 100 ms, or at once when nudged."""
    load_templates()
    work, line = _choose_way(settings, db, stop)
    wait = SHORTEST_WAIT
    while not stop.is_set():
        try:
            worked = _is_anything_due(db, settings) and work()
        except Exception as error:
            if not is_unusable(error):
                raise
            log.warning("the database is away: notices wait")
            stop.wait(DATABASE_PAUSE)
            continue
        if line is not None:
            line.close_when_idle()
        wait = SHORTEST_WAIT if worked else min(wait * 1.5, LONGEST_WAIT)
        if not worked:
            nudge.wait(wait)
            nudge.clear()
    if line is not None:
        line.close()


def _choose_way(
    settings: Settings, db: Database, stop: threading.Event
) -> tuple[Callable[[], bool], Line | None]:
    if not settings.smtp_url:
        return lambda: fill_mailbox(db, settings), None
    line = Line(
        Server.from_url(settings.smtp_url),
        own_name=urlsplit(settings.public_url).hostname or "localhost",
        timeout=settings.smtp_timeout,
    )
    return lambda: work_off(db, settings, line, stop), line


def _is_anything_due(db: Database, settings: Settings) -> bool:
    with db.reading() as session:
        return sending.is_anything_due(session, now=db.now(session), settle=_settle(settings))


def _settle(settings: Settings) -> timedelta:
    return timedelta(seconds=settings.change_notice_wait)


def fill_mailbox(db: Database, settings: Settings) -> bool:
    """Put due mails into the local mailbox, in the transaction that notes them as sent."""
    with db.writing() as session:
        now = db.now(session)
        batch = sending.claim_due(
            session, now=now, settle=_settle(settings), limit=IN_ONE_TRANSACTION
        )
        for notice_id in batch.notice_ids:
            letter = sending.begin(session, notice_id, batch.claim, now=now)
            if letter is not None:
                outcome = _keep(letter, settings, batch)
                outcomes.record(session, outcome, now=now)
    return bool(batch.notice_ids)


def _keep(letter: Letter, settings: Settings, batch: Batch) -> Outcome:
    mail = _compose(letter, settings)
    if mail is None:
        return _unwritable(letter, batch)
    return Outcome(
        notice_id=letter.notice.id,
        claim=batch.claim,
        meaning=Meaning.TAKEN,
        recipient=mail.recipient,
        subject=mail.subject,
        kept=mail.body,
    )


def work_off(db: Database, settings: Settings, line: Line, stop: threading.Event) -> bool:
    """Claim a batch and send it; return whether there was one.

    Each transaction notes what became of one mail and begins the next, so that at most one mail
    is in doubt when the process dies.
    """
    with db.writing() as session:
        batch = sending.claim_due(session, now=db.now(session), settle=_settle(settings))
    waiting: Sequence[int] = batch.notice_ids
    delivered: Delivered | None = None
    while True:
        step = partial(_note_and_begin, db, batch, waiting, delivered, stop)
        letter, waiting = _until_database_answers(step, stop)
        if letter is None:
            return bool(batch.notice_ids)
        delivered = _deliver(letter, settings, line, batch)


def _note_and_begin(
    db: Database,
    batch: Batch,
    waiting: Sequence[int],
    delivered: Delivered | None,
    stop: threading.Event,
) -> tuple[Letter | None, Sequence[int]]:
    """Note what became of one mail; return the next letter, and what waits after it."""
    with db.writing() as session:
        now = db.now(session)
        if delivered is not None:
            outcomes.record(session, delivered.outcome, now=now)
        if delivered is not None and delivered.nobody_there:
            sending.put_off_all(session, batch, delivered.outcome.reason, now=now)
        elif stop.is_set() or (delivered is not None and delivered.channel_closed):
            sending.give_back(session, batch, now=now)
        else:
            for position, notice_id in enumerate(waiting):
                letter = sending.begin(session, notice_id, batch.claim, now=now)
                if letter is not None:
                    return letter, waiting[position + 1 :]
    return None, ()


def _until_database_answers(step: Callable[[], T], stop: threading.Event) -> T:
    """Take a step as often as it needs: that a mail left must not be forgotten in a restart."""
    while True:
        try:
            return step()
        except Exception as error:
            if not is_unusable(error) or stop.is_set():
                raise
            log.warning("the database is away: what became of a mail is noted later")
            stop.wait(DATABASE_PAUSE)


def _deliver(letter: Letter, settings: Settings, line: Line, batch: Batch) -> Delivered:
    """Write and hand over one mail; return what became of it."""
    mail = _compose(letter, settings)
    if mail is None:
        return Delivered(_unwritable(letter, batch))
    reply = line.send(mail)
    outcome = _read(reply, letter, batch)
    if outcome.meaning is not Meaning.TAKEN:
        log.warning("notice %s: %s", letter.notice.id, outcome.reason)
    return Delivered(
        outcome,
        nobody_there=outcome.meaning is Meaning.LATER and reply.stage in BEFORE_THE_MAIL,
        channel_closed=outcome.meaning is Meaning.CHANNEL_CLOSED,
    )


def _read(reply: Reply, letter: Letter, batch: Batch) -> Outcome:
    meaning = read_reply(reply)
    return Outcome(
        notice_id=letter.notice.id,
        claim=batch.claim,
        meaning=meaning,
        reason="" if meaning is Meaning.TAKEN else describe(reply),
        recipient=letter.recipient,
    )


def _compose(letter: Letter, settings: Settings) -> Mail | None:
    """Write the mail, or None when that cannot be done: the others must not wait for this one."""
    try:
        return compose(letter, settings)
    except Exception:
        log.exception("notice %s could not be written", letter.notice.id)
        return None


def _unwritable(letter: Letter, batch: Batch) -> Outcome:
    return Outcome(
        notice_id=letter.notice.id,
        claim=batch.claim,
        meaning=Meaning.NEVER,
        reason="The mail could not be written; the log of the sender says why.",
    )
