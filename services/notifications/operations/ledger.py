"""The ledger: every notice, whether it arrived, and why not; and trying again by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, union
from sqlalchemy.orm import Session

from shared.lists import MOST
from shared.refusals import NotThere, Refusal

from ..models import Event, Group, Notice, Shift, Signup
from ..rules import hours, kinds
from ..rules.suppressing import is_for_bounces
from .suppressing import lift

PAGE = 50
MOST_EVENTS = 200
"""Events that can be chosen from, newest first."""

NOTICE_COLUMNS = (
    *("id", "kind", "state", "recipient", "signup_id", "event_id", "created_at", "due_at"),
    *("sent_at", "attempts", "reason"),
)
COLUMNS = (*NOTICE_COLUMNS, "first_name", "event", "starts_at")
"""Of the ledger as a list to download."""


class NothingToRetry(Refusal):
    """This notice is not one that can be sent again: it was sent, or is on its way."""


RETRIED = ("failed", "suppressed", "deferred", "uncertain")


def list_notices(
    session: Session, filters: Mapping[str, Any], *, among: Collection[int] | None = None
) -> tuple[Sequence[Row[Any]], int | None]:
    """Return one page of notices, newest first, and the number before which more follow.

    Each row has `Notice`, and where it is about a sign-up the person's `first_name` and `email`,
    the shift's `starts_at` and `zone`; and the `event` and the `group`, if any, as they are called.
    `filters` may hold `kind`, `state`, `signup_id`, `event_id`, `who` (an address, or a first
    name), `since` and `until` (UK days on which notices were made), and `before` (only notices
    made earlier than this one). `among` leaves out notices of other groups than these, and those
    of no group.
    """
    chosen = _matching(select(Notice.id), filters, among)
    if before := filters.get("before"):
        chosen = chosen.where(Notice.id < before)
    # The facts are joined to one page alone.
    page = chosen.order_by(Notice.id.desc()).limit(PAGE + 1).subquery()
    query = _with_facts(Notice).join(page, page.c.id == Notice.id).order_by(Notice.id.desc())
    rows = session.execute(query).all()
    following = rows[PAGE - 1].Notice.id if len(rows) > PAGE else None
    return rows[:PAGE], following


def list_whole_ledger(
    session: Session, filters: Mapping[str, Any], *, among: Collection[int] | None = None
) -> Iterator[list[Any]]:
    """Give the values of `COLUMNS` of all notices that match, newest first, cut off at `MOST`."""
    query = _matching(
        _with_facts(*(getattr(Notice, name) for name in NOTICE_COLUMNS)), filters, among
    )
    newest = query.order_by(Notice.id.desc()).limit(MOST)
    for row in session.execute(newest).yield_per(500):
        yield [getattr(row, name) for name in COLUMNS]


def list_of_signup(session: Session, signup_id: int) -> Sequence[Row[Any]]:
    """Return all notices about a sign-up as `list_notices` does, oldest first.

    Each stands at the hour that is shown of it; what is planned stands at the end, soonest first.
    """
    query = _with_facts(Notice).where(Notice.signup_id == signup_id)
    is_planned = Notice.sent_at.is_(None) & Notice.due_at.is_not(None)
    shown = func.coalesce(Notice.sent_at, Notice.due_at, Notice.created_at)
    return session.execute(query.order_by(is_planned, shown, Notice.id)).all()


def list_events(session: Session, among: Collection[int] | None) -> Sequence[Event]:
    """Return the events of these groups, or of all, newest first."""
    query = select(Event).order_by(Event.id.desc()).limit(MOST_EVENTS)
    if among is not None:
        query = query.where(Event.group_id.in_(among))
    return session.scalars(query).all()


def _with_facts(*columns: Any) -> Select[Any]:
    """Select notices with what their reader needs to know whom and what they are about."""
    titles = (Event.title.label("event"), Group.name.label("group"))
    facts = (Signup.first_name, Signup.email, *titles)
    query = select(*columns, *facts, Shift.starts_at, Shift.zone).select_from(Notice)
    return (
        query.outerjoin(Signup, Signup.id == Notice.signup_id)
        .outerjoin(Shift, Shift.id == Signup.shift_id)
        .outerjoin(Event, Event.id == Notice.event_id)
        .outerjoin(Group, Group.id == Notice.group_id)
    )


def _matching(
    query: Select[Any], filters: Mapping[str, Any], among: Collection[int] | None
) -> Select[Any]:
    if among is not None:
        # Who gets the weekly mail asked the network for it, even where they chose one group.
        theirs = Notice.kind.not_in(kinds.SUBSCRIBER_KINDS)
        query = query.where(Notice.group_id.in_(among), theirs)
    for name in ("kind", "state", "signup_id", "event_id"):
        if (wanted := filters.get(name)) not in (None, ""):
            query = query.where(getattr(Notice, name) == wanted)
    if who := filters.get("who"):
        query = query.where(_is_person(who))
    if since := filters.get("since"):
        query = query.where(Notice.created_at >= hours.uk_midnight(since))
    if until := filters.get("until"):
        query = query.where(Notice.created_at < hours.uk_midnight(until + timedelta(days=1)))
    return query


def _is_person(who: str) -> Any:
    """Return the condition that a notice went to an address, or is about somebody of this name.

    Names are found as they were typed, and as people usually type them; addresses of who signed
    up in whatever letters.
    """
    about = select(Notice.id).join(Signup, Signup.id == Notice.signup_id)
    if "@" in who:
        spellings = {who, who.lower()}
        to = select(Notice.id).where(Notice.recipient.in_(spellings))
        theirs = union(to, about.where(func.lower(Signup.email) == func.lower(who))).cte("theirs")
    else:
        spellings = {who, who.lower(), who.upper(), who.title(), who.capitalize()}
        theirs = about.where(Signup.first_name.in_(spellings)).cte("theirs")
    # Found first: looking through all the group's notices for them takes ten times longer.
    return Notice.id.in_(select(theirs.prefix_with("MATERIALIZED").c.id))


def get_notice(session: Session, notice_id: int) -> Notice:
    """Return one notice. Raises NotThere."""
    notice = session.get(Notice, notice_id)
    if notice is None:
        raise NotThere
    return notice


def get_with_facts(session: Session, notice_id: int) -> Row[Any]:
    """Return one notice as `list_notices` does. Raises NotThere."""
    row = session.execute(_with_facts(Notice).where(Notice.id == notice_id)).one_or_none()
    if row is None:
        raise NotThere
    return row


def get_signup(session: Session, signup_id: int) -> Row[Signup, Shift, Event]:
    """Return a sign-up as `Signup`, with its `Shift` and `Event`. Raises NotThere."""
    query = (
        select(Signup, Shift, Event)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
    )
    row = session.execute(query.where(Signup.id == signup_id)).one_or_none()
    if row is None:
        raise NotThere
    return row


def retry_notice(session: Session, notice_id: int, *, now: datetime) -> Notice:
    """Make a notice due now that failed, bounced or waits; its address counts as good again.

    That somebody complained stays. Raises NotThere, and NothingToRetry for one that was sent, is
    being sent, is not true, or asks somebody who was asked enough.
    """
    notice = session.get(Notice, notice_id, with_for_update=True)
    if notice is None:
        raise NotThere
    forgotten = notice.kind in kinds.WITH_KEY and notice.expires_at is None
    if notice.state not in RETRIED or forgotten or asks_too_much(notice):
        raise NothingToRetry
    notice.state, notice.due_at = "due", now
    notice.attempts = notice.doubts = 0
    lift(session, notice.recipient, covers=("all",))
    session.flush()
    return notice


def asks_too_much(notice: Notice) -> bool:
    """Tell whether a notice was held back because somebody was asked enough, or complained."""
    bounced = is_for_bounces(notice.reason)
    return notice.state == "suppressed" and notice.kind in kinds.ASKS and not bounced
