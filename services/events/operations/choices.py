"""What the filters of the schedule offer: the constituencies and groups that have something on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session

from . import finding
from .finding import EVENT, SHIFT
from .schedule import EVENTS, GROUP, SHIFTS


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Names to choose from, in the order of the alphabet."""

    constituencies: list[str]
    groups: list[tuple[int, str]]


def list_choices(session: Session, *, now: datetime) -> Choices:
    """Return where something is on, and who holds it."""
    ahead = finding.asked_ahead(now)
    seats = session.scalars(CONSTITUENCIES, ahead).all()
    groups = [(row.id, row.name) for row in session.execute(HOSTS, ahead)]
    return Choices(
        constituencies=sorted(seat for seat in seats if seat),
        groups=sorted(groups, key=lambda group: (group[1].casefold(), group)),
    )


AHEAD: dict[str, Any] = {name: bindparam(name) for name in ("now", "earliest")}
IS_AHEAD = (*finding.is_on(), *finding.conditions(AHEAD, AHEAD))
CONSTITUENCIES: Select[Any] = (
    select(SHIFT.constituency).join_from(SHIFTS, EVENTS).where(*IS_AHEAD).distinct()
)
HOSTS: Select[Any] = select(GROUP.id, GROUP.name).where(
    exists()
    .where(EVENT.group_id == GROUP.id, SHIFT.event_id == EVENT.id, *IS_AHEAD)
    .correlate(GROUP.id.table)
)
