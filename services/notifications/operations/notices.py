"""Making notices: each at most once, a row before it is a mail."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.database import dialect_of, insert_for
from shared.messages import LinkSeeker, ShiftBefore, SignupMessage

from ..models import Notice, Signup
from ..rules import hours, kinds
from . import copies

NOTICES: Any = Notice.__table__
SIGNUPS: Any = Signup.__table__


def make_notice(
    session: Session,
    kind: str,
    subject: str,
    revision: int,
    *,
    now: datetime,
    **columns: Any,
) -> None:
    """Write a notice that is due now, unless one with the same key exists; `columns` say more."""
    row = {
        "key": kinds.key_of(kind, subject, revision),
        "kind": kind,
        "subject": subject,
        "revision": revision,
        "signup_id": None,
        "group_id": None,
        "state": "due",
        "reason": "",
        "recipient": "",
        "details": {},
        "message_id": uuid.uuid4(),
        "calendar_sequence": 0,
        "attempts": 0,
        "doubts": 0,
        "created_at": now,
        "due_at": now,
        "expires_at": None,
    }
    session.connection().execute(_add_notice(dialect_of(session)), row | columns)


@cache
def _add_notice(dialect: str) -> Any:
    return insert_for(dialect, NOTICES).on_conflict_do_nothing()


def tell_person(
    session: Session,
    kind: str,
    message: SignupMessage,
    *,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep the sign-up that `message` tells of, and make the notice of `kind` about it."""
    signup = message.signup
    sequence = copies.keep_signup(
        session,
        signup,
        message.person,
        had_place=signup.state == "placed" or (details or {}).get("state_before") == "placed",
        calendar_changed=kind in ("changed", "cancelled", "closed"),
    )
    subject = message.subject
    if kind == "repeated":
        # Nothing of the sign-up changes then, and once a day is enough.
        subject = f"{subject}/{hours.uk_day_number(now)}"
    make_notice(
        session,
        kind,
        subject,
        signup.revision,
        now=now,
        signup_id=signup.id,
        calendar_sequence=sequence,
        details=dict(details or {}),
        state="planned" if kind == "changed" else "due",
    )


def tell_contact(session: Session, message: SignupMessage, *, now: datetime) -> None:
    """Tell the group's contact of a new sign-up as the group wishes: at once, daily or never."""
    group = copies.group_of_shift(session, message.signup.shift_id)
    if group.signup_notices == "at_once":
        make_notice(
            session,
            "new_signup",
            message.subject,
            message.signup.revision,
            now=now,
            signup_id=message.signup.id,
            group_id=group.id,
        )
    elif group.signup_notices == "daily":
        _put_on_daily_list(session, message.signup.id, group.id, now=now)


def _put_on_daily_list(session: Session, signup_id: int, group_id: int, *, now: datetime) -> None:
    due_at = hours.next_daily(now)
    subject, number = f"group/{group_id}", hours.uk_day_number(due_at)
    listed = session.execute(
        update(SIGNUPS)
        .where(SIGNUPS.c.id == signup_id, SIGNUPS.c.daily_notice_key.is_(None))
        .values(daily_notice_key=kinds.key_of("daily_signups", subject, number))
        .returning(SIGNUPS.c.id)
    ).scalar_one_or_none()
    if listed is not None:
        make_notice(
            session,
            "daily_signups",
            subject,
            number,
            now=now,
            group_id=group_id,
            state="planned",
            due_at=due_at,
        )


def tell_links(session: Session, subject: str, seeker: LinkSeeker, *, now: datetime) -> None:
    """Make the notice with the links that somebody lost. Raises NotKnownYet about a new shift."""
    copies.check_shifts_known(session, {link.shift_id for link in seeker.links})
    links = [
        {"shift_id": link.shift_id, "state": link.state, "link": link.link} for link in seeker.links
    ]
    make_notice(
        session,
        "links",
        subject,
        0,
        now=now,
        recipient=seeker.email,
        details={"first_name": seeker.first_name, "links": links},
    )


def moved_from(before: ShiftBefore) -> dict[str, Any]:
    """Return what a shift was before it moved, as a notice keeps it."""
    return {
        "before": {
            "place": before.place,
            "address": before.address,
            "postcode": before.postcode,
            "starts_at": before.starts_at.isoformat(),
            "ends_at": before.ends_at.isoformat(),
            "mode": before.mode,
            "online_url": before.online_url,
        }
    }
