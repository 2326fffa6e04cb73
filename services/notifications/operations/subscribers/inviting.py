"""Whom invitations reach: who has the mail about other days, as long as they have it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from shared import addresses

from ...models import Subscriber


def find_asked_to_confirm(session: Session, emails: Collection[str], group_id: int) -> set[str]:
    """Return who of these ticked the box for mail of a group, or all, and has yet to confirm it."""
    names = {email: addresses.normalise(email) for email in emails}
    found = set(
        session.scalars(
            select(Subscriber.email).where(
                Subscriber.email.in_(set(names.values())),
                Subscriber.confirmed_at.is_(None),
                Subscriber.ended_at.is_(None),
                or_(Subscriber.group_id.is_(None), Subscriber.group_id == group_id),
            )
        )
    )
    return {email for email, name in names.items() if name in found}


def find_hearing(session: Session, emails: Collection[str]) -> dict[str, Row[Any]]:
    """Return what those chose who have the mail, by their address as it was given.

    That is `group_id` and `paused_until`; and `token` for the links. Nobody else is in it.
    """
    names = {email: addresses.normalise(email) for email in emails}
    rows: Any = session.execute(
        select(
            *(Subscriber.email, Subscriber.token),
            *(Subscriber.group_id, Subscriber.paused_until),
        ).where(Subscriber.email.in_(set(names.values())), Subscriber.next_due_at.is_not(None))
    )
    found = {row.email: row for row in rows}
    return {email: found[name] for email, name in names.items() if name in found}
