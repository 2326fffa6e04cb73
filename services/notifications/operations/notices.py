"""Which notices follow from what is heard of people; each has a row before it is a mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.messages import LinkSeeker, PrivacyRequested, ShiftBefore, SignupMessage, SignupMoved

from ..config import Settings
from ..models import Event, Notice, Signup
from ..rules import hours, kinds, truth
from . import copies, drafting, reminding

NOTICES: Any = Notice.__table__
SIGNUPS: Any = Signup.__table__
EVENTS: Any = Event.__table__
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
    drafting.add_notices(session, [row])


def name_owners(session: Session, _now: datetime) -> None:
    """Say which event and group notices concern that an older version wrote, the newest first."""
    this = SIGNUPS.c.id == NOTICES.c.signup_id
    event = select(SIGNUPS.c.event_id).where(this)
    group = select(EVENTS.c.group_id).join(SIGNUPS, SIGNUPS.c.event_id == EVENTS.c.id).where(this)
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
) -> copies.KeptSignup:
    """Keep the sign-up that `message` tells of, and make the notices that follow from it.

    They are that of `kind` and, for who has a place, the reminders to come. Returns what was kept.
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
    notice = drafting.new_notice(
        kind,
        subject,
        signup.revision,
        now=now,
        **drafting.about(signup, kept.shift),
        calendar_sequence=kept.calendar_sequence,
        details=dict(details or {}),
        **_hour_of(session, kind, message, kept, now=now),
    )
    if kept.has_new_place:
        to_come = reminding.reminders_of(signup, kept.shift, now=now)
        drafting.plan_notices(session, [notice, *to_come])
    else:
        drafting.add_notices(session, [notice])
    if kept.is_news and kind in kinds.TAKING_BACK:
        reminding.call_off(session, signup.id)
    return kept


def _hour_of(
    session: Session, kind: str, message: SignupMessage, kept: copies.KeptSignup, *, now: datetime
) -> dict[str, Any]:
    """Return `state` and `due_at` of a notice that is not due at once; of others nothing.

    One of a change waits until edits rest, and what others did is not told at night. About a shift
    of the next 24 hours it is, and there edits rest for two minutes only.
    """
    if not kinds.KINDS[kind].can_wait:
        return {}
    settings: Settings = session.info["settings"]
    starts_at, zone, rest = kept.shift.starts_at, kept.shift.zone, timedelta()
    columns: dict[str, Any] = {}
    if isinstance(message, SignupMoved):
        starts_at = min(starts_at, message.before.starts_at)
        rest = timedelta(seconds=settings.change_notice_wait)
        columns = {"state": "planned"}
    if hours.begins_soon(starts_at, now):
        return {"due_at": now + min(rest, hours.SHORT_REST)}
    if hours.is_quiet(now + rest, zone):
        return {"state": "planned", "due_at": hours.quiet_morning(now + rest, zone)}
    return columns


def notices_for_contact(
    session: Session, message: SignupMessage, shift: Any, *, is_new: bool, now: datetime
) -> list[dict[str, Any]]:
    """Return the notices that tell the group's contact of a new sign-up, as the group wishes.

    That is at once, daily or never; `shift` has `group_id` and `signup_notices`. Of somebody who
    is new with the group the contact hears in any case, because they are to get in touch.
    """
    signup = message.signup
    about = drafting.about(signup, shift)
    if shift.signup_notices == "at_once":
        about["details"] = {"is_new": is_new}
        number = signup.revision
        return [drafting.new_notice("new_signup", message.subject, number, now=now, **about)]
    if shift.signup_notices == "daily":
        return _put_on_daily_list(session, signup.id, shift.group_id, now=now)
    if is_new:
        return [drafting.new_notice("newcomer", message.subject, 0, now=now, **about)]
    return []


def _put_on_daily_list(
    session: Session, signup_id: int, group_id: int, *, now: datetime
) -> list[dict[str, Any]]:
    due_at = hours.next_daily(now)
    subject, number = f"group/{group_id}", hours.uk_day_number(due_at)
    listed = session.execute(
        update(SIGNUPS)
        .where(SIGNUPS.c.id == signup_id, SIGNUPS.c.daily_notice_key.is_(None))
        .values(daily_notice_key=kinds.key_of("daily_signups", subject, number))
        .returning(SIGNUPS.c.id)
    ).scalar_one_or_none()
    if listed is None:
        return []
    planned: dict[str, Any] = {"group_id": group_id, "state": "planned", "due_at": due_at}
    return [drafting.new_notice("daily_signups", subject, number, now=now, **planned)]


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
