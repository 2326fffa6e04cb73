"""Making notices to organisers: how to come in, and what waits for their answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.messages import Addressee, SignInRequested, SignInSeeker

from ..rules import truth
from .notices import make_notice


def addressed_to(person: Addressee | SignInSeeker, **said: str) -> dict[str, Any]:
    """Return the columns of a notice to an organiser that has a link, and says what is `said`."""
    details = {"name": person.name, "link": person.link, **said}
    return {"recipient": person.email, "details": details}


def tell_way_in(session: Session, message: SignInRequested, *, now: datetime) -> None:
    """Make the notice with a link and a code to sign in; heard of too late it has neither."""
    columns = addressed_to(message.person, code=message.person.code)
    if message.expires_at > now:
        columns["expires_at"] = message.expires_at
    else:
        columns |= {"details": {}, "state": "missed", "reason": truth.EXPIRED, "due_at": None}
    make_notice(session, "sign_in", message.subject, 0, now=now, **columns)
