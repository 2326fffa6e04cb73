"""What the filters of the schedule offer: the constituencies and groups that have something on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from . import finding
from .finding import EVENT, SHIFT
from .schedule import EVENTS, GROUP, GROUPS, SHIFTS


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Names to choose from, in the order of the alphabet."""

    constituencies: list[str]
    groups: list[tuple[int, str]]


def list_choices(session: Session, *, now: datetime) -> Choices:
    """Return where something is on, and who holds it."""
    rows = session.execute(STATEMENT, finding.asked_ahead(now)).all()
    names = {(row.name.casefold(), row.name, row.group_id) for row in rows}
    return Choices(
        constituencies=sorted({row.constituency for row in rows if row.constituency}),
        groups=[(group_id, name) for _, name, group_id in sorted(names)],
    )


AHEAD: dict[str, Any] = {name: bindparam(name) for name in ("now", "earliest")}
STATEMENT = (
    select(SHIFT.constituency, EVENT.group_id, GROUP.name)
    .join_from(SHIFTS, EVENTS)
    .join(GROUPS, GROUP.id == EVENT.group_id)
    .where(*finding.is_on(), *finding.conditions(AHEAD, AHEAD))
    .distinct()
)
