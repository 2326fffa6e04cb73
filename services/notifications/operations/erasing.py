"""Forgetting people, on request and by their age; and keeping late messages from undoing it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from sqlalchemy import Text, bindparam, cast, delete, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from shared import addresses, messages
from shared.database import insert
from shared.handlers import Handler
from shared.outbox import tell
from shared.tables import HELD_MESSAGES, OUTBOX

from ..config import Settings
from ..models import (
    KeptMail,
    Newcomer,
    Notice,
    Shift,
    Signup,
    Subscriber,
    Tombstone,
)
from ..rules import kinds, suppressing
from .subscribers.forgetting import forget_subscribers
from .suppressing import SUPPRESSED, suppress

TOMBSTONES: Any = Tombstone.__table__
STONES = select(TOMBSTONES.c.address).where(TOMBSTONES.c.subject == bindparam("subject"))
TOMBSTONES_STAND = timedelta(days=400)
"""How long it is remembered who was erased: longer than any message lies anywhere."""

COMES_LATE = timedelta(days=2)
"""How long after an erasure it is looked whether a message slipped in beside it."""

GONE = "This address does not exist, as its own mail server said."
AT_A_TIME = 500
NOUNS = ("signup.", "person.", "consent.")
"""What the names of messages about people begin with."""


def erase_person(session: Session, message: messages.PersonErased, *, now: datetime) -> None:
    """Forget somebody and answer; heard again it does nothing, and answers again."""
    subjects = [f"signup/{each}" for each in message.signup_ids]
    subjects += [f"person/{each}" for each in message.person_ids]
    # First, so that who looks for them from now on finds them.
    stones = [
        {"subject": subject, "address": address, "at": now}
        for subject in subjects
        for address in message.addresses
    ]
    if stones:
        session.execute(insert(session, TOMBSTONES).on_conflict_do_nothing(), stones)
    forget(session, message.signup_ids, message.addresses)
    forget_subscribers(session, Subscriber.address.in_(message.addresses))
    _forget_answers(session, message.addresses)
    _forget_asked(session, message.addresses)
    _blur_suppressed(session, message.addresses)
    _forget_held(session, set(subjects), set(message.addresses))
    done = messages.PersonErasedFromNotifications(erasure_id=message.erasure_id)
    tell(session, done, now=now)


def forget(session: Session, signup_ids: Collection[int], of: Collection[str]) -> None:
    """Delete those of the sign-ups that belong to addresses with these HMACs, with their mails.

    After a restore a number may be another's sign-up: that one stays.
    """
    own = session.execute(
        select(Signup.id, Signup.email, Signup.daily_notice_key).where(Signup.id.in_(signup_ids))
    )
    rows = [row for row in own if digest_of(session, row.email) in of]
    _forget_lists(session, rows)
    delete_signups(session, [row.id for row in rows])


def _forget_lists(session: Session, rows: Sequence[Any]) -> None:
    """Delete mails that name them among others: daily lists, and those of newcomers."""
    daily = select(Notice.id).where(Notice.key.in_([row.daily_notice_key for row in rows]))
    late = (
        select(Notice.id)
        .join(Newcomer, Newcomer.group_id == Notice.group_id)
        .where(
            Notice.kind == "newcomer_late",
            Notice.revision == Newcomer.late_number,
            Newcomer.signup_id.in_([row.id for row in rows]),
        )
    )
    session.execute(
        delete(KeptMail).where(or_(KeptMail.notice_id.in_(daily), KeptMail.notice_id.in_(late)))
    )


def delete_signups(session: Session, signup_ids: Sequence[int]) -> None:
    """Delete sign-ups with all notices about them."""
    notices = select(Notice.id).where(Notice.signup_id.in_(signup_ids))
    # A reminder of another place may have been in whose mail this one was said.
    shared = select(Notice.told_in).where(Notice.signup_id.in_(signup_ids))
    session.execute(
        delete(KeptMail).where(or_(KeptMail.notice_id.in_(notices), KeptMail.notice_id.in_(shared)))
    )
    session.execute(delete(Notice).where(Notice.signup_id.in_(signup_ids)))
    session.execute(delete(Newcomer).where(Newcomer.signup_id.in_(signup_ids)))
    session.execute(delete(Signup).where(Signup.id.in_(signup_ids)))


def unless_erased(handler: Handler) -> Handler:
    """Return the handler of a message about a person, passing over those who were erased."""

    @wraps(handler)
    def handle(session: Session, message: Any, now: datetime) -> None:
        living = without_erased(session, message)
        if living is not None:
            handler(session, living, now)

    return handle


def without_erased(session: Session, message: Any) -> Any:
    """Return the message without links to what was erased; None when nothing is left of it."""
    if isinstance(message, messages.SignupMessage):
        erased = is_erased(session, f"signup/{message.signup.id}", message.person.email)
        return None if erased else message
    if isinstance(message, messages.ConsentGiven):
        return None if is_erased(session, message.subject, message.person.email) else message
    kind = "signup" if isinstance(message, messages.LinkRequested) else "person"
    links = tuple(
        link
        for link in message.person.links
        if not is_erased(session, f"{kind}/{getattr(link, f'{kind}_id')}", message.person.email)
    )
    return replace(message, person=replace(message.person, links=links)) if links else None


def is_erased(session: Session, subject: str, email: str) -> bool:
    """Tell whether somebody with this address was erased as `signup/7` or `person/5`."""
    stones = session.connection().execute(STONES, {"subject": subject}).scalars().all()
    return bool(stones) and digest_of(session, email) in stones


def forget_who_slipped_in(session: Session, now: datetime) -> None:
    """Forget those of whom a message was being read in the moment of their erasure."""
    stones = session.execute(
        select(Tombstone.address, Signup.id)
        .join(Signup, Tombstone.subject == literal("signup/") + cast(Signup.id, Text))
        .where(Tombstone.at > now - COMES_LATE)
    )
    for stone in stones.all():
        forget(session, [stone.id], [stone.address])
    # Who subscribed again afterwards stays.
    slipped = exists().where(
        Tombstone.address == Subscriber.address,
        Tombstone.at > now - COMES_LATE,
        Tombstone.at >= Subscriber.requested_at,
    )
    forget_subscribers(session, slipped)


def digest_of(session: Session, email: str) -> str:
    """Return the HMAC by which an address is known again."""
    settings: Settings = session.info["settings"]
    return addresses.digest(email, key=settings.address_key)


def count_outdated(session: Session, now: datetime) -> dict[str, int]:
    """Return how many rows `forget_outdated` would deal with, were there no end to its patience."""
    signups = select(func.count()).select_from(_outdated_signups(session, now).subquery())
    notices = select(func.count()).select_from(_outdated_notices(session, now).subquery())
    return {
        "sign-ups with their notices": session.scalars(signups).one(),
        "other notices": session.scalars(notices).one(),
    }


def forget_outdated(session: Session, now: datetime) -> None:
    """Forget who was sent what about shifts of long ago, and old tombstones."""
    delete_signups(session, session.scalars(_outdated_signups(session, now).limit(AT_A_TIME)).all())
    old = session.scalars(_outdated_notices(session, now).limit(AT_A_TIME)).all()
    session.execute(delete(KeptMail).where(KeptMail.notice_id.in_(old)))
    session.execute(delete(Notice).where(Notice.id.in_(old)))
    session.execute(delete(Tombstone).where(Tombstone.at < now - TOMBSTONES_STAND))


def _outdated_signups(session: Session, now: datetime) -> Any:
    over = Shift.ends_at < _kept_since(session, now)
    return (
        select(Signup.id).join(Shift, Shift.id == Signup.shift_id).where(over).order_by(Signup.id)
    )


def _outdated_notices(session: Session, now: datetime) -> Any:
    """Those about no sign-up of their own: links, daily lists, and what organisers got."""
    return (
        select(Notice.id)
        .where(
            Notice.signup_id.is_(None),
            Notice.created_at < _kept_since(session, now),
            Notice.due_at.is_(None),
            Notice.state != "sending",
        )
        .order_by(Notice.id)
    )


def _kept_since(session: Session, now: datetime) -> datetime:
    settings: Settings = session.info["settings"]
    return now - timedelta(days=settings.notices_kept_days)


def _forget_asked(session: Session, of: Collection[str]) -> None:
    """Delete the mails with links that somebody asked for: they belong to an address alone."""
    asked = session.execute(
        select(Notice.id, Notice.recipient).where(Notice.kind.in_(kinds.ASKED_FOR))
    )
    own = [row.id for row in asked if digest_of(session, row.recipient) in of]
    session.execute(delete(KeptMail).where(KeptMail.notice_id.in_(own)))
    session.execute(delete(Notice).where(Notice.id.in_(own)))


def _forget_answers(session: Session, of: Collection[str]) -> None:
    """Delete what was told of their answers to the schedule mail, sent or not."""
    names = (messages.ConsentWithdrawn.NAME, messages.ConsentRenewed.NAME)
    told = session.execute(select(OUTBOX.c.id, OUTBOX.c.body).where(OUTBOX.c.name.in_(names)))
    own = [row.id for row in told if _is_about(session, row.body, set(), set(of))]
    session.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(own)))


def _blur_suppressed(session: Session, of: Collection[str]) -> None:
    """Keep that an address gets no mail, and not the address."""
    rows = session.execute(
        select(SUPPRESSED.c.email, SUPPRESSED.c.covers, SUPPRESSED.c.since)
    ).all()
    for row in rows:
        digest = digest_of(session, row.email)
        if digest not in of:
            continue
        this = (SUPPRESSED.c.email == row.email) & (SUPPRESSED.c.covers == row.covers)
        session.execute(delete(SUPPRESSED).where(this))
        reason = GONE if row.covers == "all" else suppressing.COMPLAINED
        suppress(session, digest, row.covers, reason, now=row.since)


def _forget_held(session: Session, subjects: set[str], of: set[str]) -> None:
    """Delete messages about somebody that could not be digested yet."""
    held = session.execute(
        select(HELD_MESSAGES.c.id, HELD_MESSAGES.c.body).where(
            or_(*(HELD_MESSAGES.c.name.startswith(noun) for noun in NOUNS))
        )
    )
    own = [row.id for row in held if _is_about(session, row.body, subjects, of)]
    session.execute(delete(HELD_MESSAGES).where(HELD_MESSAGES.c.id.in_(own)))


def _is_about(session: Session, body: bytes, subjects: set[str], of: set[str]) -> bool:
    try:
        event = json.loads(body)
        email = str(event["data"].get("person", {}).get("email", ""))
        if event["type"].startswith("signup."):
            return event.get("subject") in subjects
        return bool(email) and digest_of(session, email) in of
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
