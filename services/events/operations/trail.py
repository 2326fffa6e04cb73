"""Reading the audit trail, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..models import AuditEntry

PAGE = 50
ZONE = ZoneInfo("Europe/London")


def show_trail(
    session: Session, filters: Mapping[str, Any], *, group_id: int | None = None, page: int = 1
) -> tuple[Sequence[AuditEntry], bool]:
    """Return a page of the trail of a group, or of everything, and whether there is more.

    `filters` may hold `kind` (of object), `who` (a part of the name), and the UK dates `first`
    and `last`.
    """
    query = _matching(select(AuditEntry), filters)
    if group_id is not None:
        query = query.where(AuditEntry.group_id == group_id)
    newest = query.order_by(AuditEntry.id.desc()).offset(PAGE * (page - 1)).limit(PAGE + 1)
    found = session.scalars(newest).all()
    return found[:PAGE], len(found) > PAGE


def kinds_in_trail(session: Session, *, group_id: int | None = None) -> Sequence[str]:
    """Return the kinds of objects that the trail speaks of, for its filter."""
    query = select(AuditEntry.object_kind).distinct().order_by(AuditEntry.object_kind)
    if group_id is not None:
        query = query.where(AuditEntry.group_id == group_id)
    return session.scalars(query).all()


def _matching(query: Select[tuple[AuditEntry]], filters: Mapping[str, Any]) -> Any:
    if kind := filters.get("kind"):
        query = query.where(AuditEntry.object_kind == kind)
    if who := filters.get("who"):
        query = query.where(AuditEntry.actor.icontains(who, autoescape=True))
    if first := filters.get("first"):
        query = query.where(AuditEntry.at >= _start(first))
    if last := filters.get("last"):
        query = query.where(AuditEntry.at < _start(last + timedelta(days=1)))
    return query


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
