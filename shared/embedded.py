"""All services in one process: their messages without a broker, their pages behind one port."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from uuid import UUID

import waitress
from flask import Flask, Response

from shared import consumer
from shared.database import Database
from shared.handlers import Handlers, names_of
from shared.paths import owner_of
from shared.processes import Crew
from shared.settings import OWN_NAMES
from shared.wire import Envelope

WRONG_HOST = "Muster does not answer to this name. Set PUBLIC_URL to the address people use.\n"

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


class Dispatcher:
    """The front door of embedded mode: hands each request to the service that owns its path.

    It answers to this machine's own names and to that of PUBLIC_URL. Under any other name a web
    site could read the local mailbox through a visitor's browser (DNS rebinding).
    """

    def __init__(self, apps: Mapping[str, Flask], *, public_url: str) -> None:
        self._apps = apps
        self._names = {*OWN_NAMES, urlsplit(public_url).hostname}

    def __call__(self, environ: dict[str, object], start_response: object) -> object:
        """Answer a WSGI request (PEP 3333)."""
        if _host_of(environ) not in self._names:
            return Response(WRONG_HOST, 421)(environ, start_response)  # type: ignore[arg-type]
        app = self._apps[owner_of(str(environ["PATH_INFO"]))]
        return app(environ, start_response)  # type: ignore[arg-type]


def _host_of(environ: Mapping[str, object]) -> str | None:
    try:
        return urlsplit(f"//{environ.get('HTTP_HOST', '127.0.0.1')}").hostname
    except ValueError:
        return None


def serve(
    crew: Crew, apps: Mapping[str, Flask], *, public_url: str, port: int, ready: Callable[[], None]
) -> None:
    """Serve the apps on one port of this machine until the crew stops; call `ready` meanwhile."""
    sockets: dict[int, object] = {}
    server = waitress.create_server(
        Dispatcher(apps, public_url=public_url), map=sockets, listen=f"127.0.0.1:{port}", threads=8
    )
    crew.start("web", server.run)
    ready()
    crew.stop.wait()
    server.task_dispatcher.shutdown()
    # The web thread ends when it watches no socket; idle browsers would keep theirs for minutes.
    server.trigger.pull_trigger(sockets.clear)


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
