"""Asking for the schedule mail: nobody gets it who has not pressed the button in a mail."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import addresses
from shared.database import insert, next_revision
from shared.limits import Limit, count, network_of
from shared.messages import ConsentGiven
from shared.refusals import NotKnownYet, NotThere, TooMany

from ...config import Settings
from ...models import Group, Notice, Subscriber
from ...rules import kinds, tastes
from ..erasing import digest_of
from ..notices import make_notice
from ..suppressing import find_suppressed, lift
from .finding import find, find_to_change
from .preferring import ASKS, next_look

MONTH, DAY, HOUR = timedelta(days=30), timedelta(days=1), timedelta(hours=1)
CONFIRM = "schedule_confirm"
MAILS_PER_ADDRESS_DAY = 3
FORMS_PER_NETWORK_HOUR = 60


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """Whose tick it is, and where it was made."""

    email: str
    first_name: str
    at: datetime
    wording: str = tastes.WORDING
    version: int = tastes.WORDING_VERSION
    origin: str = tastes.PAGE


def request_schedule(
    session: Session, agreed: Agreed, wishes: Mapping[str, Any], *, ip: str = "", now: datetime
) -> None:
    """Keep what somebody wishes, and ask them by mail whether it was them.

    Who gets the mail already has it unchanged, and is told so by mail alone. Too many forms for
    one address are passed over without a word; too many from one network address raise TooMany.
    """
    settings: Settings = session.info["settings"]
    email = addresses.normalise(agreed.email)
    if ip:
        by_ip = Limit("schedule ip", network_of(ip), FORMS_PER_NETWORK_HOUR, HOUR)
        if count(session, [by_ip], key=settings.address_key, now=now) > 1:
            raise TooMany
    if _is_too_much(session, email, now=now):
        return
    subscriber = _keep_wishes(session, replace(agreed, email=email), wishes, now=now)
    _ask(session, subscriber, at=now, now=now)


def take_consent(session: Session, message: ConsentGiven, *, now: datetime) -> None:
    """Ask somebody who ticked the box at sign-up, once; of a tick and an end the later one counts.

    Who has the mail already, and not with this group's events, is told by mail how to have them,
    too. Such mails count like those of the form. Raises NotKnownYet about a new group.
    """
    if session.get(Group, message.group_id) is None:
        raise NotKnownYet(f"group {message.group_id}")
    email = addresses.normalise(message.person.email)
    known = session.scalars(select(Subscriber).where(Subscriber.email == email)).one_or_none()
    ended_at = known.ended_at if known is not None else None
    if known is not None and ended_at is None:
        _say_how_to_hear_of(session, known, message, now=now)
        return
    if ended_at is not None and ended_at >= message.at:
        return
    if _is_too_much(session, email, now=now):
        return
    agreed = Agreed(
        email=email,
        first_name=message.person.first_name,
        at=message.at,
        wording=message.wording,
        version=message.version,
        origin=message.origin or "sign-up",
    )
    wishes = tastes.usual_wishes(message.person.postcode, group_id=message.group_id)
    # By the time of the tick: of a form for several shifts each sign-up tells of it.
    _ask(session, _keep_wishes(session, agreed, wishes, now=now), at=message.at, now=now)


def find_asked(session: Session, token: str, *, now: datetime) -> Subscriber:
    """Return who may confirm by a link, or did; raise NotThere when it is too late."""
    return _check_asked(find(session, token), now)


def confirm(session: Session, token: str, *, now: datetime) -> Subscriber:
    """Let the mails begin, also after a complaint; again changes nothing.

    Raises NotThere when it is too late.
    """
    subscriber = _check_asked(find_to_change(session, token), now)
    if subscriber.confirmed_at is None:
        subscriber.confirmed_at = now
        subscriber.next_due_at = next_look(subscriber, after=now)
        session.flush()
        lift(session, subscriber.email, covers=ASKS)
    return subscriber


def _check_asked(found: Subscriber, now: datetime) -> Subscriber:
    too_late = found.confirmed_at is None and found.requested_at + tastes.CONFIRM_WITHIN <= now
    if found.ended_at is not None or too_late:
        raise NotThere
    return found


def _keep_wishes(
    session: Session, agreed: Agreed, wishes: Mapping[str, Any], *, now: datetime
) -> Subscriber:
    """Write somebody down who has yet to confirm; who has, stays as they are.

    Of who comes again it is still known when they were last looked at: one day brings one mail.
    """
    new = {
        **wishes,
        "first_name": agreed.first_name,
        "wording": agreed.wording,
        "wording_version": agreed.version,
        "origin": agreed.origin,
        "agreed_at": agreed.at,
        "requested_at": now,
        "confirmed_at": None,
        "ended_at": None,
        "paused_until": None,
        "next_due_at": None,
        "considered_until": None,
    }
    table: Any = Subscriber.__table__
    whose = {
        "email": agreed.email,
        "address": digest_of(session, agreed.email),
        "token": secrets.token_urlsafe(24),
    }
    added = insert(session, table).values(whose | new | {"outcome": ""})
    waits = table.c.confirmed_at.is_(None) | table.c.ended_at.is_not(None)
    session.execute(
        added.on_conflict_do_update(index_elements=[table.c.email], set_=new, where=waits)
    )
    own = select(Subscriber).where(Subscriber.email == agreed.email)
    return session.scalars(own.execution_options(populate_existing=True)).one()


def _say_how_to_hear_of(
    session: Session, subscriber: Subscriber, message: ConsentGiven, *, now: datetime
) -> None:
    """Tell who chose another group's events that this one's can be had, once for each tick.

    What they hear of stays as it is: anybody may have typed their address.
    """
    if subscriber.confirmed_at is None or tastes.hears_of(subscriber.group_id, message.group_id):
        return
    # Each sign-up of a form for several shifts tells of the same tick, which counts once.
    key = kinds.key_of(CONFIRM, _subject_of(subscriber), next_revision(None, message.at))
    if session.scalars(select(Notice.id).where(Notice.key == key)).first() is not None:
        return
    if not _is_too_much(session, subscriber.email, now=now):
        details = {"ticked_group_id": message.group_id}
        _ask(session, subscriber, at=message.at, now=now, details=details)


def _is_too_much(session: Session, email: str, *, now: datetime) -> bool:
    """Count one more mail to an address that nobody has proven; tell whether it is too many.

    Who complained is asked once a month at most: anybody may fill in the form for them.
    """
    settings: Settings = session.info["settings"]
    mailbox = addresses.mailbox_of(email)
    limits = [Limit("schedule", mailbox, MAILS_PER_ADDRESS_DAY, DAY)]
    if find_suppressed(session, [email]):
        limits.append(Limit("schedule after a complaint", mailbox, 1, MONTH))
    return count(session, limits, key=settings.address_key, now=now) > 1


def _ask(
    session: Session, subscriber: Subscriber, *, at: datetime, now: datetime, **columns: Any
) -> None:
    make_notice(
        session,
        CONFIRM,
        _subject_of(subscriber),
        next_revision(None, at),
        now=now,
        recipient=subscriber.email,
        group_id=subscriber.group_id,
        **columns,
    )


def _subject_of(subscriber: Subscriber) -> str:
    return f"subscriber/{subscriber.id}"
