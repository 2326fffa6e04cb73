"""The relay: takes messages from the outbox to the carrier, in order, one leader per service."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared import outbox
from shared.database import Database, is_unusable
from shared.wire import Envelope

WINDOW = 500
"""Messages read and published before they are marked as sent."""

BUSY, IDLE = 0.005, 0.100
"""Seconds between two looks at the outbox: for a while after work, and at rest."""

STAYS_BUSY = 2.0
"""Seconds after the last message in which the next is expected soon."""

STAND_BY = 1.0
"""Seconds between two tries to become the leader."""

LEADER_KEY = 7_301_646
"""The advisory lock of the relay; each service has a database of its own, so one number does."""

Reading = Callable[[], AbstractContextManager[Session]]
"""Gives a session in which the outbox is read, to one thread."""

log = logging.getLogger(__name__)


class Carrier(Protocol):
    """What takes messages to the services that read them: RabbitMQ, or this very process."""

    def publish(self, envelopes: Sequence[Envelope]) -> Collection[UUID]:
        """Carry the messages in order; return the ids of those that are safe with their readers."""

    def close(self) -> None:
        """Let go of connections."""


def relay(db: Database, carrier: Carrier, stop: threading.Event) -> None:
    """Relay until `stop`: as the leader, or standing by for when the leader goes."""
    try:
        while not stop.is_set():
            try:
                with leadership(db) as reading:
                    if reading is not None:
                        _lead(db, carrier, stop, reading)
            except DBAPIError as error:
                if not is_unusable(error):
                    raise
                log.warning("the relay's database is away")
            stop.wait(STAND_BY)
    finally:
        carrier.close()


def relay_once(db: Database, carrier: Carrier, reading: Reading) -> int:
    """Publish one window of unsent messages and mark what was taken; return how many were."""
    with reading() as session:
        envelopes = outbox.unsent(session, limit=WINDOW)
    if not envelopes:
        return 0
    # No transaction is open while publishing: a slow broker must not hold the database.
    taken = carrier.publish(envelopes)
    if taken:
        with db.writing() as session:
            outbox.mark_sent(session, taken, now=db.now(session))
    return len(taken)


@contextmanager
def leadership(db: Database) -> Iterator[Reading | None]:
    """Try to become the one relay of this service; give the way to read as the leader, or None.

    The leader reads through the connection that holds the lock: when that is cut, reading fails,
    and a relay that has lost the lock publishes nothing more. On SQLite the lock on the DATA
    folder has decided already.
    """
    if db.dialect == "sqlite":
        yield db.reading
        return
    connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        won = connection.execute(text(f"SELECT pg_try_advisory_lock({LEADER_KEY})")).scalar_one()
        # One session for all looks: to make one costs as much as to look.
        session = Session(connection)
        yield (lambda: nullcontext(session)) if won else None
    finally:
        # Closed for real, not put back into the pool: the lock must go with it.
        connection.invalidate()
        connection.close()


def _lead(db: Database, carrier: Carrier, stop: threading.Event, reading: Reading) -> None:
    last_work = time.monotonic()
    while not stop.is_set():
        taken = relay_once(db, carrier, reading)
        if taken:
            last_work = time.monotonic()
        if taken < WINDOW:
            stop.wait(BUSY if time.monotonic() - last_work < STAYS_BUSY else IDLE)
