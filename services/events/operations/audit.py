"""The audit trail: who did what to which object, when; written with the change it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.access import Who

from ..models import AuditEntry

NOBODY = "Muster"
"""Who did what nobody asked for: a chore, or a message from another service."""


@dataclass(frozen=True)
class About:
    """What an entry is about, where it is no row that speaks for itself."""

    kind: str
    id: int | str
    name: str
    group_id: int | None = None


def note(
    session: Session, action: str, about: Any, *, now: datetime, details: str = ""
) -> AuditEntry:
    """Write into the trail what was done, as in `event.published`, to a row or an `About`.

    Who did it stands in the session's `info`, put there by the edge. `details` are words without
    any personal data of volunteers.
    """
    thing = about if isinstance(about, About) else describe(about)
    by = session.info.get("by", NOBODY)
    entry = AuditEntry(
        at=now,
        organiser_id=by.organiser_id if isinstance(by, Who) else None,
        actor=by.name if isinstance(by, Who) else str(by),
        action=action,
        object_kind=thing.kind,
        object_id=str(thing.id),
        object_name=thing.name,
        group_id=thing.group_id,
        details=details,
    )
    session.add(entry)
    return entry


def describe(row: Any) -> About:
    """Return what a row is called, and in whose trail it stands. A row that is new is numbered."""
    if row.id is None:
        row_session = Session.object_session(row)
        assert row_session is not None, "a row that no session knows cannot be noted"  # noqa: S101 - a mistake of ours
        row_session.flush()
    kind = type(row).__name__.lower()
    name = next((str(found) for field in NAMES if (found := getattr(row, field, ""))), "")
    return About(kind, row.id, name, _group_of(row, kind))


NAMES = ("title", "name", "place", "file_name", "rule")


def _group_of(row: Any, kind: str) -> int | None:
    if kind == "group":
        return int(row.id)
    held_by = row.event if kind == "shift" else row
    found: int | None = getattr(held_by, "group_id", None)
    return found
