"""What subscribers do by the links in their mails: choose, have a rest, end it, begin again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import addresses, messages
from shared.outbox import tell
from shared.refusals import NotThere

from ...models import Group, Notice, Subscriber
from ...rules import hours, states, weekly
from ..suppressing import lift
from .finding import find_to_change, taste_of

ASKS = ("asks",)
"""What a button lifts that only the owner of a mailbox finds: never what a bounce holds back."""


def keep_preferences(
    session: Session, token: str, wishes: Mapping[str, Any], *, pause: int, now: datetime
) -> None:
    """Keep what somebody wishes from now on, with a rest of `pause` weeks first.

    Who wishes to hear of other events than before hears of all of them in the next mail; so does
    whose mail does not leave because of the rest. Raises NotThere for who gets no mails.
    """
    subscriber = find_to_change(session, token)
    if subscriber.next_due_at is None:
        raise NotThere
    before = taste_of(subscriber)
    for name, value in wishes.items():
        setattr(subscriber, name, value)
    if taste_of(subscriber) != before or (pause and _waits_for_mail(session, subscriber)):
        subscriber.considered_until = None
    rest = now + pause * weekly.A_WEEK
    subscriber.paused_until = rest if pause else None
    subscriber.next_due_at = next_look(subscriber, after=rest)
    session.flush()


def _waits_for_mail(session: Session, subscriber: Subscriber) -> bool:
    """Tell whether a mail to a subscriber was planned and has perhaps not left."""
    theirs = Notice.recipient == subscriber.email.lower(), Notice.kind == "schedule"
    waiting = Notice.state.in_((*states.UNSENT, "sending"))
    return session.scalar(select(Notice.id).where(*theirs, waiting).limit(1)) is not None


def unsubscribe(
    session: Session, token: str, *, by_mail: UUID | None = None, now: datetime
) -> None:
    """End the mails, at once and for good; again changes nothing.

    A link that is not known is nobody's, who gets no mails either. Of the mail whose link it was,
    which `by_mail` may name, it is noted that they did.
    """
    try:
        subscriber = find_to_change(session, token)
    except NotThere:
        return
    if _end(session, subscriber, now=now) and by_mail is not None:
        _note_reason(session, subscriber, by_mail)


def end_for(session: Session, email: str, *, now: datetime) -> None:
    """End the mails to an address, like `unsubscribe`, of who gets them or was asked."""
    own = select(Subscriber).where(Subscriber.email == addresses.normalise(email))
    locked = own.with_for_update().execution_options(populate_existing=True)
    subscriber = session.scalars(locked).one_or_none()
    if subscriber is not None:
        _end(session, subscriber, now=now)


def _end(session: Session, subscriber: Subscriber, *, now: datetime) -> bool:
    """End the mails to a locked subscriber and tell of it, once; tell whether it was now."""
    if subscriber.ended_at is not None:
        return False
    subscriber.ended_at, subscriber.next_due_at = now, None
    session.flush()
    tell(session, _answer(messages.ConsentWithdrawn, subscriber, now), now=now)
    return True


def begin_again(session: Session, token: str, *, now: datetime) -> None:
    """Take back an end, and a complaint; again changes nothing.

    Raises NotThere for who never confirmed.
    """
    subscriber = find_to_change(session, token)
    if subscriber.confirmed_at is None:
        raise NotThere
    if subscriber.ended_at is not None:
        subscriber.ended_at = subscriber.paused_until = None
        subscriber.next_due_at = next_look(subscriber, after=now)
        session.flush()
        lift(session, subscriber.email, covers=ASKS)
        tell(session, _answer(messages.ConsentRenewed, subscriber, now), now=now)


def next_look(subscriber: Subscriber, *, after: datetime) -> datetime:
    """Return when somebody is looked at next: on one day once, however they choose their hour."""
    due = weekly.next_due(subscriber.weekday, subscriber.hour, after=after)
    looked = subscriber.looked_at
    if looked is not None and hours.uk_day_number(due) == hours.uk_day_number(looked):
        return weekly.next_due(subscriber.weekday, subscriber.hour, after=due)
    return due


def list_groups(session: Session) -> list[tuple[int, str]]:
    """Return the groups whose events somebody can choose, by name."""
    rows = session.execute(select(Group.id, Group.name).order_by(Group.name, Group.id))
    return [(row.id, row.name) for row in rows]


def check_group(session: Session, group_id: int | None) -> None:
    """Raise NotThere for a group that is not there."""
    if group_id is not None and session.get(Group, group_id) is None:
        raise NotThere


def name_of_group(session: Session, group_id: int | None) -> str:
    """Return a group's name; nothing for all groups."""
    return session.scalar(select(Group.name).where(Group.id == group_id)) or ""


def _note_reason(session: Session, subscriber: Subscriber, by_mail: UUID) -> None:
    """Note of an invitation to a subscriber that they unsubscribed by it; of other mails not."""
    this = Notice.message_id == by_mail, Notice.kind == "mailing", Notice.state.in_(states.SAID)
    notice = session.scalars(select(Notice).where(*this).with_for_update()).one_or_none()
    if notice is not None and addresses.normalise(notice.recipient) == subscriber.email:
        notice.reason = states.UNSUBSCRIBED_BY_IT
        session.flush()


def _answer(
    kind: type[messages.ConsentMessage], subscriber: Subscriber, now: datetime
) -> messages.ConsentMessage:
    return kind(
        purpose="mail",
        subscriber_id=subscriber.id,
        at=now,
        group_id=subscriber.group_id,
        person=messages.ConsentHolder(email=subscriber.email),
    )
