"""Sessions: begun after a sign-in, listed, and ended."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.access import Ticket, sign
from shared.access.sessions import LASTS
from shared.database import insert
from shared.refusals import NotThere
from shared.tables import ENDED_SESSIONS

from ..models import Organiser, SignedInSession, SignInLink

KEPT_AFTERWARDS = timedelta(days=1)


def begin_session(session: Session, organiser: Organiser, browser: str, *, now: datetime) -> str:
    """Begin a session of 12 hours and return what its cookie holds."""
    begun = SignedInSession(
        id=uuid.uuid4(),
        organiser_id=organiser.id,
        browser=browser,
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(begun)
    session.flush()
    ticket = Ticket(begun.id, organiser.id, organiser.name, begun.expires_at)
    return sign(ticket, key=session.info["settings"].session_key, now=now)


def list_sessions(
    session: Session, organiser_id: int, *, now: datetime
) -> Sequence[SignedInSession]:
    """Return somebody's live sessions, newest first."""
    query = select(SignedInSession).filter_by(organiser_id=organiser_id, ended_at=None)
    newest = SignedInSession.created_at.desc()
    return session.scalars(query.where(SignedInSession.expires_at > now).order_by(newest)).all()


def end_session(
    session: Session, organiser_id: int, session_id: uuid.UUID, *, now: datetime
) -> None:
    """End one of somebody's sessions. Raises NotThere for one that is not theirs."""
    found = session.get(SignedInSession, session_id)
    if found is None or found.organiser_id != organiser_id:
        raise NotThere
    _end(session, found, now=now)


def end_sessions(
    session: Session, organiser_id: int, *, but: uuid.UUID | None = None, now: datetime
) -> int:
    """End all of somebody's sessions, except for the one named; return how many."""
    those = [one for one in list_sessions(session, organiser_id, now=now) if one.id != but]
    for one in those:
        _end(session, one, now=now)
    return len(those)


def forget_old(session: Session, now: datetime) -> None:
    """Delete links and sessions that have been over for a day."""
    for table in (SignInLink, SignedInSession):
        session.execute(delete(table).where(table.expires_at < now - KEPT_AFTERWARDS))


def _end(session: Session, found: SignedInSession, *, now: datetime) -> None:
    if found.ended_at is not None:
        return
    found.ended_at = now
    row = {"session_id": found.id, "expires_at": found.expires_at}
    session.execute(insert(session, ENDED_SESSIONS).on_conflict_do_nothing(), row)
    told = messages.SessionEnded(session_id=str(found.id), expires_at=found.expires_at)
    outbox.tell(session, told, now=now)
