"""Muster while the clocks of 2027 are ahead, over HTTP, for programs that nobody here wrote."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from services.events.app import create_app
from shared import migrations
from shared.database import Database
from tests.events.conftest import settings_on
from tests.events.making import make_event, make_group, typed_shift
from tests.foreign.readers import reader_of_ical_js
from tests.foreign.served import NOW, SHIFTS, Served


class PinnedDatabase(Database):
    """A database whose clock stands, so that the shifts of 2027 are always ahead."""

    def now(self, session: Session) -> datetime:
        return NOW


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return the events service for tests that only read."""
    with serve(tmp_path_factory.mktemp("foreign")) as found:
        yield found


@pytest.fixture
def served_alone(tmp_path: Path) -> Iterator[Served]:
    """Return the events service for a test that changes something."""
    with serve(tmp_path) as found:
        yield found


@pytest.fixture
def ical_js() -> Callable[[str], list[dict[str, Any]]]:
    """Return a function that gives a calendar as ical.js understands it."""
    return reader_of_ical_js()


@contextmanager
def serve(folder: Path) -> Iterator[Served]:
    """Serve the events service, with an event around each change of the clocks."""
    url = f"sqlite:///{folder}/events.sqlite"
    migrations.migrate(url, "events")
    with closing(PinnedDatabase(url)) as db:
        publish_all(db)
        server = make_server("127.0.0.1", 0, create_app(settings_on(db), db), threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Served(db=db, address=f"http://127.0.0.1:{server.port}")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def publish_all(db: Database) -> None:
    """Publish each shift as an event of its own."""
    with db.writing() as session:
        group = make_group(session, now=NOW)
        for shift in SHIFTS:
            span = typed_shift(starts_at=shift.starts, ends_at=shift.ends, zone=shift.zone)
            make_event(session, now=NOW, group_id=group.id, title=shift.title, shifts=[span])
