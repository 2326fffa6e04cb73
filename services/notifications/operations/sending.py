"""Claiming due notices, and beginning to send them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
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
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime

from ..mail.letters import Letter, NotSent
from ..models import Notice
from ..models.notices import IS_ASK, IS_NEWS
from ..rules import hours, kinds
from ..rules.pacing import NO_LIMITS, Limits
from ..rules.replies import Meaning
from . import channels, outcomes, pacing, reading
from .outcomes import Outcome

NOTICES: Any = Notice.__table__
AT_A_TIME = 50
IN_STREAM = {kinds.MAIL: IS_NEWS, kinds.BULK: IS_ASK}

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
    together: frozenset[int] = frozenset()
    """Those of which several may be begun at once, where no limits count."""
    limits: Limits = NO_LIMITS


@dataclass(frozen=True)
class Begun:
    """Letters that are to be handed over now, in this order."""

    letters: Sequence[Letter] = ()
    waiting: Sequence[int] = ()
    """The notices of the batch that come after them."""
    wait: timedelta = timedelta()
    """Until the limits let the first of them leave."""


@dataclass(frozen=True)
class Way:
    """Which notices leave, and by which channel."""

    stream: str = kinds.MAIL
    channel: str = kinds.MAIL
    limits: Limits = NO_LIMITS
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
    is_probe = channels.has_trouble(bindparam("channel"))
    due = (
        select(NOTICES.c.id)
        .where(_due(stream))
        .order_by(NOTICES.c.due_at, NOTICES.c.id)
        .limit(case((is_probe, 1), else_=bindparam("most", type_=Integer)))
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
        .returning(NOTICES.c.id, NOTICES.c.kind, NOTICES.c.doubts, is_probe.label("is_probe"))
    )


def is_anything_due(session: Session, way: Way, *, now: datetime) -> bool:
    """Tell whether a claim would find something; asked often, so that no write lock is taken."""
    asked = {"now": now, "settled": now - way.settle, "channel": way.channel}
    return session.connection().execute(_find_due(way.stream), asked).first() is not None


def claim_due(session: Session, way: Way, *, now: datetime, limit: int = AT_A_TIME) -> Batch:
    """Claim up to `limit` due notices for two minutes; nobody else gets them meanwhile."""
    claim = uuid.uuid4()
    wanted = {
        "now": now,
        "settled": now - way.settle,
        "channel": way.channel,
        "most": limit,
        "new_claim": claim,
        "until": now + hours.LEASE,
    }
    rows = session.connection().execute(_claim_due(way.stream), wanted).all()
    # What was in doubt once is alone, so that it cannot come to a second doubt by another's fault.
    together = frozenset(row.id for row in rows if row.kind in reading.TOGETHER and not row.doubts)
    ids = sorted(row.id for row in rows)
    is_probe = any(row.is_probe for row in rows)
    return Batch(claim, ids, way.channel, is_probe, together, way.limits)


def begin(session: Session, notice_id: int, claim: UUID, *, now: datetime) -> Letter | None:
    """Read the facts again and note that the talk about this notice begins.

    Returns None when there is nothing to send: the claim was lost, or the notice is no longer
    true, which is then written down.
    """
    letters = _read_or_settle(session, [notice_id], claim, now=now)
    begun = _note_begun(session, letters, claim, now=now)
    return begun[0] if begun else None


def begin_next(
    session: Session, batch: Batch, waiting: Sequence[int], *, at_once: int, now: datetime
) -> Begun:
    """Begin like `begin` with the next of those waiting that are to be sent, if there are any.

    Up to `at_once` are begun, if no limits count and they may come twice should the sender die.
    A mail to a domain that had enough for now is put back until its turn.
    """
    while waiting:
        together = waiting[:1]
        if not batch.limits and waiting[0] in batch.together:
            together = list(takewhile(batch.together.__contains__, waiting[:at_once]))
        waiting = waiting[len(together) :]
        letters = _read_or_settle(session, together, batch.claim, now=now)
        turn = pacing.Turn(now)
        if batch.limits and letters:
            to = letters[0].recipient
            turn = pacing.take_turn(session, batch.channel, to, batch.limits, now=now)
        if turn.later is not None:
            outcomes.settle(session, together[0], batch.claim, state="due", due_at=turn.later)
        elif begun := _note_begun(session, letters, batch.claim, now=now):
            return Begun(begun, waiting, turn.at - now)
    return Begun()


def _read_or_settle(
    session: Session, notice_ids: Sequence[int], claim: UUID, *, now: datetime
) -> list[Letter]:
    """Read what is to be said; of what is not to be sent it is written down why."""
    found = reading.read_letters(session, notice_ids, claim, now=now)
    for notice_id, letter in found.items():
        if isinstance(letter, NotSent):
            _settle(session, notice_id, claim, letter, now=now)
    return [letter for letter in found.values() if isinstance(letter, Letter)]


def _settle(
    session: Session, notice_id: int, claim: UUID, not_sent: NotSent, *, now: datetime
) -> None:
    reason = not_sent.reason
    if not_sent.state == "failed":
        failed = Outcome(notice_id=notice_id, claim=claim, meaning=Meaning.NEVER, reason=reason)
        outcomes.record(session, failed, now=now)
        return
    settled = outcomes.settle(
        session,
        notice_id,
        claim,
        state=not_sent.state,
        reason=reason,
        recipient=not_sent.recipient.lower() or NOTICES.c.recipient,
        due_at=not_sent.due_at,
    )
    if settled and not_sent.is_unreachable:
        outcomes.tell_failure(session, notice_id, Meaning.NO_SUCH_ADDRESS, now=now)


def _note_begun(
    session: Session, letters: Sequence[Letter], claim: UUID, *, now: datetime
) -> Sequence[Letter]:
    """Note that the talk about these begins; return them, without those of a lost claim."""
    if not letters:
        return []
    # The lease begins anew: the notices before it in the batch may have taken most of it.
    this = {"this_claim": claim, "now": now, "until": now + hours.LEASE}
    talks = [
        # In small letters, as all that is counted by address: how often somebody was asked.
        {**this, "this_id": letter.notice.id, "recipient": letter.recipient.lower()}
        for letter in letters
    ]
    begun = session.connection().execute(BEGIN_TALK, talks)
    if begun.rowcount < len(letters):
        mine = (NOTICES.c.claim == claim, NOTICES.c.state == "sending", NOTICES.c.began_at == now)
        kept = set(session.scalars(select(NOTICES.c.id).where(*mine)))
        letters = [letter for letter in letters if letter.notice.id in kept]
    for letter in letters:
        _begin_others(session, letter, claim, now=now)
    return letters


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
                recipient=letter.recipient.lower(),
                began_at=now,
                due_at=None,
                lease_until=now + hours.LEASE,
                attempts=NOTICES.c.attempts + 1,
            )
        )
