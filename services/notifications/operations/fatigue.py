"""Nobody is asked too often: a limit on mails that invite, over all groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from ..config import Settings
from ..models import Mailing, Notice
from ..rules import kinds, states

NOTICES: Any = Notice.__table__
WEEK = timedelta(days=7)
PRACTICAL = select(literal("mailing/") + cast(Mailing.id, Text)).where(
    Mailing.purpose == "practical"
)
"""The subjects of notices that say something about a day to those who come: they ask nothing."""


def why_spared(session: Session, email: str, *, at: datetime) -> str:
    """Say why somebody is not asked again in a mail that leaves `at`; empty when they may be.

    Counted are mails that were sent in the week before, and those that wait to be.
    """
    return list_spared(session, [email], at=at).get(email.lower(), "")


def list_spared(session: Session, emails: Sequence[str], *, at: datetime) -> dict[str, str]:
    """Return who of these is not asked again in a mail that leaves `at`, with the reason."""
    settings: Settings = session.info["settings"]
    asked = session.execute(
        select(NOTICES.c.recipient, func.count())
        .where(
            NOTICES.c.recipient.in_({email.lower() for email in emails}),
            NOTICES.c.kind.in_(kinds.ASKS),
            NOTICES.c.subject.not_in(PRACTICAL),
            or_(
                NOTICES.c.sent_at > at - WEEK,
                NOTICES.c.state.in_((*states.UNSENT, "sending")),
                # Nobody knows whether it arrived, and it is not tried again.
                and_(NOTICES.c.state == "uncertain", NOTICES.c.began_at > at - WEEK),
            ),
        )
        .group_by(NOTICES.c.recipient)
        .having(func.count() >= settings.asks_per_week)
    )
    return {
        email: f"Asked {count} times within a week already; more would be too much."
        for email, count in asked
    }
