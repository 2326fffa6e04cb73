"""Sending a notice again because somebody asks: the same one, or a new one like it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere, Refusal

from ..models import Notice
from ..rules import kinds, states
from . import ledger


class OnItsWay(Refusal):
    """This mail is on its way already."""


class NotAgain(Refusal):
    """Mails of this kind are sent once only."""


class HadEnough(Refusal):
    """They were asked often enough, or want to be asked no more."""


class SentOften(Refusal):
    """This was sent again three times within a day; please call them instead."""


class NoLongerTrue(Refusal):
    """This is no longer true, or came too late; a mail about it would only confuse."""


def why_not_again(notice: Notice) -> str:
    """Say why a notice cannot be sent again; empty when it can."""
    refusal = _refusal(notice)
    return refusal().sentence if refusal else ""


def send_again(session: Session, notice_id: int, *, now: datetime) -> Notice:
    """Send a notice again, and return the one that is due now.

    One that never arrived is tried anew. Of one that was sent a copy is made, with a Message-ID of
    its own: with the old one, mail programs would take it for the mail that they have, or had.
    Raises NotThere, OnItsWay, NotAgain, HadEnough, SentOften and NoLongerTrue.
    """
    notice = session.get(Notice, notice_id, with_for_update=True)
    if notice is None:
        raise NotThere
    if refusal := _refusal(notice):
        raise refusal
    if notice.state != "sent":
        return ledger.retry_notice(session, notice_id, now=now)
    return _copy(session, notice, now=now)


def _refusal(notice: Notice) -> type[Refusal] | None:
    if notice.state in ("planned", "due", "sending"):
        return OnItsWay
    if notice.state in ("superseded", "missed"):
        return NoLongerTrue
    if ledger.asks_too_much(notice):
        return HadEnough
    if notice.state == "sent" and not kinds.may_be_sent_again(notice.kind):
        return NotAgain
    if notice.kind in kinds.WITH_KEY and notice.expires_at is None:
        return NotAgain
    return None


def _copy(session: Session, notice: Notice, *, now: datetime) -> Notice:
    """Write a second notice like this one, unless one waits already."""
    first = notice.key.partition(AGAIN)[0]
    copies = select(Notice).where(Notice.key.like(f"{first}{AGAIN}%"), Notice.kind == notice.kind)
    waiting = copies.where(Notice.state.in_((*states.UNSENT, "sending")))
    if session.scalars(waiting).first():
        raise OnItsWay
    of_today = copies.where(Notice.created_at > now - timedelta(days=1))
    if len(session.scalars(of_today.limit(MOST_A_DAY)).all()) == MOST_A_DAY:
        raise SentOften
    number = 1 + session.scalars(select(func.count()).select_from(copies.subquery())).one()
    kept: dict[str, Any] = {name: getattr(notice, name) for name in COPIED}
    row = Notice(
        key=f"{first}{AGAIN}{number}",
        message_id=uuid.uuid4(),
        state="due",
        **{"reason": "", "attempts": 0, "doubts": 0, "created_at": now, "due_at": now},
        **kept,
    )
    session.add(row)
    session.flush()
    return row


AGAIN = ":again-"
MOST_A_DAY = 3
"""How often the same mail is sent again within 24 hours, whoever asks."""

COPIED = (
    *("kind", "subject", "revision", "signup_id", "event_id", "group_id", "recipient"),
    *("details", "calendar_sequence", "expires_at"),
)
