"""The sender: takes due notices, writes and hands over their mails, notes what became of them.

Any number of senders may run. No transaction is open while a mail server is spoken to.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from shared.database import Database, is_unusable

from .config import Settings
from .delivering import FRESH, Delivered, InHand, deliver_all, unwritable, write
from .mail.composing import load_templates
from .mail.letters import Letter
from .operations import channels, outcomes, releasing, sending
from .operations.outcomes import Outcome
from .operations.sending import Batch, Begun, Way
from .rules import kinds
from .rules.replies import Meaning
from .smtp import Line, Server

SHORTEST_WAIT = 0.025
LONGEST_WAIT = {kinds.MAIL: 0.1, kinds.BULK: 0.5}
"""Of who waits for mail that people asked for, and of who waits for mail that invites."""

MOST_AT_ONCE = 10
"""So many mails at most are in doubt when a sender dies."""

DATABASE_PAUSE = 1.0
TRIES_AFTER_STOP = 5
IN_ONE_TRANSACTION = 10
"""Mails that are put into the local mailbox at once; it is locked meanwhile."""

T = TypeVar("T")
log = logging.getLogger(__name__)


def run(settings: Settings, db: Database, stop: threading.Event, nudge: threading.Event) -> None:
    """Send service mail until `stop`; look again after 25 to 100 ms, or at once when nudged."""
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
    wait, nudged = SHORTEST_WAIT, False
    while not stop.is_set():
        try:
            asked = nudged or _is_anything_due(settings, db, stream)
            worked = asked and _send_due(settings, db, line, stop, stream)
        except Exception as error:
            if not is_unusable(error):
                raise
            log.warning("the database is away: notices wait")
            stop.wait(DATABASE_PAUSE)
            continue
        if line is not None:
            line.close_when_idle()
        wait = SHORTEST_WAIT if worked else min(wait * 1.5, LONGEST_WAIT[stream])
        nudged = not worked and nudge.wait(wait) and nudge is not stop
        if nudged:
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


def _send_due(
    settings: Settings, db: Database, line: Line | None, stop: threading.Event, stream: str
) -> bool:
    if line is None:
        return fill_mailbox(db, settings, (stream,))
    return work_off(db, settings, line, stop, (stream,))


def _is_anything_due(settings: Settings, db: Database, stream: str) -> bool:
    with db.reading() as session:
        return sending.is_anything_due(session, _way(settings, stream), now=db.now(session))


def _way(settings: Settings, stream: str) -> Way:
    channel = settings.channel_of(stream)
    settle = timedelta(seconds=settings.change_notice_wait)
    return Way(stream, channel, settings.limits_of(channel), settle)


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
    mail = write(letter, settings)
    if mail is None:
        return unwritable(letter, batch)
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
    """Each transaction notes what became of some mails and begins the next.

    They are as many as leave at once, so that few are in doubt when the process dies.
    """
    way = _way(settings, stream)
    with db.writing() as session:
        now = db.now(session)
        batch = sending.claim_due(session, way, now=now)
        hand, begun = InHand(batch, line, stop), Begun(waiting=batch.notice_ids)
        if batch.together.issuperset(batch.notice_ids) and not batch.limits:
            # To begin these nothing else is locked, so that it may be done at once.
            begun = _begin_next(session, hand, begun.waiting, now=now)
    delivered: Sequence[Delivered] = ()
    while begun.letters or begun.waiting:
        if begun.letters:
            stop.wait(begun.wait.total_seconds())
            delivered = deliver_all(begun.letters, settings, hand)
        step = partial(_note_and_begin, db, hand, begun, delivered)
        begun = _until_database_answers(step, stop)
    return bool(batch.notice_ids)


def _note_and_begin(
    db: Database, hand: InHand, before: Begun, delivered: Sequence[Delivered]
) -> Begun:
    """Note what became of the mails that were begun before; begin the next, if it goes on."""
    batch = hand.batch
    with db.writing() as session:
        now = db.now(session)
        said = {each.outcome.notice_id for each in delivered}
        unsaid = [each.notice.id for each in before.letters if each.notice.id not in said]
        releasing.take_back(session, batch, unsaid)
        goes_on = not delivered or _note(session, batch, delivered, now=now)
        if not goes_on or hand.stop.is_set():
            releasing.give_back(session, batch, now=now)
            return Begun()
        waiting = [*unsaid, *before.waiting]
        return _begin_next(session, hand, waiting, now=now)


def _begin_next(session: Session, hand: InHand, waiting: Sequence[int], *, now: datetime) -> Begun:
    at_once = min(max(1, hand.line.takes_in(FRESH)), MOST_AT_ONCE)
    return sending.begin_next(session, hand.batch, waiting, at_once=at_once, now=now)


def _note(session: Session, batch: Batch, delivered: Sequence[Delivered], *, now: datetime) -> bool:
    """Write down what became of mails; tell whether their channel takes more."""
    outcomes.record(session, *(each.outcome for each in delivered), now=now)
    last = delivered[-1]
    reason = last.outcome.reason
    if last.nobody_there:
        releasing.put_off_all(session, batch, reason, now=now)
        channels.pause(session, batch.channel, reason, now=now)
    elif batch.is_probe and not last.channel_closed:
        channels.reopen(session, batch.channel)
    return not last.ends_batch


def _until_database_answers(step: Callable[[], T], stop: threading.Event) -> T:
    """Take a step as often as it needs: that a mail left must not be forgotten in a restart.

    Who is to stop tries it for a few seconds more.
    """
    tries_left = TRIES_AFTER_STOP
    while True:
        try:
            return step()
        except Exception as error:
            tries_left -= stop.is_set()
            if not is_unusable(error) or not tries_left:
                raise
            log.warning("the database is away: what became of a mail is noted later")
            time.sleep(DATABASE_PAUSE)
