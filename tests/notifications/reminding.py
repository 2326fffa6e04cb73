"""An event that reminds as usual, and what becomes of its reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.operations import outcomes, sending
from services.notifications.rules.replies import Meaning
from shared import messages
from shared.database import Database
from shared.messages.from_events import USUAL_REMINDERS

from .making import (
    make_event,
)
from .reading import notices_in

EVENING = datetime(2026, 12, 4, 18, tzinfo=UTC)
MORNING = datetime(2026, 12, 5, 8, tzinfo=UTC)
WAIT = timedelta(minutes=10)


def changed(*shifts: Any, **differences: Any) -> messages.EventChanged:
    """Return the message that the event is otherwise; it reminds as usual."""
    facts: dict[str, Any] = {"revision": 2, "reminders": USUAL_REMINDERS, **differences}
    return messages.EventChanged(event=make_event(*shifts, **facts))


def planned(db: Database) -> list[datetime | None]:
    """Return when reminders will go out."""
    return sorted(n.due_at for n in notices_in(db, kind="reminder", state="planned") if n.due_at)


def ended(db: Database, state: str = "superseded") -> list[str]:
    """Return why reminders will not go out."""
    return [notice.reason for notice in notices_in(db, kind="reminder", state=state)]


def send_due(db: Database, now: datetime) -> list[str]:
    """Send what is due at `now`; return who was reminded with which notices."""
    with db.writing() as session:
        batch = sending.claim_due(session, sending.Way(), now=now)
        said = []
        for notice_id in batch.notice_ids:
            letter = sending.begin(session, notice_id, batch.claim, now=now)
            if letter is None:
                continue
            taken = outcomes.Outcome(notice_id=notice_id, claim=batch.claim, meaning=Meaning.TAKEN)
            outcomes.record(session, taken, now=now)
            about = [place.signup.id for place in letter.together]
            said.append(f"{letter.notice.kind} {about or letter.notice.signup_id}")
    return said
