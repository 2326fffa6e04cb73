"""Forgetting volunteers: of them this service knows numbers only, and says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.outbox import tell


def answer_erasure(session: Session, message: messages.PersonErased, *, now: datetime) -> None:
    """Answer that nothing is kept here of somebody who is erased."""
    tell(session, messages.PersonErasedFromEvents(erasure_id=message.erasure_id), now=now)
