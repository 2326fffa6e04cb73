"""Letters that organisers wrote: to those of an event or a shift, and to themselves to try it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ...mail.letters import Contact, Entry, Letter, NotSent
from ...mail.senders import contact_of
from ...models import Event, Group, Mailing, Notice, Shift
from ...rules import mailings as rules
from ...rules import states
from ...rules.mailings import leaves_at
from ..mailings import list_signups, shifts_of
from ..subscribers.finding import links_of
from ..subscribers.inviting import find_hearing
from ..wordings import style_of
from .nights import until_morning
from .schedule import LINKS_OF_NOBODY

STOPPED = "It was stopped before this was sent."
NOT_MEANT = "They are no longer one of those it is for."
OVER = "The shift was over before this could be sent."
GONE = "It was deleted before this was sent."


def read_mailing(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter to one of those a mailing is for, if they still are.

    An invitation carries the links by which they choose what they hear of, or end it.
    """
    notice, signup = row.Notice, row.Signup
    mailing = session.get(Mailing, notice.details["mailing_id"], populate_existing=True)
    if mailing is None or mailing.state == "stopped":
        return NotSent("superseded", STOPPED)
    found = _still_meant(session, mailing, row, now)
    if isinstance(found, NotSent):
        return found
    links: dict[str, str] = {}
    if mailing.purpose == "invitation":
        asked = find_hearing(session, [signup.email]).get(signup.email)
        if asked is None:
            return NotSent("superseded", states.UNSUBSCRIBED)
        if reason := rules.why_uninvited(asked, mailing.group_id, at=now):
            return NotSent("superseded", reason)
        links = links_of(asked.token)
        links["unsubscribe"] += f"?mail={notice.message_id}"
    entries = [
        Entry(event=each.Event, shift=each.Shift, state=each.Signup.state, link=each.Signup.link)
        for each in found
    ]
    return Letter(
        notice=notice,
        written_at=now,
        recipient=signup.email,
        first_name=signup.first_name,
        group=row.Group,
        entries=entries,
        said=_said(mailing, row.Event),
        answers_to=contact_of(row.Event, row.Group),
        links=links,
    )


def read_trial(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter to whoever tries a mailing out, as it stands now."""
    mailing = session.get(Mailing, row.Notice.details["mailing_id"], populate_existing=True)
    if mailing is None:
        return NotSent("superseded", GONE)
    reader = Contact(row.Notice.details["name"], row.Notice.recipient)
    return as_trial(session, mailing, row.Notice, reader, now=now)


def preview(session: Session, mailing: Mailing, *, name: str, now: datetime) -> Letter:
    """Return the letter of a mailing to somebody of this name, which is never sent."""
    notice = Notice(kind="mailing_test", message_id=uuid.UUID(int=0), details={})
    letter = as_trial(session, mailing, notice, Contact(name, "you@muster.example"), now=now)
    return replace(letter, style=style_of(session, mailing.group_id, "mailing"))


def as_trial(
    session: Session, mailing: Mailing, notice: Notice, reader: Contact, *, now: datetime
) -> Letter:
    """Return the letter of a mailing to somebody who has no sign-up: it shows one made up."""
    event = session.get_one(Event, mailing.event_id)
    group = session.get_one(Group, mailing.group_id)
    state = "waiting" if mailing.audience == "waiting" else "placed"
    shifts = [s for s in shifts_of(session, event.id) if mailing.shift_id in (None, s.id)]
    return Letter(
        notice=notice,
        written_at=now,
        recipient=reader.email,
        first_name=reader.name.partition(" ")[0],
        group=group,
        entries=[_made_up(session, event, shift, state) for shift in shifts[:1]],
        said=_said(mailing, event),
        answers_to=contact_of(event, group),
        links=LINKS_OF_NOBODY if mailing.purpose == "invitation" else {},
    )


def _still_meant(
    session: Session, mailing: Mailing, row: Any, now: datetime
) -> Sequence[Any] | NotSent:
    """Return the sign-ups by which a mailing is for somebody now, or why it is not sent now.

    What is practical is of no use once their shift is over, unless it was written after that.
    """
    found = list_signups(session, mailing, row.Signup)
    if not found:
        return NotSent("superseded", NOT_MEANT)
    begins: list[datetime] = []
    if mailing.purpose == "practical":
        left_at = mailing.left_at or now
        found = [each for each in found if not left_at < each.Shift.ends_at <= now]
        begins = [each.Shift.starts_at for each in found]
    if not found:
        return NotSent("missed", OVER)
    if leaves_at(now, row.Shift.zone, begins) > now:
        return until_morning(now, row.Shift.zone)
    return found


def _made_up(session: Session, event: Event, shift: Shift, state: str) -> Entry:
    base = session.info["settings"].public_url.rstrip("/")
    return Entry(event=event, shift=shift, state=state, link=f"{base}/my")


def _said(mailing: Mailing, event: Event) -> dict[str, Any]:
    return {"subject": mailing.subject, "words": mailing.words, "title": event.title}
