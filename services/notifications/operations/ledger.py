"""The ledger: every notice, whether it arrived, and why not; and trying again by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from shared.lists import MOST
from shared.refusals import NotThere, Refusal

from ..models import Channel, Event, Notice, Signup, SuppressedAddress
from ..rules import kinds

PAGE = 50

COLUMNS = (
    *("id", "kind", "state", "recipient", "signup_id", "created_at", "due_at", "sent_at"),
    *("attempts", "reason"),
)
"""Of the ledger as a list to download."""


class NothingToRetry(Refusal):
    """This notice is not one that can be sent again: it was sent, or is on its way."""


RETRIED = ("failed", "suppressed", "deferred", "uncertain")


def list_notices(
    session: Session,
    filters: Mapping[str, Any],
    *,
    page: int,
    among: Collection[int] | None = None,
) -> tuple[Sequence[Notice], int]:
    """Return one page of notices, newest first, and how many match.

    `filters` may hold `kind`, `state` and `signup_id`. `among` leaves out notices of other groups
    than these, and those of no group.
    """
    query = _matching(select(Notice), filters, among).order_by(Notice.id.desc())
    total = session.execute(_matching(select(func.count(Notice.id)), filters, among)).scalar_one()
    return session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all(), total


def list_whole_ledger(
    session: Session, filters: Mapping[str, Any], *, among: Collection[int] | None = None
) -> Iterator[list[Any]]:
    """Give the values of `COLUMNS` of all notices that match, newest first, cut off at `MOST`."""
    query = _matching(select(*(getattr(Notice, name) for name in COLUMNS)), filters, among)
    newest = query.order_by(Notice.id.desc()).limit(MOST)
    for row in session.execute(newest.execution_options(yield_per=500)):
        yield list(row)


def count_pages(total: int) -> int:
    """Return how many pages `total` notices fill; an empty ledger has one, empty page."""
    return max(1, -(-total // PAGE))


def _matching(
    query: Select[Any], filters: Mapping[str, Any], among: Collection[int] | None
) -> Select[Any]:
    if among is not None:
        query = query.where(Notice.group_id.in_(among) | Notice.signup_id.in_(_signups_of(among)))
    for name in ("kind", "state", "signup_id"):
        if (wanted := filters.get(name)) not in (None, ""):
            query = query.where(getattr(Notice, name) == wanted)
    return query


def _signups_of(group_ids: Collection[int]) -> Select[Any]:
    query = select(Signup.id).join(Event, Event.id == Signup.event_id)
    return query.where(Event.group_id.in_(group_ids))


def groups_of_notice(session: Session, notice_id: int) -> tuple[int, ...]:
    """Return the group that a notice concerns; none for one of the whole network."""
    notice = get_notice(session, notice_id)
    of_signup = select(Event.group_id).join(Signup, Signup.event_id == Event.id)
    found = notice.group_id or session.scalar(of_signup.where(Signup.id == notice.signup_id))
    return () if found is None else (found,)


def get_notice(session: Session, notice_id: int) -> Notice:
    """Return one notice. Raises NotThere."""
    notice = session.get(Notice, notice_id)
    if notice is None:
        raise NotThere
    return notice


def get_pause(session: Session, *, now: datetime) -> Channel | None:
    """Return why no mail leaves at the moment, if so."""
    return session.scalars(select(Channel).where(Channel.paused_until > now)).one_or_none()


def retry_notice(session: Session, notice_id: int, *, now: datetime) -> Notice:
    """Make a notice due now that failed, bounced or waits; its address counts as good again.

    Raises NotThere, and NothingToRetry for one that was sent, is being sent or is not true.
    """
    notice = session.get(Notice, notice_id, with_for_update=True)
    if notice is None:
        raise NotThere
    forgotten = notice.kind in kinds.WITH_KEY and notice.expires_at is None
    if notice.state not in RETRIED or forgotten:
        raise NothingToRetry
    notice.state, notice.due_at = "due", now
    notice.attempts = notice.doubts = 0
    session.execute(
        delete(SuppressedAddress).where(SuppressedAddress.email == notice.recipient.lower())
    )
    session.execute(delete(Channel))
    session.flush()
    return notice
