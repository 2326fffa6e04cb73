"""Letters with a list of sign-ups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from ...mail.letters import Entry, Letter, NotSent
from ...models import Event, Group, Newcomer, Shift, Signup
from ..people import is_same_person

First = aliased(Signup)
IS_NEW = (
    exists()
    .where(
        Newcomer.group_id == Event.group_id,
        First.id == Newcomer.signup_id,
        First.daily_notice_key == Signup.daily_notice_key,
        is_same_person(First, Signup),
    )
    .correlate(Event, Signup)
)
"""Whether somebody's first sign-up belongs on the same list, even if it has ended since."""


def read_links(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter with the links that somebody lost."""
    notice = row.Notice
    links = {link["shift_id"]: link for link in notice.details["links"]}
    rows = session.execute(
        select(Shift, Event, Group)
        .join(Event, Event.id == Shift.event_id)
        .join(Group, Group.id == Event.group_id)
        .where(Shift.id.in_(links))
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    if not rows:
        return NotSent("superseded", "There is no sign-up to send a link to.")
    return Letter(
        notice=notice,
        written_at=now,
        recipient=notice.recipient,
        first_name=notice.details["first_name"],
        group=rows[0].Group,
        entries=[
            Entry(
                event=found.Event,
                shift=found.Shift,
                state=links[found.Shift.id]["state"],
                link=links[found.Shift.id]["link"],
            )
            for found in rows
        ],
    )


def read_daily_list(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the day's list of new sign-ups for a group's contact."""
    notice, group = row.Notice, row.Group
    if group.signup_notices == "off":
        return NotSent("superseded", "The group turned notices of new sign-ups off.")
    rows = session.execute(
        select(Signup, Shift, Event, IS_NEW.label("is_new"))
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Signup.daily_notice_key == notice.key, Signup.state.in_(("placed", "waiting")))
        .order_by(Shift.starts_at, Shift.id, Signup.id)
    ).all()
    if not rows:
        return NotSent("superseded", "Everybody on this list cancelled before it was sent.")
    return Letter(
        notice=notice,
        written_at=now,
        recipient=group.contact_email,
        first_name=group.contact_name,
        group=group,
        entries=[
            Entry(
                event=row.Event,
                shift=row.Shift,
                state=row.Signup.state,
                first_name=row.Signup.first_name,
                party=row.Signup.party,
                is_new=row.is_new,
            )
            for row in rows
        ],
    )
