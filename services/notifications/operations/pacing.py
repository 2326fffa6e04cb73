"""Limits per second that all senders keep together: each mail takes a turn, one row a limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared import addresses
from shared.database import insert

from ..config import Settings
from ..models import Pace
from ..rules import pacing
from ..rules.pacing import Limits, Used

PACES: Any = Pace.__table__
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Turn:
    """When a mail may leave: `at`, or `later` than anybody should wait for it."""

    at: datetime
    later: datetime | None = None


def take_turn(
    session: Session, channel: str, recipient: str, limits: Limits, *, now: datetime
) -> Turn:
    """Take the next turn to mail this recipient by this channel; without limits it is now.

    The rows stay locked until the commit, so that no two senders have the same turn.
    """
    at = now
    if limits.per_domain:
        name = f"{channel} {_blurred_domain(session, recipient)}"
        used = _read(session, name, now=now)
        if not pacing.is_soon(used.next_at, now):
            later, planned = pacing.plan_turn(used, limits.per_domain, now)
            _write(session, name, planned)
            return Turn(now, later)
        at = _take(session, name, used, limits.per_domain, now=now)
    if limits.per_second:
        used = _read(session, channel, now=now)
        at = max(at, _take(session, channel, used, limits.per_second, now=now))
    return Turn(at)


def forget_old(session: Session, now: datetime) -> None:
    """Forget limits that nothing uses any more."""
    session.execute(
        delete(Pace).where(
            Pace.planned_at < now - FORGOTTEN_AFTER, Pace.next_at < now - FORGOTTEN_AFTER
        )
    )


def _blurred_domain(session: Session, recipient: str) -> str:
    """Return the HMAC of a domain: some belong to one person."""
    settings: Settings = session.info["settings"]
    return addresses.digest(recipient.rpartition("@")[2], key=settings.address_key)


def _read(session: Session, name: str, *, now: datetime) -> Used:
    """Return how far a limit is used up, locked; one that is used for the first time is made."""
    query = select(PACES.c.next_at, PACES.c.planned_at).where(PACES.c.name == name)
    row = session.execute(query.with_for_update()).one_or_none()
    if row is None:
        first = insert(session, PACES).values(name=name, next_at=now, planned_at=now)
        session.execute(first.on_conflict_do_nothing())
        row = session.execute(query.with_for_update()).one()
    return Used(*row)


def _take(session: Session, name: str, used: Used, per_second: float, *, now: datetime) -> datetime:
    turn, taken = pacing.take_turn(used, per_second, now)
    _write(session, name, taken)
    return turn


def _write(session: Session, name: str, used: Used) -> None:
    row = {"next_at": used.next_at, "planned_at": used.planned_at}
    session.execute(update(PACES).where(PACES.c.name == name).values(row))
