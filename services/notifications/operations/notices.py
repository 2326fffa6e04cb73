"""Making notices: each at most once, a row before it is a mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.database import dialect_of
from shared.messages import LinkSeeker, PrivacyRequested, ShiftBefore, SignupMessage, SignupMoved

from ..config import Settings
from ..models import Notice, Signup
from ..rules import hours, kinds, truth
from . import copies, drafting, reminding

NOTICES: Any = Notice.__table__
SIGNUPS: Any = Signup.__table__
AT_A_TIME = 2000


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
    row = drafting.new_notice(kind, subject, revision, now=now, **columns)
    make_notices(session, [row])


def make_notices(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the notices of these rows, each unless one with the same key exists."""
    owned = [drafting.with_owner(row) for row in rows]
    session.connection().execute(_add_notice(dialect_of(session)), owned)


@cache
def _add_notice(dialect: str) -> Any:
    """Make the statement once for each database: making it takes longer than running it."""
    return drafting.add_notice(dialect).on_conflict_do_nothing()


def name_owners(session: Session, _now: datetime) -> None:
    """Say which event and group notices concern that an older version wrote, the newest first."""
    this = SIGNUPS.c.id == NOTICES.c.signup_id
    event, group = select(SIGNUPS.c.event_id).where(this), drafting.group_of_signup(this)
    without = (
        select(NOTICES.c.id)
        .where(NOTICES.c.signup_id.is_not(None), NOTICES.c.group_id.is_(None))
        .order_by(NOTICES.c.id.desc())
        .limit(AT_A_TIME)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        update(NOTICES)
        .where(NOTICES.c.id.in_(without))
        .values(event_id=event.scalar_subquery(), group_id=group.scalar_subquery())
    )


def tell_person(
    session: Session,
    kind: str,
    message: SignupMessage,
    *,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep the sign-up that `message` tells of, and make the notices that follow from it.

    They are that of `kind` and, for who has a place, the reminders to come.
    """
    signup = message.signup
    kept = copies.keep_signup(
        session,
        message,
        had_place=signup.state == "placed" or (details or {}).get("state_before") == "placed",
        calendar_changed=kind == "changed" or kind in kinds.TAKING_BACK,
        now=now,
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
        calendar_sequence=kept.calendar_sequence,
        details=dict(details or {}),
        **_hour_of(session, message, kept, now=now),
    )
    if kept.has_new_place:
        reminding.plan(session, signup.id, kept.shift, now=now)
    elif kept.is_news and kind in kinds.TAKING_BACK:
        reminding.call_off(session, signup.id)


def _hour_of(
    session: Session, message: SignupMessage, kept: copies.KeptSignup, *, now: datetime
) -> dict[str, Any]:
    """Return `state` and `due_at` of a notice: one of a change waits for more edits, and a night.

    What is about a shift of the next 24 hours cannot wait.
    """
    if not isinstance(message, SignupMoved):
        return {}
    starts_at = min(kept.shift.starts_at, message.before.starts_at)
    if starts_at - now < hours.CANNOT_WAIT:
        return {}
    settings: Settings = session.info["settings"]
    settled = now + timedelta(seconds=settings.change_notice_wait)
    zone = kept.shift.zone
    wakes = hours.is_quiet(settled, zone)
    return {"state": "planned", "due_at": hours.quiet_morning(settled, zone) if wakes else now}


def tell_contact(
    session: Session, message: SignupMessage, *, is_new: bool = False, now: datetime
) -> None:
    """Tell the group's contact of a new sign-up as the group wishes: at once, daily or never.

    Of somebody who is new with the group the contact hears in any case, because they are to get
    in touch.
    """
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
            details={"is_new": is_new},
        )
    elif group.signup_notices == "daily":
        _put_on_daily_list(session, message.signup.id, group.id, now=now)
    elif is_new:
        make_notice(
            session,
            "newcomer",
            message.subject,
            0,
            now=now,
            signup_id=message.signup.id,
            group_id=group.id,
        )


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


def tell_privacy(session: Session, message: PrivacyRequested, *, now: datetime) -> None:
    """Make the notice with links to what is kept of somebody; heard of too late it has none."""
    seeker = message.person
    links = [
        {"group": link.group_name, "name": link.name, "link": link.link} for link in seeker.links
    ]
    columns: dict[str, Any] = {"details": {"name": seeker.first_name, "links": links}}
    columns["expires_at"] = message.expires_at
    if message.expires_at <= now:
        columns = {"details": {}, "state": "missed", "reason": truth.EXPIRED, "due_at": None}
    make_notice(session, "privacy", message.subject, 0, now=now, recipient=seeker.email, **columns)


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
