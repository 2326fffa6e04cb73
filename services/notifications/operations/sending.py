"""Claiming due notices, beginning to send them, and giving them back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime

from ..mail.letters import Letter
from ..models import Channel, Notice
from ..rules import hours, kinds, truth
from ..rules.replies import Meaning
from . import outcomes, reading

NOTICES: Any = Notice.__table__
AT_A_TIME = 50

# Made once, because every mail needs it and making a statement takes longer than running it.
BEGIN_TALK = (
    update(NOTICES)
    .where(outcomes.THIS, NOTICES.c.state == "sending")
    .values(
        recipient=bindparam("recipient", type_=Text),
        began_at=outcomes.NOW,
        lease_until=bindparam("until", type_=UtcDateTime),
        attempts=NOTICES.c.attempts + 1,
    )
)


@dataclass(frozen=True)
class Batch:
    """Notices that one sender claimed, in ascending order of their ids."""

    claim: UUID
    notice_ids: list[int]


def _due(now: datetime, settle: timedelta) -> Any:
    """Return the condition that a notice is due; one about a change waits until edits settle."""
    column = NOTICES.c.due_at
    settled = or_(NOTICES.c.state != "planned", NOTICES.c.kind != "changed", column <= now - settle)
    paused = exists().where(Channel.name == outcomes.CHANNEL, Channel.paused_until > now)
    return and_(column.is_not(None), column <= now, settled, ~paused)


def is_anything_due(session: Session, *, now: datetime, settle: timedelta) -> bool:
    """Tell whether a claim would find something; asked often, so that no write lock is taken."""
    query = select(NOTICES.c.id).where(_due(now, settle)).limit(1)
    return session.execute(query).first() is not None


def claim_due(
    session: Session, *, now: datetime, settle: timedelta, limit: int = AT_A_TIME
) -> Batch:
    """Claim up to `limit` due notices for two minutes; nobody else gets them meanwhile."""
    claim = uuid.uuid4()
    due = (
        select(NOTICES.c.id)
        .where(_due(now, settle))
        .order_by(NOTICES.c.due_at, NOTICES.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        update(NOTICES)
        .where(NOTICES.c.id.in_(due))
        .values(
            state="sending",
            claim=claim,
            lease_until=now + hours.LEASE,
            began_at=None,
            due_at=None,
        )
        .returning(NOTICES.c.id)
    )
    return Batch(claim, sorted(rows.scalars()))


def begin(session: Session, notice_id: int, claim: UUID, *, now: datetime) -> Letter | None:
    """Read the facts again and note that the talk about this notice begins.

    Returns None when there is nothing to send: the claim was lost, or the notice is no longer
    true, which is then written down.
    """
    found = reading.read_letter(session, notice_id, claim, now=now)
    if found is None:
        return None
    if isinstance(found, reading.NotSent):
        outcomes.settle(
            session,
            notice_id,
            claim,
            state=found.state,
            reason=found.reason,
            recipient=found.recipient or NOTICES.c.recipient,
        )
        return None
    # The lease begins anew: the notices before it in the batch may have taken most of it.
    begun = session.connection().execute(
        BEGIN_TALK,
        {
            "this_id": notice_id,
            "this_claim": claim,
            "recipient": found.recipient,
            "now": now,
            "until": now + hours.LEASE,
        },
    )
    return found if begun.rowcount else None


def put_off_all(session: Session, batch: Batch, reason: str, *, now: datetime) -> None:
    """Put off all that was claimed and not begun: the mail server cannot be reached."""
    rows = session.execute(
        update(NOTICES)
        .where(_untouched(batch))
        .values(attempts=NOTICES.c.attempts + 1, began_at=now)
        .returning(NOTICES.c.id)
    )
    for notice_id in rows.scalars().all():
        outcome = outcomes.Outcome(
            notice_id=notice_id, claim=batch.claim, meaning=Meaning.LATER, reason=reason
        )
        outcomes.put_off(session, outcome, now)


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
    session.execute(
        update(NOTICES)
        .where(expired, NOTICES.c.began_at.is_not(None))
        .values(lease_until=None, **outcomes.in_doubt("The sender stopped while sending.", now))
    )


def forget_keys(session: Session, now: datetime) -> None:
    """Forget the links and codes of notices that nobody sent in time; they are missed."""
    unsent = NOTICES.c.state.in_(kinds.UNSENT)
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
