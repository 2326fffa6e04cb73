"""Claiming due notices, and writing down what became of each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import insert as insert_into
from sqlalchemy.orm import Session

from shared.database import UtcDateTime, insert

from ..letters import Letter
from ..models import Channel, KeptMail, Notice, SuppressedAddress
from ..rules import hours, kinds
from ..rules.replies import Meaning
from . import reading

NOTICES: Any = Notice.__table__
CHANNEL = "mail"
AT_A_TIME = 50


# Made once, because every mail needs them and making a statement takes longer than running it.
THIS = and_(
    NOTICES.c.id == bindparam("this_id"), NOTICES.c.claim == bindparam("this_claim", type_=Uuid)
)
NOW: Any = bindparam("now", type_=UtcDateTime)
BEGIN_TALK = (
    update(NOTICES)
    .where(THIS, NOTICES.c.state == "sending")
    .values(
        recipient=bindparam("recipient", type_=Text),
        began_at=NOW,
        lease_until=bindparam("until", type_=UtcDateTime),
        attempts=NOTICES.c.attempts + 1,
    )
)
# The lease may have run out while the server took its time; that a mail was sent still counts.
MARK_SENT = (
    update(NOTICES)
    .where(THIS, NOTICES.c.state.in_(("sending", "uncertain")))
    .values(state="sent", reason="", due_at=None, lease_until=None, sent_at=NOW)
)
KEEP_MAIL = insert_into(KeptMail)


@dataclass(frozen=True)
class Batch:
    """Notices that one sender claimed, in the order of their hours."""

    claim: UUID
    notice_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one letter; `kept` is its mail where mails stay in the local mailbox."""

    notice_id: int
    claim: UUID
    meaning: Meaning
    reason: str = ""
    recipient: str = ""
    subject: str = ""
    kept: bytes | None = None


def _due(now: datetime, settle: timedelta) -> Any:
    """Return the condition that a notice is due; one about a change waits until edits settle."""
    column = NOTICES.c.due_at
    settled = or_(NOTICES.c.state != "planned", NOTICES.c.kind != "changed", column <= now - settle)
    paused = exists().where(Channel.name == CHANNEL, Channel.paused_until > now)
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
        _settle(
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


def record(session: Session, outcome: Outcome, *, now: datetime) -> None:
    """Write down what became of a letter."""
    if outcome.meaning is Meaning.TAKEN:
        _record_sent(session, outcome, now)
    elif outcome.meaning is Meaning.LATER:
        _put_off(session, outcome, now)
    elif outcome.meaning is Meaning.UNKNOWN:
        _record_doubt(session, outcome, now)
    elif outcome.meaning is Meaning.CHANNEL_CLOSED:
        _pause_channel(session, outcome, now)
    else:
        _record_failure(session, outcome, now)


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
        _put_off(session, outcome, now)


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
        .values(lease_until=None, **_in_doubt("The sender stopped while sending.", now))
    )


def _untouched(batch: Batch) -> Any:
    return and_(
        NOTICES.c.id.in_(batch.notice_ids),
        NOTICES.c.claim == batch.claim,
        NOTICES.c.state == "sending",
        NOTICES.c.began_at.is_(None),
    )


def _settle(
    session: Session,
    notice_id: int,
    claim: UUID,
    *,
    state: str,
    **columns: Any,
) -> None:
    """Move a notice on, if this claim still holds it."""
    session.execute(
        update(NOTICES)
        .where(NOTICES.c.id == notice_id, NOTICES.c.claim == claim, NOTICES.c.state == "sending")
        .values(state=state, lease_until=None, **columns)
    )


def _record_sent(session: Session, outcome: Outcome, now: datetime) -> None:
    connection = session.connection()
    this = {"this_id": outcome.notice_id, "this_claim": outcome.claim, "now": now}
    connection.execute(MARK_SENT, this)
    if outcome.kept is not None:
        row = {
            "notice_id": outcome.notice_id,
            "kept_at": now,
            "recipient": outcome.recipient,
            "subject": outcome.subject,
            "body": outcome.kept,
        }
        connection.execute(KEEP_MAIL, row)


def _put_off(session: Session, outcome: Outcome, now: datetime) -> None:
    attempts = session.execute(
        select(NOTICES.c.attempts).where(NOTICES.c.id == outcome.notice_id)
    ).scalar_one()
    due_at = hours.next_try(attempts, now)
    _settle(
        session,
        outcome.notice_id,
        outcome.claim,
        state="deferred" if due_at else "failed",
        reason=outcome.reason if due_at else f"Given up after 48 hours. {outcome.reason}",
        due_at=due_at,
    )


def _record_doubt(session: Session, outcome: Outcome, now: datetime) -> None:
    columns = _in_doubt(outcome.reason, now)
    _settle(session, outcome.notice_id, outcome.claim, **columns)


def _in_doubt(reason: str, now: datetime) -> dict[str, Any]:
    """Return the columns of a notice that may have arrived: most kinds are sent once more."""
    once_more = and_(NOTICES.c.doubts == 0, NOTICES.c.kind.not_in(kinds.AT_MOST_ONCE))
    return {
        "state": "uncertain",
        "reason": reason,
        "doubts": NOTICES.c.doubts + 1,
        "due_at": case((once_more, literal(now + hours.UNCERTAIN_WAIT, UtcDateTime())), else_=None),
    }


def _pause_channel(session: Session, outcome: Outcome, now: datetime) -> None:
    _settle(
        session,
        outcome.notice_id,
        outcome.claim,
        state="due",
        reason=outcome.reason,
        due_at=now,
        attempts=NOTICES.c.attempts - 1,
    )
    session.merge(
        Channel(name=CHANNEL, paused_until=now + hours.CHANNEL_PAUSE, reason=outcome.reason)
    )
    session.flush()


def _record_failure(session: Session, outcome: Outcome, now: datetime) -> None:
    bounced = outcome.meaning is Meaning.NO_SUCH_ADDRESS
    advice = "The address does not exist; please call. " if bounced else ""
    _settle(
        session,
        outcome.notice_id,
        outcome.claim,
        state="failed",
        reason=f"{advice}{outcome.reason}",
    )
    if bounced:
        row = {"email": outcome.recipient.lower(), "reason": outcome.reason, "since": now}
        table: Any = SuppressedAddress.__table__
        session.execute(insert(session, table).values(row).on_conflict_do_nothing())
