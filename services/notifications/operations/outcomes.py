"""Writing down what became of each notice, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Row, Uuid, and_, bindparam, case, literal, select, update
from sqlalchemy import insert as insert_into
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.columns import UtcDateTime

from ..models import KeptMail, Notice, Try
from ..rules import hours, kinds, reminding, states
from ..rules.replies import Meaning
from . import channels
from .suppressing import suppress

NOTICES: Any = Notice.__table__
TRIES: Any = Try.__table__

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
    .where(
        NOTICES.c.id.in_(bindparam("these", expanding=True)),
        NOTICES.c.claim == bindparam("this_claim", type_=Uuid),
        NOTICES.c.state.in_(("sending", "uncertain")),
    )
    .values(state="sent", reason="", due_at=None, lease_until=None, sent_at=NOW, **FORGET_KEY)
    .returning(NOTICES.c.id, NOTICES.c.signup_id, NOTICES.c.kind)
)
KEEP_MAIL = insert_into(KeptMail)
REFUSED = "Their mail server refused it; please call."
FAILURES = {
    Meaning.NO_SUCH_ADDRESS: "The address does not exist; please call.",
    Meaning.LATER: "Their mail server did not take it for 48 hours; please call.",
}


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
    channel: str = kinds.MAIL


def record(session: Session, *results: Outcome, now: datetime) -> None:
    """Write down what became of letters of one claim, for all notices that were said in them."""
    taken = [outcome for outcome in results if outcome.meaning is Meaning.TAKEN]
    if taken:
        _record_sent(session, taken, now)
    for outcome in results:
        if outcome.meaning is not Meaning.TAKEN:
            for other in _said_with(session, outcome):
                _record(session, replace(outcome, notice_id=other.id), now=now)
            _record(session, outcome, now=now)


def _said_with(session: Session, outcome: Outcome) -> Sequence[Row[Any]]:
    """Return `id`, `signup_id` and `kind` of the other notices that a letter speaks for."""
    said = select(NOTICES.c.id, NOTICES.c.signup_id, NOTICES.c.kind).where(
        NOTICES.c.lease_until.is_not(None),
        NOTICES.c.told_in == outcome.notice_id,
        NOTICES.c.claim == outcome.claim,
        NOTICES.c.state == "sending",
    )
    return session.execute(said.order_by(NOTICES.c.id)).all()


def _record(session: Session, outcome: Outcome, *, now: datetime) -> None:
    this = and_(NOTICES.c.id == outcome.notice_id, NOTICES.c.claim == outcome.claim)
    keep_try(session, this, outcome.meaning, outcome.reason, now=now)
    if outcome.meaning is Meaning.LATER:
        put_off(session, outcome, now)
    elif outcome.meaning is Meaning.UNKNOWN:
        _record_doubt(session, outcome, now)
    elif outcome.meaning is Meaning.CHANNEL_CLOSED:
        _pause_channel(session, outcome, now)
    else:
        _record_failure(session, outcome, now)


def keep_try(session: Session, which: Any, meaning: Meaning, answer: str, *, now: datetime) -> None:
    """Keep for its story what came of a try at each notice that is being sent and fits `which`."""
    tried = select(
        NOTICES.c.id,
        literal(now, UtcDateTime()),
        literal(meaning.value),
        literal(answer),
    ).where(which, NOTICES.c.state == "sending")
    names = ("notice_id", "at", "meaning", "answer")
    session.execute(insert_into(TRIES).from_select(names, tried))


def settle(
    session: Session,
    notice_id: int,
    claim: UUID,
    *,
    state: str,
    **columns: Any,
) -> bool:
    """Move a notice on, if this claim still holds it; tell whether it did."""
    over = {} if state in states.UNSENT else FORGET_KEY
    settled: Any = session.execute(
        update(NOTICES)
        .where(NOTICES.c.id == notice_id, NOTICES.c.claim == claim, NOTICES.c.state == "sending")
        .values({"state": state, "lease_until": None} | over | columns)
    )
    return bool(settled.rowcount)


def _record_sent(session: Session, taken: Sequence[Outcome], now: datetime) -> None:
    connection = session.connection()
    these = [outcome.notice_id for outcome in taken]
    wanted = {"these": these, "this_claim": taken[0].claim, "now": now}
    # Who was erased meanwhile has no notice any more, and no mail is kept of them.
    marked = {row.id: row for row in connection.execute(MARK_SENT, wanted)}
    sent = [outcome for outcome in taken if outcome.notice_id in marked]
    about_signups = [row for row in marked.values() if is_about_signup(row)]
    for outcome in sent:
        if marked[outcome.notice_id].kind == kinds.REMINDER:
            about_signups += _settle_told_together(session, outcome)
    told = [
        messages.NoticeSent(notice_id=row.id, signup_id=row.signup_id, kind=row.kind, at=now)
        for row in about_signups
    ]
    outbox.tell(session, *told, now=now)
    kept = [
        {
            "notice_id": outcome.notice_id,
            "kept_at": now,
            "recipient": outcome.recipient,
            "subject": outcome.subject,
            "body": outcome.kept,
        }
        for outcome in sent
        if outcome.kept is not None
    ]
    if kept:
        connection.execute(KEEP_MAIL, kept)


def _settle_told_together(session: Session, outcome: Outcome) -> Sequence[Row[Any]]:
    """Note that the other reminders in a mail need none of their own; return them."""
    others = _said_with(session, outcome)
    for other in others:
        reason = reminding.TOLD_TOGETHER
        settle(session, other.id, outcome.claim, state="superseded", reason=reason)
    return others


def put_off(session: Session, outcome: Outcome, now: datetime) -> None:
    """Let a notice wait for its next try, or give it up after 48 hours of them."""
    attempts = session.execute(
        select(NOTICES.c.attempts).where(NOTICES.c.id == outcome.notice_id)
    ).scalar_one_or_none()
    if attempts is None:
        return
    due_at = hours.next_try(attempts, now)
    settled = settle(
        session,
        outcome.notice_id,
        outcome.claim,
        state="deferred" if due_at else "failed",
        reason=outcome.reason if due_at else f"Given up after 48 hours. {outcome.reason}",
        due_at=due_at,
    )
    if settled and due_at is None:
        tell_failure(session, outcome.notice_id, Meaning.LATER, now=now)


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
    channels.pause(session, outcome.channel, outcome.reason, hours.CHANNEL_PAUSE, now=now)


def _record_failure(session: Session, outcome: Outcome, now: datetime) -> None:
    bounced = outcome.meaning is Meaning.NO_SUCH_ADDRESS
    advice = f"{FAILURES[outcome.meaning]} " if bounced else ""
    settled = settle(
        session,
        outcome.notice_id,
        outcome.claim,
        state="failed",
        reason=f"{advice}{outcome.reason}",
    )
    # Of who was erased meanwhile nothing is written down again.
    if not settled:
        return
    if bounced:
        suppress(session, outcome.recipient, "all", outcome.reason, now=now)
    tell_failure(session, outcome.notice_id, outcome.meaning, now=now)


def is_about_signup(notice: Row[Any]) -> bool:
    """Tell whether the services that know sign-ups hear of this notice."""
    return notice.signup_id is not None and notice.kind in kinds.PERSON_KINDS


def failure_words(meaning: Meaning) -> str:
    """Say to organisers why a mail did not arrive, and what to do."""
    return FAILURES.get(meaning, REFUSED)


def tell_failure(session: Session, notice_id: int, meaning: Meaning, *, now: datetime) -> None:
    """Tell of a mail about a sign-up that never arrives: somebody may call, or give the place on.

    What the server answered stays here, as it may hold the address.
    """
    this = NOTICES.c.id == notice_id
    found = session.execute(select(NOTICES.c.signup_id, NOTICES.c.kind).where(this)).one()
    if not is_about_signup(found):
        return
    failed = messages.NoticeFailed(
        notice_id=notice_id,
        signup_id=found.signup_id,
        kind=found.kind,
        at=now,
        reason=failure_words(meaning),
        bounced=meaning is Meaning.NO_SUCH_ADDRESS,
    )
    outbox.tell(session, failed, now=now)
