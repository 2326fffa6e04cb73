"""Asking whether an address is held back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.notifications.operations.suppressing import find_suppressed, why_suppressed


def held_back(session: Session, email: str, *, kind: str | None = None) -> str:
    """Return why no mail of `kind`, or none at all, goes to an address; empty when it does."""
    return why_suppressed(find_suppressed(session, [email]).get(email.lower(), ()), kind)
