"""Asking whether an address is held back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.notifications.operations.suppressing import find_suppressed, why_suppressed


def held_back(session: Session, email: str, *, asks: bool = True) -> str:
    """Return why no mail that asks, or none at all, goes to an address; empty when it does."""
    return why_suppressed(find_suppressed(session, [email]).get(email.lower(), ()), asks=asks)
