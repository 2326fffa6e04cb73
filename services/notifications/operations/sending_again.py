"""Sending a notice again because somebody asks: the same one, or a new one like it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere, Refusal

from ..models import Notice, Try
from ..rules import kinds, states
from ..rules.replies import Meaning
from . import ledger


class OnItsWay(Refusal):
    """This mail is on its way already."""


class NotYet(Refusal):
    """This mail goes out by itself when its time comes; there is nothing to send again."""


class NotAgain(Refusal):
    """Mails of this kind are sent once only."""


class HadEnough(Refusal):
    """They were asked often enough, or want to be asked no more."""


class SentOften(Refusal):
    """Three tries within a day are enough; please call them instead."""


class NoLongerTrue(Refusal):
    """This is no longer true, or came too late; a mail about it would only confuse."""


def why_not_again(session: Session, notice: Notice, *, now: datetime) -> str:
    """Say why a notice cannot be sent again; empty when it can."""
    refusal = refusal_of(notice) or _refusal_for_today(session, notice, now=now)
    return refusal().sentence if refusal else ""


def send_again(session: Session, notice_id: int, *, now: datetime) -> Notice:
    """Send a notice again, and return the one that is due now.

    One that never arrived is tried anew. Of one that was sent a copy is made, with a Message-ID of
    its own: with the old one, mail programs would take it for the mail that they have, or had.
    Raises NotThere, OnItsWay, NotYet, NotAgain, HadEnough, SentOften and NoLongerTrue.
    """
    notice = session.get(Notice, notice_id, with_for_update=True)
    if notice is None:
        raise NotThere
    # The first of all that are the same mail stands for them: of two who press, one is first.
    session.execute(select(Notice.id).where(Notice.key == _first(notice)).with_for_update())
    if refusal := refusal_of(notice) or _refusal_for_today(session, notice, now=now):
        raise refusal
    if notice.state != "sent":
        return ledger.retry_notice(session, notice_id, now=now)
    return _copy(session, notice, now=now)


def refusal_of(notice: Notice) -> type[Refusal] | None:
    """Return what forbids to send a notice of this kind and state again, if anything does."""
    if notice.state in ("due", "sending"):
        return OnItsWay
    if notice.state == "planned":
        return NotYet
    if notice.state in ("superseded", "missed"):
        return NoLongerTrue
    if ledger.asks_too_much(notice):
        return HadEnough
    if notice.state == "sent" and not kinds.may_be_sent_again(notice.kind):
        return NotAgain
    if notice.kind in kinds.WITH_KEY and notice.expires_at is None:
        return NotAgain
    return None


def _refusal_for_today(session: Session, notice: Notice, *, now: datetime) -> type[Refusal] | None:
    """Refuse what waits already, and what left or was refused often enough in the last 24 hours."""
    copies = session.scalars(_copies_of(notice)).all()
    waits = (*states.UNSENT, "sending")
    if any(copy.state in waits for copy in copies if copy is not notice):
        return OnItsWay
    since = now - timedelta(days=1)
    sent = sum(copy.state == "sent" and copy.created_at > since for copy in copies)
    tried = select(func.count()).where(
        Try.notice_id.in_([notice.id, *(copy.id for copy in copies)]),
        Try.at > since,
        Try.meaning.in_(FOR_GOOD),
    )
    return SentOften if sent + session.scalars(tried).one() >= MOST_A_DAY else None


def _copy(session: Session, notice: Notice, *, now: datetime) -> Notice:
    """Write a second notice like this one."""
    copies = _copies_of(notice).subquery()
    number = 1 + session.scalars(select(func.count()).select_from(copies)).one()
    kept: dict[str, Any] = {name: getattr(notice, name) for name in COPIED}
    row = Notice(
        key=f"{_first(notice)}{AGAIN}{number}",
        message_id=uuid.uuid4(),
        state="due",
        **{"reason": "", "attempts": 0, "doubts": 0, "created_at": now, "due_at": now},
        **kept,
    )
    session.add(row)
    session.flush()
    return row


def _copies_of(notice: Notice) -> Any:
    key = f"{_first(notice)}{AGAIN}%"
    return select(Notice).where(Notice.key.like(key), Notice.kind == notice.kind)


def _first(notice: Notice) -> str:
    """Return the key of the first of all notices that are the same mail."""
    return notice.key.partition(AGAIN)[0]


AGAIN = ":again-"
MOST_A_DAY = 3
"""How often organisers have the same mail tried within 24 hours; the first time of all, if it was
taken, is not counted."""
FOR_GOOD = [meaning.value for meaning in (Meaning.UNKNOWN, Meaning.NEVER, Meaning.NO_SUCH_ADDRESS)]
"""What became of tries that may have arrived, or were refused for good."""

COPIED = (
    *("kind", "subject", "revision", "signup_id", "event_id", "group_id", "recipient"),
    *("details", "calendar_sequence", "expires_at"),
)
