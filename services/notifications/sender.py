"""The sender: takes due notices, writes and hands over their mails, notes what became of them.

Any number of senders may run. No transaction is open while a mail server is spoken to.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from shared.database import Database, is_unusable

from .config import Settings
from .mail.composing import Mail, compose, load_templates
from .mail.letters import Letter
from .operations import channels, outcomes, sending
from .operations.outcomes import Outcome
from .operations.sending import Batch, Way
from .rules import kinds
from .rules.pacing import Limits
from .rules.replies import BEFORE_THE_MAIL, Meaning, Reply, describe, read_reply
from .smtp import Line, Server

SHORTEST_WAIT = 0.01
LONGEST_WAIT = {kinds.MAIL: 0.1, kinds.BULK: 0.5}
"""Of who waits for mail that people asked for, and of who waits for mail that invites."""

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
    """Send service mail until `stop`; look again after 10 to 100 ms, or at once when nudged."""
    _keep_sending(settings, db, stop, kinds.MAIL, nudge)


def run_bulk(
    settings: Settings, db: Database, stop: threading.Event, _nudge: threading.Event
) -> None:
    """Send mails that ask until `stop`, beside service mail, which never waits for them."""
    _keep_sending(settings, db, stop, kinds.BULK, stop)


def _keep_sending(
    settings: Settings, db: Database, stop: threading.Event, stream: str, nudge: threading.Event
) -> None:
    load_templates()
    line = _open_line(settings, stream)
    wait = SHORTEST_WAIT
    while not stop.is_set():
        try:
            worked = _work(settings, db, line, stop, stream)
        except Exception as error:
            if not is_unusable(error):
                raise
            log.warning("the database is away: notices wait")
            stop.wait(DATABASE_PAUSE)
            continue
        if line is not None:
            line.close_when_idle()
        wait = SHORTEST_WAIT if worked else min(wait * 1.5, LONGEST_WAIT[stream])
        if not worked and nudge.wait(wait) and nudge is not stop:
            nudge.clear()
    if line is not None:
        line.close()


def _open_line(settings: Settings, stream: str) -> Line | None:
    if not settings.smtp_url:
        return None
    return Line(
        Server.from_url(settings.server_of(settings.channel_of(stream))),
        own_name=urlsplit(settings.public_url).hostname or "localhost",
        timeout=settings.smtp_timeout,
    )


def _work(
    settings: Settings, db: Database, line: Line | None, stop: threading.Event, stream: str
) -> bool:
    with db.reading() as session:
        if not sending.is_anything_due(session, _way(settings, stream), now=db.now(session)):
            return False
    if line is None:
        return fill_mailbox(db, settings, (stream,))
    return work_off(db, settings, line, stop, (stream,))


def _way(settings: Settings, stream: str) -> Way:
    settle = timedelta(seconds=settings.change_notice_wait)
    return Way(stream, settings.channel_of(stream), settle)


def fill_mailbox(db: Database, settings: Settings, streams: Iterable[str] = kinds.STREAMS) -> bool:
    """Put due mails into the local mailbox, in the transaction that notes them as sent."""
    with db.writing() as session:
        now = db.now(session)
        worked = False
        for stream in streams:
            way = _way(settings, stream)
            batch = sending.claim_due(session, way, now=now, limit=IN_ONE_TRANSACTION)
            worked = worked or bool(batch.notice_ids)
            for notice_id in batch.notice_ids:
                letter = sending.begin(session, notice_id, batch.claim, now=now)
                if letter is not None:
                    outcomes.record(session, _keep(letter, settings, batch), now=now)
    return worked


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


def work_off(
    db: Database,
    settings: Settings,
    line: Line,
    stop: threading.Event,
    streams: Iterable[str] = kinds.STREAMS,
) -> bool:
    """Claim a batch of each stream and send it; return whether there was one."""
    worked = [_work_off(db, settings, line, stop, stream) for stream in streams]
    return any(worked)


def _work_off(
    db: Database, settings: Settings, line: Line, stop: threading.Event, stream: str
) -> bool:
    """Each transaction notes what became of one mail and begins the next.

    So at most one mail is in doubt when the process dies.
    """
    way = _way(settings, stream)
    with db.writing() as session:
        batch = sending.claim_due(session, way, now=db.now(session))
    hand = InHand(db, batch, settings.limits_of(batch.channel), stop, waiting=batch.notice_ids)
    while True:
        letter = _until_database_answers(partial(_note_and_begin, hand), stop)
        if letter is None:
            return bool(batch.notice_ids)
        stop.wait(hand.wait)
        hand.delivered = _deliver(letter, settings, line, batch)


@dataclass
class InHand:
    """A batch in hand: what became of the mail before, and what waits."""

    db: Database
    batch: Batch
    limits: Limits
    stop: threading.Event
    waiting: Sequence[int]
    delivered: Delivered | None = None
    wait: float = 0.0
    """Seconds until the limits let the next mail leave."""


def _note_and_begin(hand: InHand) -> Letter | None:
    """Note what became of one mail; return the next letter, if the batch goes on."""
    with hand.db.writing() as session:
        now = hand.db.now(session)
        before, batch = hand.delivered, hand.batch
        goes_on = before is None or _note(session, batch, before, now=now)
        if not goes_on or hand.stop.is_set():
            sending.give_back(session, batch, now=now)
            return None
        return _begin_next(session, hand, now=now)


def _note(session: Session, batch: Batch, delivered: Delivered, *, now: datetime) -> bool:
    """Write down what became of a mail; tell whether its channel takes more."""
    outcomes.record(session, delivered.outcome, now=now)
    reason = delivered.outcome.reason
    if delivered.nobody_there:
        sending.put_off_all(session, batch, reason, now=now)
        channels.pause(session, batch.channel, reason, now=now)
    elif batch.is_probe and not delivered.channel_closed:
        channels.reopen(session, batch.channel)
    return not (delivered.nobody_there or delivered.channel_closed)


def _begin_next(session: Session, hand: InHand, *, now: datetime) -> Letter | None:
    for position, notice_id in enumerate(hand.waiting):
        letter, at = sending.begin_in_turn(session, notice_id, hand.batch, hand.limits, now=now)
        if letter is not None:
            hand.waiting = hand.waiting[position + 1 :]
            hand.wait = (at - now).total_seconds()
            return letter
    return None


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
        channel=batch.channel,
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
