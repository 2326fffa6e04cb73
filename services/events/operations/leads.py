"""Forgetting those who lead shifts: long after their shift, and at once when they ask for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, update
from sqlalchemy.orm import Session

from ..models import Shift

KEPT = timedelta(days=90)
"""How long after a shift it is known who led it."""

NOBODY: dict[str, Any] = {"lead_name": "", "lead_email": ""}


def erase_lead(session: Session, address: str) -> int:
    """Forget who has this address, of whatever shift; return of how many."""
    those = update(Shift).where(func.lower(Shift.lead_email) == address.strip().lower())
    return count(session.execute(those.values(**NOBODY)))


def erase_old_leads(session: Session, now: datetime) -> None:
    """Forget who led the shifts that are long over."""
    led = or_(Shift.lead_name != "", Shift.lead_email != "")
    session.execute(update(Shift).where(Shift.ends_at < now - KEPT, led).values(**NOBODY))


def count(result: Any) -> int:
    """Return how many rows a statement changed."""
    rows: int = result.rowcount
    return rows
