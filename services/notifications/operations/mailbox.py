"""The local mailbox of an installation without a mail server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, defer

from shared.refusals import NotThere

from ..models import KeptMail

KEPT_FOR = timedelta(days=7)
PAGE = 30


@dataclass(frozen=True)
class Opened:
    """A kept mail, taken apart; a part that the mail does not have is empty."""

    kept: KeptMail
    headers: Sequence[tuple[str, str]]
    text: str
    html: str
    calendar: str


def list_mails(session: Session, *, to: str, page: int) -> tuple[Sequence[KeptMail], bool]:
    """Return one page of mails without their bodies, newest first, and whether more follow.

    `to` limits them to one address; empty means all.
    """
    query = select(KeptMail).options(defer(KeptMail.body)).order_by(KeptMail.id.desc())
    if to:
        query = query.where(KeptMail.recipient == to)
    mails = session.scalars(query.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    return mails[:PAGE], len(mails) > PAGE


def open_mail(session: Session, mail_id: int) -> Opened:
    """Take one mail apart. Raises NotThere."""
    kept = session.get(KeptMail, mail_id)
    if kept is None:
        raise NotThere
    return take_apart(kept.body, kept)


def take_apart(body: bytes, kept: KeptMail | None = None) -> Opened:
    """Take a whole mail apart, which need not be kept."""
    message = message_from_bytes(body, policy=default)
    return Opened(
        kept or KeptMail(body=body),
        [(name, str(value)) for name, value in message.items()],
        _part(message, "text/plain"),
        _part(message, "text/html"),
        _part(message, "text/calendar"),
    )


def _part(message: EmailMessage, content_type: str) -> str:
    for part in message.walk():
        if part.get_content_type() == content_type:
            return str(part.get_content())
    return ""


def forget_old(session: Session, now: datetime) -> None:
    """Delete mails after seven days: they are personal."""
    session.execute(delete(KeptMail).where(KeptMail.kept_at < now - KEPT_FOR))
