"""The bus without a broker: all services live in this process and get their messages here."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from shared import consumer
from shared.database import Database
from shared.handlers import Handlers, names_of
from shared.wire import Envelope

log = logging.getLogger(__name__)


class DataInUse(Exception):
    """Another Muster already runs on this DATA folder; stop it, or set DATA to another folder."""


@dataclass(frozen=True)
class Reader:
    """A service that reads messages: its database, its handlers, and what to nudge after work."""

    db: Database
    handlers: Handlers
    nudge: threading.Event


class InProcess:
    """The carrier of embedded mode: hands messages to the function the broker's consumer uses."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = [(reader, frozenset(names_of(reader.handlers))) for reader in readers]

    def publish(self, envelopes: Sequence[Envelope]) -> Collection[UUID]:
        """Return the ids of all messages, once every reader has done or held them."""
        try:
            for reader, names in self._readers:
                bodies = [envelope.body for envelope in envelopes if envelope.name in names]
                for start in range(0, len(bodies), consumer.BATCH):
                    consumer.receive(
                        reader.db, reader.handlers, bodies[start : start + consumer.BATCH]
                    )
                if bodies:
                    reader.nudge.set()
        except consumer.DatabaseAway:
            # Nothing is marked as sent, so all is handed over again; the inbox drops what was done.
            log.warning("a reader's database is busy: the messages are handed over again")
            return ()
        return {envelope.message_id for envelope in envelopes}

    def close(self) -> None:
        """Nothing to let go of."""


def lock(folder: Path) -> IO[str]:
    """Claim the DATA folder for as long as the returned file is open.

    Raises DataInUse when another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise DataInUse(DataInUse.__doc__) from None
    return file
