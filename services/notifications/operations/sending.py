"""Claiming due notices, beginning to send them, and giving them back."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime

from ..mail.letters import Letter, NotSent
from ..models import Notice
from ..models.notices import IS_ASK, IS_NEWS
from ..rules import hours, kinds, states, truth
from ..rules.pacing import Limits
from ..rules.replies import Meaning
from . import channels, outcomes, pacing, reading

NOTICES: Any = Notice.__table__
AT_A_TIME = 50
IN_STREAM = {kinds.MAIL: IS_NEWS, kinds.BULK: IS_ASK}
STOPPED = "The sender stopped while sending."
UNREADABLE = "What the mail is about could not be read; the log of the sender says why."
log = logging.getLogger(__name__)

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
    channel: str = kinds.MAIL
    """By which they leave."""
    is_probe: bool = False
    """The channel was in trouble: with this one notice it is tried whether it works again."""


@dataclass(frozen=True)
class Way:
    """Which notices leave, and by which channel."""

    stream: str = kinds.MAIL
    channel: str = kinds.MAIL
    settle: timedelta = timedelta()
    """How long edits have to rest before a change is told."""


def _due(stream: str) -> Any:
    """Return the condition that a notice is due; one about a change waits until edits settle."""
    column = NOTICES.c.due_at
    is_settled = or_(
        NOTICES.c.state != "planned",
        NOTICES.c.kind != "changed",
        column <= bindparam("settled", type_=UtcDateTime),
    )
    paused = channels.is_paused(bindparam("channel"), now=outcomes.NOW)
    return and_(column.is_not(None), IN_STREAM[stream], column <= outcomes.NOW, is_settled, ~paused)


@cache
def _find_due(stream: str) -> Any:
    return select(NOTICES.c.id).where(_due(stream)).limit(1)


@cache
def _claim_due(stream: str) -> Any:
    due = (
        select(NOTICES.c.id)
        .where(_due(stream))
        .order_by(NOTICES.c.due_at, NOTICES.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("due")
        # Asked once: PostgreSQL may ask a subquery anew for each row, and go over the limit.
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return (
        update(NOTICES)
        .where(NOTICES.c.id.in_(select(due.c.id)))
        .values(
            state="sending",
            claim=bindparam("new_claim", type_=Uuid),
            lease_until=bindparam("until", type_=UtcDateTime),
            began_at=None,
            due_at=None,
        )
        .returning(NOTICES.c.id)
    )


def is_anything_due(session: Session, way: Way, *, now: datetime) -> bool:
    """Tell whether a claim would find something; asked often, so that no write lock is taken."""
    asked = {"now": now, "settled": now - way.settle, "channel": way.channel}
    return session.connection().execute(_find_due(way.stream), asked).first() is not None


def claim_due(session: Session, way: Way, *, now: datetime, limit: int = AT_A_TIME) -> Batch:
    """Claim up to `limit` due notices for two minutes; nobody else gets them meanwhile."""
    claim = uuid.uuid4()
    is_probe = channels.is_in_trouble(session, way.channel)
    wanted = {
        "now": now,
        "settled": now - way.settle,
        "channel": way.channel,
        "most": 1 if is_probe else limit,
        "new_claim": claim,
        "until": now + hours.LEASE,
    }
    rows = session.connection().execute(_claim_due(way.stream), wanted)
    return Batch(claim, sorted(rows.scalars()), way.channel, is_probe)


def begin(session: Session, notice_id: int, claim: UUID, *, now: datetime) -> Letter | None:
    """Read the facts again and note that the talk about this notice begins.

    Returns None when there is nothing to send: the claim was lost, or the notice is no longer
    true, which is then written down.
    """
    letter = _read_or_settle(session, notice_id, claim, now=now)
    return letter if letter and _note_begun(session, letter, claim, now=now) else None


def begin_in_turn(
    session: Session, notice_id: int, batch: Batch, limits: Limits, *, now: datetime
) -> tuple[Letter | None, datetime]:
    """Begin like `begin`, within the channel's limits; return also when the mail may leave.

    A mail to a domain that had enough for now is put back until its turn.
    """
    letter = _read_or_settle(session, notice_id, batch.claim, now=now)
    if letter is None:
        return None, now
    turn = pacing.take_turn(session, batch.channel, letter.recipient, limits, now=now)
    if turn.later is not None:
        outcomes.settle(session, notice_id, batch.claim, state="due", due_at=turn.later)
        return None, now
    begun = _note_begun(session, letter, batch.claim, now=now)
    return (letter, turn.at) if begun else (None, now)


def _read_or_settle(
    session: Session, notice_id: int, claim: UUID, *, now: datetime
) -> Letter | None:
    """Read what is to be said; what is no longer true is settled, and None returned.

    So is what cannot be read: the others must not wait for this one.
    """
    try:
        found = reading.read_letter(session, notice_id, claim, now=now)
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("the facts of notice %s could not be read", notice_id)
        failed = outcomes.Outcome(
            notice_id=notice_id, claim=claim, meaning=Meaning.NEVER, reason=UNREADABLE
        )
        outcomes.record(session, failed, now=now)
        return None
    if found is None:
        return None
    if isinstance(found, NotSent):
        outcomes.settle(
            session,
            notice_id,
            claim,
            state=found.state,
            reason=found.reason,
            recipient=found.recipient or NOTICES.c.recipient,
        )
        return None
    return found


def _note_begun(session: Session, letter: Letter, claim: UUID, *, now: datetime) -> bool:
    # The lease begins anew: the notices before it in the batch may have taken most of it.
    begun = session.connection().execute(
        BEGIN_TALK,
        {
            "this_id": letter.notice.id,
            "this_claim": claim,
            "recipient": letter.recipient,
            "now": now,
            "until": now + hours.LEASE,
        },
    )
    if not begun.rowcount:
        return False
    _begin_others(session, letter, claim, now=now)
    return True


def _begin_others(session: Session, letter: Letter, claim: UUID, *, now: datetime) -> None:
    """Note that other notices are being said in this letter: they end as it does."""
    if letter.also:
        session.execute(
            update(NOTICES)
            .where(NOTICES.c.id.in_(letter.also))
            .values(
                state="sending",
                told_in=letter.notice.id,
                claim=claim,
                recipient=letter.recipient,
                began_at=now,
                due_at=None,
                lease_until=now + hours.LEASE,
                attempts=NOTICES.c.attempts + 1,
            )
        )


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
        outcomes.record(session, outcome, now=now)


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
