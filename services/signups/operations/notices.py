"""What became of the mails about sign-ups, as the notifications service tells it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from shared import messages
from shared.database import insert

from ..models import Notice, Person, Signup

LAST_FAILED = func.max(case((Notice.state == "failed", Notice.at)))
LAST_SENT = func.max(case((Notice.state == "sent", Notice.at)))
IS_UNREACHED = or_(LAST_SENT.is_(None), LAST_FAILED > LAST_SENT)


def keep_notice(session: Session, message: messages.NoticeMessage) -> None:
    """Keep what became of a mail, unless something newer is known.

    Of a sign-up that is not here, or names nobody any more, nothing is kept.
    """
    named = select(Signup.id).where(Signup.id == message.signup_id, Signup.erased_at.is_(None))
    if session.scalar(named) is None:
        return
    failed = isinstance(message, messages.NoticeFailed)
    row = {
        "id": message.notice_id,
        "signup_id": message.signup_id,
        "kind": message.kind,
        "state": "failed" if failed else "sent",
        "reason": getattr(message, "reason", ""),
        "at": message.at,
    }
    table: Any = Notice.__table__
    upsert = insert(session, table).values(row)
    session.execute(
        upsert.on_conflict_do_update(
            index_elements=[table.c.id],
            set_={name: upsert.excluded[name] for name in ("state", "reason", "at")},
            where=table.c.at <= upsert.excluded.at,
        )
    )


def unreached_signups(session: Session, signup_ids: Collection[int]) -> set[int]:
    """Return those of the sign-ups whose last mail did not arrive: somebody has to call."""
    newest = select(Notice.signup_id).where(Notice.signup_id.in_(signup_ids))
    return set(session.scalars(newest.group_by(Notice.signup_id).having(IS_UNREACHED)))


def unreached_people(session: Session, person_ids: Collection[int]) -> set[int]:
    """Return those of the people whose last mail did not arrive, whichever entry it was for."""
    owner = func.coalesce(Person.merged_into, Person.id)
    newest = (
        select(owner)
        .join(Signup, Signup.person_id == Person.id)
        .join(Notice, Notice.signup_id == Signup.id)
        .where(owner.in_(person_ids))
    )
    return set(session.scalars(newest.group_by(owner).having(IS_UNREACHED)))
