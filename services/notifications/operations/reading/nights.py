"""What comes up at night, though it can wait: it leaves in the morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ...mail.letters import NotSent
from ...rules import hours
from ...rules.kinds import KINDS

NIGHT = "It is night; this leaves in the morning."


def wait_for_morning(row: Any, now: datetime) -> NotSent | None:
    """Return until when a notice that can wait is not sent, if it is night; `row` is of `FACTS`.

    It may have been put off until then, or be due at once. People hear at night, too, what became
    of a shift of theirs that begins within 24 hours.
    """
    kind = KINDS[row.Notice.kind]
    zone = row.Shift.zone if row.Shift else hours.UK
    if not kind.can_wait or not hours.is_quiet(now, zone):
        return None
    if kind.audience == "person" and any(hours.begins_soon(at, now) for at in _starts(row)):
        return None
    return until_morning(now, zone)


def until_morning(now: datetime, zone: str) -> NotSent:
    """Return that something leaves when the quiet hours of now are over."""
    return NotSent("due", NIGHT, due_at=hours.quiet_morning(now, zone))


def _starts(row: Any) -> Iterator[datetime]:
    """Yield when the shift of a notice begins, and when it was to begin before it moved."""
    yield row.Shift.starts_at
    if before := row.Notice.details.get("before"):
        yield datetime.fromisoformat(before["starts_at"])
