"""Writing down what became of each notice, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Uuid, and_, bindparam, case, literal, select, update
from sqlalchemy import insert as insert_into
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime
from shared.database import insert

from ..models import Channel, KeptMail, Notice, SuppressedAddress
from ..rules import hours, kinds
from ..rules.replies import Meaning

NOTICES: Any = Notice.__table__
CHANNEL = "mail"

# Made once, because every mail needs them and making a statement takes longer than running it.
THIS = and_(
    NOTICES.c.id == bindparam("this_id"), NOTICES.c.claim == bindparam("this_claim", type_=Uuid)
)
NOW: Any = bindparam("now", type_=UtcDateTime)
FORGET_KEY: dict[str, Any] = {
    "details": case(
        (NOTICES.c.expires_at.is_not(None), literal({}, JSON)), else_=NOTICES.c.details
    ),
    "expires_at": None,
}
"""What becomes of the details of a notice that is over: only those with a key are forgotten."""

# The lease may have run out while the server took its time; that a mail was sent still counts.
MARK_SENT = (
    update(NOTICES)
    .where(THIS, NOTICES.c.state.in_(("sending", "uncertain")))
    .values(state="sent", reason="", due_at=None, lease_until=None, sent_at=NOW, **FORGET_KEY)
)
KEEP_MAIL = insert_into(KeptMail)


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


def record(session: Session, outcome: Outcome, *, now: datetime) -> None:
    """Write down what became of a letter."""
    if outcome.meaning is Meaning.TAKEN:
        _record_sent(session, outcome, now)
    elif outcome.meaning is Meaning.LATER:
        put_off(session, outcome, now)
    elif outcome.meaning is Meaning.UNKNOWN:
        _record_doubt(session, outcome, now)
    elif outcome.meaning is Meaning.CHANNEL_CLOSED:
        _pause_channel(session, outcome, now)
    else:
        _record_failure(session, outcome, now)


def settle(
    session: Session,
    notice_id: int,
    claim: UUID,
    *,
    state: str,
    **columns: Any,
) -> None:
    """Move a notice on, if this claim still holds it."""
    over = {} if state in kinds.UNSENT else FORGET_KEY
    session.execute(
        update(NOTICES)
        .where(NOTICES.c.id == notice_id, NOTICES.c.claim == claim, NOTICES.c.state == "sending")
        .values({"state": state, "lease_until": None} | over | columns)
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


def put_off(session: Session, outcome: Outcome, now: datetime) -> None:
    """Let a notice wait for its next try, or give it up after 48 hours of them."""
    attempts = session.execute(
        select(NOTICES.c.attempts).where(NOTICES.c.id == outcome.notice_id)
    ).scalar_one()
    due_at = hours.next_try(attempts, now)
    settle(
        session,
        outcome.notice_id,
        outcome.claim,
        state="deferred" if due_at else "failed",
        reason=outcome.reason if due_at else f"Given up after 48 hours. {outcome.reason}",
        due_at=due_at,
    )


def _record_doubt(session: Session, outcome: Outcome, now: datetime) -> None:
    columns = in_doubt(outcome.reason, now)
    settle(session, outcome.notice_id, outcome.claim, **columns)


def in_doubt(reason: str, now: datetime) -> dict[str, Any]:
    """Return the columns of a notice that may have arrived: most kinds are sent once more."""
    once_more = and_(NOTICES.c.doubts == 0, NOTICES.c.kind.not_in(kinds.AT_MOST_ONCE))
    return {
        "state": "uncertain",
        "reason": reason,
        "doubts": NOTICES.c.doubts + 1,
        "due_at": case((once_more, literal(now + hours.UNCERTAIN_WAIT, UtcDateTime())), else_=None),
        **FORGET_KEY,
    }


def _pause_channel(session: Session, outcome: Outcome, now: datetime) -> None:
    settle(
        session,
        outcome.notice_id,
        outcome.claim,
        state="due",
        reason=outcome.reason,
        due_at=now,
        attempts=NOTICES.c.attempts - 1,
    )
    table: Any = Channel.__table__
    pause = {"paused_until": now + hours.CHANNEL_PAUSE, "reason": outcome.reason}
    session.execute(
        insert(session, table)
        .values(name=CHANNEL, **pause)
        .on_conflict_do_update(index_elements=[table.c.name], set_=pause)
    )


def _record_failure(session: Session, outcome: Outcome, now: datetime) -> None:
    bounced = outcome.meaning is Meaning.NO_SUCH_ADDRESS
    advice = "The address does not exist; please call. " if bounced else ""
    settle(
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
