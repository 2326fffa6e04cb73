"""What two people do at the same moment, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy.orm import Session

from services.events import operations
from shared.database import Database
from shared.refusals import Refusal
from tests.events.making import NOW, make_event, told

Change = Callable[[Session, datetime], object]


def at_once(db: Database, *changes: Change) -> list[str]:
    """Make the changes in transactions of their own that begin together; return what was said."""
    start = threading.Barrier(len(changes))

    def make(change: Change) -> str:
        start.wait()
        try:
            with db.writing() as session:
                change(session, NOW)
        except Refusal as refusal:
            return refusal.sentence
        return "done"

    with ThreadPoolExecutor(len(changes)) as pool:
        return sorted(pool.map(make, changes))


def test_of_four_who_cancel_at_once_one_does(db: Database) -> None:
    with db.writing() as session:
        event_id = make_event(session).id

    def cancel(session: Session, now: datetime) -> None:
        operations.cancel_event(session, event_id, reason="", now=now)

    said = at_once(db, *[cancel] * 4)
    assert said == ["This event was already cancelled."] * 3 + ["done"]
    with db.reading() as session:
        assert len(told(session)) == 1


def test_changes_made_at_once_all_count_and_each_has_its_own_revision(db: Database) -> None:
    with db.writing() as session:
        event = make_event(session)
        event_id, before = event.id, event.revision

    def change(field: str) -> Change:
        def to_new(session: Session, now: datetime) -> None:
            operations.change_event(session, event_id, {field: "New words"}, now=now)

        return to_new

    fields = ("title", "description", "contact_name")
    assert at_once(db, *map(change, fields)) == ["done"] * 3
    with db.reading() as session:
        event = operations.find_event(session, event_id)
        assert [getattr(event, field) for field in fields] == ["New words"] * 3
        assert event.revision == before + 3
        revisions = [message.event.revision for message in told(session)]
    assert sorted(revisions) == [before + 1, before + 2, before + 3]
