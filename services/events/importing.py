"""Works on imports: looks at the rows in batches, then applies all of them in one transaction.

A worker holds an import by a lease, which it renews with each batch, so that its progress is seen
by others; who dies with one is followed by another, which begins again. What is applied is written
by a single transaction together with the mark that it was, so that it happens once or not at all.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from shared.access import Who
from shared.database import Database, is_unusable
from shared.refusals import Refusal

from .models import Import, ImportRow
from .operations import imports
from .operations.import_checks import Checker
from .rules import import_cells
from .rules import imports as rules

AT_ONCE = 100
"""Rows of one batch."""

LOOK_EVERY = 1.0
UNEXPECTED = "something went wrong on our side; please try again, and tell whoever runs this site."

log = logging.getLogger(__name__)


def keep_importing(
    _settings: Any, db: Database, stop: threading.Event, _nudge: threading.Event
) -> None:
    """Work on imports until `stop`; an unusable database is waited for."""
    while not stop.is_set():
        try:
            while not stop.is_set() and (claimed := claim(db)):
                carry_through(db, claimed, stop=stop)
        except Exception as error:
            if not is_unusable(error):
                raise
            log.warning("the database is away: imports wait")
        stop.wait(LOOK_EVERY)


def claim(db: Database, import_id: int | None = None) -> tuple[int, datetime] | None:
    """Take an import that waits, or the one that is named; return it with the lease."""
    with db.writing() as session:
        now = db.now(session)
        free = or_(Import.lease_until.is_(None), Import.lease_until <= now)
        waiting = select(Import.id).where(Import.state.in_(("uploaded", "due")), free)
        if import_id is not None:
            waiting = waiting.where(Import.id == import_id)
        lease = now + imports.LEASE
        taken = session.scalar(
            update(Import)
            .where(Import.id == waiting.order_by(Import.id).limit(1).scalar_subquery(), free)
            .values(lease_until=lease)
            .returning(Import.id)
        )
        return None if taken is None else (taken, lease)


def wait_until_done(db: Database, import_id: int, progress: Callable[[int], None]) -> None:
    """Wait for the worker that has an import, and tell how far it is."""
    told = 0
    while True:
        with db.reading() as session:
            found = imports.find_import(session, import_id)
        progress(found.done - told)
        told = found.done
        if found.state not in ("uploaded", "due"):
            return
        time.sleep(LOOK_EVERY / 4)


def carry_through(
    db: Database,
    claimed: tuple[int, datetime],
    *,
    stop: threading.Event | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> None:
    """Look at all rows of an import and, when that was asked for, apply them."""
    import_id, lease = claimed
    try:
        lease = look_at_rows(db, import_id, lease, stop=stop, progress=progress)
        with db.writing() as session:
            finish(session, held(session, import_id, lease), now=db.now(session))
    except rules.ImportLost:
        log.info("import %s was taken over", import_id)
    except Exception as error:
        if is_unusable(error):
            raise
        if not isinstance(error, Refusal):
            log.exception("import %s failed", import_id)
        refusal = error if isinstance(error, Refusal) else Refusal(UNEXPECTED)
        with db.writing() as session:
            found = imports.find_import(session, import_id, lock=True)
            imports.fail(session, found, refusal, now=db.now(session))


def look_at_rows(
    db: Database,
    import_id: int,
    lease: datetime,
    *,
    stop: threading.Event | None,
    progress: Callable[[int], None],
) -> datetime:
    """Look at the rows in batches, each with the progress in a transaction; return the lease."""
    with db.writing() as session:
        found = held(session, import_id, lease)
        listing = rules.open_list(found.content)
        checker = Checker(import_id=import_id, group_id=found.group_id, now=db.now(session))
        session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
        found.done = found.wrong = 0
    for batch in batches(iter(listing.rows)):
        if stop is not None and stop.is_set():
            raise rules.ImportLost
        typed = [(row, import_cells.read_row(listing.columns, cells)) for row, cells in batch]
        with db.writing() as session:
            found = held(session, import_id, lease)
            rows = [checker.check(session, row, each) for row, each in typed]
            session.add_all(rows)
            found.done += len(rows)
            found.wrong += sum(row.action == "problem" for row in rows)
            found.lease_until = lease = db.now(session) + imports.LEASE
        progress(len(batch))
    return lease


def batches(rows: Iterator[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    """Yield the rows in lists."""
    while batch := list(islice(rows, AT_ONCE)):
        yield batch


def held(session: Session, import_id: int, lease: datetime) -> Import:
    """Return the import, locked, as long as this worker has it. Raises ImportLost."""
    found = imports.find_import(session, import_id, lock=True)
    if found.lease_until != lease:
        raise rules.ImportLost
    return found


def finish(session: Session, found: Import, *, now: datetime) -> None:
    """Show what an import would do, or do it."""
    session.info["by"] = Who(name=found.actor, organiser_id=found.organiser_id)
    if found.state == "due" and found.wrong:
        raise rules.ImportHasProblems("what it changes was changed meanwhile; see the rows below.")
    if found.state == "due":
        imports.apply_rows(session, found, now=now)
    else:
        found.state = "checked"
    found.lease_until = None
