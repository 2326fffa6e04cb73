"""A mailing leaves: when it was decided who gets it, each of them has a notice, at most once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, cast, exists, func, literal, select, update
from sqlalchemy.orm import Session

from shared.database import next_revision

from ...models import Event, Mailing, Notice
from ...rules import mailings as rules
from ...rules import states
from ...rules.replies import Meaning
from ..belonging import find
from ..drafting import add_notices, new_notice
from ..notices import make_notice
from ..organisers import find_address
from ..outcomes import tell_failure
from .recipients import (
    BOUNCED,
    count_recipients,
    list_in_batches,
    list_missing,
    spared_in,
    suppressed_in,
)
from .writing import find_mailing, shifts_of, zone_of

NOTICES: Any = Notice.__table__
MAILINGS: Any = Mailing.__table__
STOPPED = "It was stopped before this was sent."


def subject_of(mailing_id: int) -> str:
    """Return what the notices of a mailing are about."""
    return f"mailing/{mailing_id}"


def send_mailing(
    session: Session, mailing_id: int, wanted: datetime | None, *, by: str, now: datetime
) -> Mailing:
    """Let a draft leave when wanted, or in a minute; never in the quiet hours.

    Raises IsNoDraft, NobodyToWriteTo, TooManyPractical, TimeHasPassed and NotThere.
    """
    mailing = find_mailing(session, mailing_id, lock=True)
    if mailing.state != "draft":
        raise rules.IsNoDraft
    send_at = hour_of(session, mailing, wanted, now=now)
    practical = _count_practical(session, mailing) if mailing.purpose == "practical" else 0
    if practical >= rules.MOST_PRACTICAL:
        raise rules.TooManyPractical
    _missing, spared = list_missing(session, mailing, at=send_at)
    if count_recipients(session, mailing) == spared:
        raise rules.NobodyToWriteTo
    mailing.state, mailing.send_at, mailing.decided_by = "scheduled", send_at, by
    session.flush()
    return mailing


def hour_of(
    session: Session, mailing: Mailing, wanted: datetime | None, *, now: datetime
) -> datetime:
    """Return when a mailing leaves that is wanted then, or now. Raises TimeHasPassed."""
    shifts = shifts_of(session, mailing.event_id)
    begins = [
        shift.starts_at
        for shift in shifts
        if mailing.purpose == "practical" and mailing.shift_id in (None, shift.id)
    ]
    zone = zone_of(session, mailing.event_id)
    return rules.decide_hour(wanted, now=now, zone=zone, begins=begins)


def stop_mailing(session: Session, mailing_id: int, *, by: str) -> Mailing:
    """Stop a mailing: one that waits is a draft again, of one that leaves the rest stays here.

    Raises NothingToStop and NotThere.
    """
    mailing = find_mailing(session, mailing_id, lock=True)
    if mailing.state == "scheduled":
        mailing.state, mailing.send_at = "draft", None
    elif mailing.state == "sending":
        mailing.state = "stopped"
        _call_back(session, mailing.id)
    else:
        raise rules.NothingToStop
    mailing.decided_by = by
    session.flush()
    return mailing


def try_out(session: Session, mailing_id: int, organiser_id: int | None, *, now: datetime) -> str:
    """Send a mailing to whoever writes it; return where. Raises NoAddressKnown and NotThere."""
    mailing = find_mailing(session, mailing_id)
    email = find_address(session, organiser_id)
    if not email:
        raise rules.NoAddressKnown
    make_notice(
        session,
        "mailing_test",
        f"{subject_of(mailing_id)}/{organiser_id}",
        next_revision(None, now),
        now=now,
        recipient=email.lower(),
        group_id=mailing.group_id,
        details={"mailing_id": mailing_id, "name": session.info["by"].name},
    )
    return email


def leave_due(session: Session, now: datetime) -> None:
    """Decide who gets the next mailing whose hour has come, and make their notices."""
    due = (
        select(MAILINGS.c.id)
        .where(MAILINGS.c.send_at.is_not(None), MAILINGS.c.send_at <= now)
        .order_by(MAILINGS.c.send_at, MAILINGS.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    claimed = session.execute(
        update(MAILINGS)
        .where(MAILINGS.c.id.in_(due.scalar_subquery()))
        .values(state="sending", send_at=None, left_at=now)
        .returning(MAILINGS.c.id)
    ).scalar_one_or_none()
    if claimed is None:
        return
    mailing = session.get_one(Mailing, claimed, populate_existing=True)
    for batch in list_in_batches(session, mailing):
        _make_notices(session, mailing, batch, now=now)


def note_through(session: Session, now: datetime) -> None:
    """Note which mailings have wholly left."""
    waits = exists().where(
        NOTICES.c.kind == "mailing",
        NOTICES.c.subject == literal("mailing/") + cast(MAILINGS.c.id, Text),
        NOTICES.c.state.in_((*states.UNSENT, "sending")),
    )
    session.execute(
        update(MAILINGS).where(MAILINGS.c.state == "sending", ~waits).values(state="sent")
    )


def _make_notices(
    session: Session, mailing: Mailing, batch: Sequence[Row[Any]], *, now: datetime
) -> None:
    """Make the notices of a batch; those who do not get it have one too, which says why."""
    subject = subject_of(mailing.id)
    suppressed = suppressed_in(session, mailing, batch)
    reasons = spared_in(session, mailing, batch, at=now) | suppressed
    rows = [
        new_notice(
            "mailing",
            subject,
            # One for each person, by the first of their sign-ups.
            row.signup_id,
            now=now,
            signup_id=row.signup_id,
            event_id=mailing.event_id,
            group_id=mailing.group_id,
            recipient=row.email,
            details={"mailing_id": mailing.id},
            **_held_back(reasons.get(row.email, "")),
        )
        for row in batch
    ]
    add_notices(session, rows)
    unreachable = [row.signup_id for row in batch if suppressed.get(row.email) == BOUNCED]
    _tell_unreachable(session, subject, unreachable, now=now)


def _tell_unreachable(
    session: Session, subject: str, signup_ids: Sequence[int], *, now: datetime
) -> None:
    """Tell of those to whom no mail goes because it bounced: somebody may call."""
    if not signup_ids:
        return
    those = select(NOTICES.c.id).where(
        NOTICES.c.kind == "mailing",
        NOTICES.c.subject == subject,
        NOTICES.c.signup_id.in_(signup_ids),
    )
    for notice_id in session.scalars(those.order_by(NOTICES.c.id)):
        tell_failure(session, notice_id, Meaning.NO_SUCH_ADDRESS, now=now)


def _held_back(reason: str) -> dict[str, Any]:
    """Return the columns of a notice that is not sent for this reason; of others there are none."""
    return {"state": "suppressed", "reason": reason, "due_at": None} if reason else {}


def _call_back(session: Session, mailing_id: int) -> None:
    """Take back what is yet to be sent; what a sender holds is looked at again before it leaves."""
    session.execute(
        update(NOTICES)
        .where(
            NOTICES.c.kind == "mailing",
            NOTICES.c.subject == subject_of(mailing_id),
            NOTICES.c.state.in_(states.UNSENT),
        )
        .values(state="superseded", reason=STOPPED, due_at=None)
    )


def _count_practical(session: Session, mailing: Mailing) -> int:
    """Count the practical mailings that an event had or is to have; two are counted in turn."""
    find(session, Event, mailing.event_id, lock=True)
    those = select(func.count(Mailing.id)).where(
        Mailing.event_id == mailing.event_id,
        Mailing.purpose == "practical",
        Mailing.state != "draft",
    )
    return session.scalars(those).one()
