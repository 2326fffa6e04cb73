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


def consume(
    queue: broker.Queue,
    db: Database,
    handlers: Handlers,
    stop: threading.Event,
    done: Callable[[], None],
) -> None:
    """Take messages from `queue` until `stop`; call `done` after each batch.

    While the database is away nothing is taken: what was in hand goes back to the queue.
    """
    while not stop.is_set():
        if not queue.connected and not db.answers():
            queue.release()
            stop.wait(PAUSE)
            continue
        batch = queue.take(BATCH)
        if not batch:
            continue
        try:
            receive(db, handlers, [delivery.body for delivery in batch])
        except DatabaseAway:
            log.warning("database away: %d messages go back to the queue", len(batch))
            queue.release()
            stop.wait(PAUSE)
            continue
        queue.acknowledge(batch)
        done()
    queue.release()


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
