"""Releasing claimed notices: of a sender that stops, that reaches nobody, or that died."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, update
from sqlalchemy.orm import Session

from ..models import Notice
from ..rules import states, truth
from ..rules.replies import Meaning
from . import outcomes
from .outcomes import Outcome
from .sending import Batch

NOTICES: Any = Notice.__table__
STOPPED = "The sender stopped while sending."


def put_off_all(session: Session, batch: Batch, reason: str, *, now: datetime) -> None:
    """Put off all that was claimed and not begun: the mail server cannot be reached."""
    rows = session.execute(
        update(NOTICES)
        .where(_untouched(batch))
        .values(attempts=NOTICES.c.attempts + 1, began_at=now)
        .returning(NOTICES.c.id)
    )
    for notice_id in rows.scalars().all():
        outcome = Outcome(
            notice_id=notice_id, claim=batch.claim, meaning=Meaning.LATER, reason=reason
        )
        outcomes.record(session, outcome, now=now)


def take_back(session: Session, batch: Batch, notice_ids: Collection[int]) -> None:
    """Note that of these, which had begun, nothing was said."""
    if notice_ids:
        session.execute(
            update(NOTICES)
            .where(
                NOTICES.c.id.in_(notice_ids),
                NOTICES.c.claim == batch.claim,
                NOTICES.c.state == "sending",
            )
            .values(began_at=None, attempts=NOTICES.c.attempts - 1)
        )


def give_back(session: Session, batch: Batch, *, now: datetime) -> None:
    """Give back what was claimed and not begun."""
    session.execute(
        update(NOTICES).where(_untouched(batch)).values(state="due", due_at=now, lease_until=None)
    )


def sweep_leases(session: Session, now: datetime) -> None:
    """Take notices from senders that died: what was begun may have arrived, the rest is due."""
    expired = and_(NOTICES.c.lease_until.is_not(None), NOTICES.c.lease_until < now)
    session.execute(
        update(NOTICES)
        .where(expired, NOTICES.c.began_at.is_(None))
        .values(state="due", due_at=now, lease_until=None)
    )
    begun = and_(expired, NOTICES.c.began_at.is_not(None))
    outcomes.keep_try(session, begun, Meaning.UNKNOWN, STOPPED, now=now)
    session.execute(
        update(NOTICES).where(begun).values(lease_until=None, **outcomes.in_doubt(STOPPED, now))
    )


def forget_keys(session: Session, now: datetime) -> None:
    """Forget the links and codes of notices that nobody sent in time; they are missed."""
    unsent = NOTICES.c.state.in_(states.UNSENT)
    session.execute(
        update(NOTICES)
        .where(NOTICES.c.expires_at <= now)
        .values(
            state=case((unsent, "missed"), else_=NOTICES.c.state),
            reason=case((unsent, truth.EXPIRED), else_=NOTICES.c.reason),
            due_at=None,
            **outcomes.FORGET_KEY,
        )
    )


def _untouched(batch: Batch) -> Any:
    return and_(
        NOTICES.c.id.in_(batch.notice_ids),
        NOTICES.c.claim == batch.claim,
        NOTICES.c.state == "sending",
        NOTICES.c.began_at.is_(None),
    )
