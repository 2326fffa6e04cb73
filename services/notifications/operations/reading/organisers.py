"""Letters of the installation itself: to organisers, and to who asked what is kept of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ...mail.letters import Letter, NotSent
from ...rules import kinds, truth


def read_to_organiser(_session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return a letter of the installation itself; who it is for stands in the notice."""
    notice = row.Notice
    if notice.kind in kinds.WITH_KEY and (notice.expires_at is None or notice.expires_at <= now):
        return NotSent("missed", truth.EXPIRED)
    return Letter(
        notice=notice,
        written_at=now,
        recipient=notice.recipient,
        first_name=notice.details["name"],
        group=None,
    )
