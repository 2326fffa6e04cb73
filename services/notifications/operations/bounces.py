"""Mails that came back, and complaints: which notice it was, and what follows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.database import insert

from ..config import Settings
from ..models import Bounce, Notice
from ..rules import reports, suppressing
from ..rules.replies import Meaning
from ..rules.reports import Report
from ..rules.return_path import read_token
from . import outcomes
from .erasing import digest_of
from .subscribers.preferring import end_for
from .suppressing import suppress

BOUNCES: Any = Bounce.__table__
NOTICES: Any = Notice.__table__
KEPT_FOR = timedelta(days=reports.SOFT_WITHIN_DAYS)
MAYBE_ARRIVED = ("sending", "sent", "uncertain")
SHOWN = 50


def keep_mail(session: Session, raw: bytes, *, now: datetime) -> None:
    """Take in one mail that came to the address for bounces; a second time nothing happens."""
    report = reports.read_report(raw)
    if report is not None:
        keep_report(session, report, f"mail {hashlib.sha256(raw).hexdigest()}", now=now)


def keep_report(session: Session, report: Report, fingerprint: str, *, now: datetime) -> None:
    """Keep what a report says, and let follow what follows, once for each fingerprint."""
    notice = find_notice(session, report) if report.kind != "unknown" else None
    row = {
        "fingerprint": fingerprint,
        "notice_id": notice.id if notice else None,
        "address": digest_of(session, notice.recipient) if notice else "",
        "kind": report.kind if notice else "unknown",
        "code": report.code,
        "subject": "" if notice else report.subject,
        "at": now,
    }
    added = insert(session, BOUNCES).values(row).on_conflict_do_nothing().returning(BOUNCES.c.id)
    if session.scalar(added) is None or notice is None:
        return
    if report.kind == "complained":
        _note_complaint(session, notice, now=now)
    elif report.kind == "hard" or _is_one_too_many(session, notice.recipient, now=now):
        suppress(session, notice.recipient, "all", report.reason, now=now)
        _fail(session, notice, Meaning.NO_SUCH_ADDRESS, report, now=now)
    else:
        _fail(session, notice, Meaning.NEVER, report, now=now)


def find_notice(session: Session, report: Report) -> Row[Any] | None:
    """Return the notice that a report names: a mail by the return path, a program by that or an id.

    A return path is known to the mail servers alone that had the mail. A Message-ID is known to
    whoever gets an answer to it, to whom and when a mail went to whoever signed somebody up; they
    shall not be able to have somebody's mail stopped by writing to the address for bounces.
    """
    settings: Settings = session.info["settings"]
    named = [read_token(token, key=settings.address_key) for token in report.tokens]
    found = (_find(session, each) for each in (*named, *report.message_ids) if each is not None)
    return next((notice for notice in found if notice is not None), None)


def _find(session: Session, message_id: UUID) -> Row[Any] | None:
    query = select(NOTICES).where(NOTICES.c.message_id == message_id, NOTICES.c.recipient != "")
    return session.execute(query).one_or_none()


def _is_one_too_many(session: Session, email: str, *, now: datetime) -> bool:
    """Tell whether so many mails of late did not arrive that no more should be tried.

    Of one mail to several people behind an address several reports come.
    """
    soft = select(func.count(BOUNCES.c.notice_id.distinct())).where(
        BOUNCES.c.address == digest_of(session, email),
        BOUNCES.c.kind == "soft",
        BOUNCES.c.at > now - KEPT_FOR,
    )
    return (session.scalar(soft) or 0) > reports.SOFT_AT_MOST


def _fail(
    session: Session, notice: Row[Any], meaning: Meaning, report: Report, *, now: datetime
) -> None:
    """Note that a mail did not arrive after all, and tell who has to know.

    What else was said in it did not arrive either.
    """
    said = f"{report.code} {report.reason}".strip()
    mine = and_(NOTICES.c.id == notice.id, NOTICES.c.state.in_(MAYBE_ARRIVED))
    with_it = and_(NOTICES.c.told_in == notice.id, NOTICES.c.state == "superseded")
    failed = session.scalars(
        update(NOTICES)
        .where(or_(mine, with_it))
        .values(
            state="failed",
            reason=f"{outcomes.failure_words(meaning)} It came back: {said or 'without a reason'}.",
            sent_at=None,
            due_at=None,
            lease_until=None,
            **outcomes.FORGET_KEY,
        )
        .returning(NOTICES.c.id)
    ).all()
    for each in sorted(failed):
        outcomes.tell_failure(session, each, meaning, now=now)


def _note_complaint(session: Session, notice: Row[Any], *, now: datetime) -> None:
    """Ask somebody no more who complained, once for each mail; their sign-ups' mails still go.

    A second report of it must not undo what they wanted anew since.
    """
    if notice.reason == suppressing.THEY_COMPLAINED:
        return
    suppress(session, notice.recipient, "asks", suppressing.COMPLAINED, now=now)
    end_for(session, notice.recipient, now=now)
    this = update(NOTICES).where(NOTICES.c.id == notice.id)
    session.execute(this.values(reason=suppressing.THEY_COMPLAINED))
    if outcomes.is_about_signup(notice):
        complained = messages.NoticeComplained(
            notice_id=notice.id,
            signup_id=notice.signup_id,
            kind=notice.kind,
            at=now,
            reason=suppressing.THEY_COMPLAINED,
        )
        outbox.tell(session, complained, now=now)


def count_by_kind(session: Session) -> dict[str, int]:
    """Return how many bounces of each kind are kept: those of the last 30 days."""
    rows = session.execute(select(BOUNCES.c.kind, func.count()).group_by(BOUNCES.c.kind))
    found = {row[0]: row[1] for row in rows}
    return {kind: found.get(kind, 0) for kind in reports.BOUNCE_KINDS}


def list_unknown(session: Session) -> Sequence[Bounce]:
    """Return the newest reports that name nobody."""
    query = select(Bounce).where(Bounce.kind == "unknown").order_by(Bounce.id.desc())
    return session.scalars(query.limit(SHOWN)).all()


def forget_old(session: Session, now: datetime) -> None:
    """Forget bounces once they count no more."""
    session.execute(delete(Bounce).where(Bounce.at < now - KEPT_FOR))
