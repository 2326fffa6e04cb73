"""Consuming: up to 50 messages a transaction, one by one if that fails, held if nothing helps."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from shared import broker, held, inbox, wire
from shared.database import Database, is_unusable
from shared.handlers import Handlers
from shared.refusals import Refusal

BATCH = 50
PAUSE = 1.0
"""Seconds between two looks at a database that is away."""

log = logging.getLogger(__name__)


class DatabaseAway(Exception):
    """The database cannot be used now: nothing was done, and nothing may be acknowledged."""


class BrokerGaveUp(wire.Undecodable):
    """The broker delivered this message many times, and each time the worker died with it."""

    def __str__(self) -> str:
        return str(self.__doc__)


class Forged(wire.Undecodable):
    """The message says to be another one than its routing key, which its sender may not send."""

    def __str__(self) -> str:
        return str(self.__doc__)


def receive(db: Database, handlers: Handlers, bodies: Sequence[bytes]) -> None:
    """Do the work of these messages, in order, each exactly once; all is committed on return.

    They share one transaction. When that fails they are taken one by one, and what cannot be
    digested is held (shared/held.py). Raises DatabaseAway, after which nothing counts as received.
    """
    try:
        _do(db, handlers, bodies)
    except Exception as error:
        if is_unusable(error):
            raise DatabaseAway(str(error)) from error
        for body in bodies:
            receive_one(db, handlers, body)


def receive_one(db: Database, handlers: Handlers, body: bytes) -> None:
    """Do the work of one message in a transaction of its own, or hold it. Raises DatabaseAway."""
    try:
        _do(db, handlers, [body])
    except Refusal as refusal:
        _note_refusal(db, body, refusal)
    except Exception as error:
        if is_unusable(error):
            raise DatabaseAway(str(error)) from error
        log.warning("message held: %s", held.describe(error))
        with db.writing() as session:
            held.hold(session, body, error, now=db.now(session))


def receive_delivered(
    db: Database, handlers: Handlers, deliveries: Sequence[broker.Delivery]
) -> None:
    """Receive what the broker delivered; park what says to be another message than its key.

    The broker lets each service use its own routing keys only, but nobody else reads the body.
    Raises DatabaseAway.
    """
    forged = [each.body for each in deliveries if wire.name_of(each.body) not in ("", each.key)]
    if forged:
        log.error("%d messages came under another's routing key: parked", len(forged))
        _park(db, forged, Forged())
    receive(db, handlers, [each.body for each in deliveries if each.body not in forged])


def park(db: Database, deliveries: Sequence[broker.Delivery]) -> None:
    """Keep messages that the broker gave up on, parked for a person to look at."""
    _park(db, [delivery.body for delivery in deliveries], BrokerGaveUp())


Work = Callable[[Sequence[broker.Delivery]], None]
"""Has dealt with all deliveries, for good, when it returns; may raise DatabaseAway."""


def consume(
    queue: broker.Queue,
    db: Database,
    work: Work,
    stop: threading.Event,
) -> None:
    """Take messages from `queue` until `stop`, do `work` with them, acknowledge them.

    While the database is away nothing is taken: what was in hand goes back to the queue.
    """
    while not stop.is_set():
        if not queue.connected and not db.answers():
            stop.wait(PAUSE)
            continue
        batch = queue.take(BATCH)
        if not batch:
            continue
        try:
            work(batch)
        except DatabaseAway:
            log.warning("database away: %d messages go back to the queue", len(batch))
            queue.release()
            stop.wait(PAUSE)
            continue
        queue.acknowledge(batch)
    queue.release()


def _park(db: Database, bodies: Sequence[bytes], reason: wire.Undecodable) -> None:
    try:
        with db.writing() as session:
            for body in bodies:
                held.hold(session, body, reason, now=db.now(session))
    except Exception as error:
        if is_unusable(error):
            raise DatabaseAway(str(error)) from error
        raise


def _do(db: Database, handlers: Handlers, bodies: Sequence[bytes]) -> None:
    opened = {message.message_id: message for message in map(wire.unseal, bodies)}
    with db.writing() as session:
        now = db.now(session)
        new = inbox.mark_received(session, opened.keys(), now=now)
        for message_id, message in opened.items():
            if message_id in new:
                inbox.handle(session, handlers, message, now=now)


def _note_refusal(db: Database, body: bytes, refusal: Refusal) -> None:
    opened = wire.unseal(body)
    log.info("message %s refused: %s", opened.message_id, refusal.sentence)
    with db.writing() as session:
        inbox.mark_received(session, [opened.message_id], now=db.now(session))
