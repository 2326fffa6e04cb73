"""Letters about one sign-up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from ...mail.letters import About, Entry, Letter, NotSent, as_seen
from ...models import Event, Notice, Shift, Signup
from ...rules import kinds, truth
from ..people import is_same_person

MOST_OVERLAPS = 3
Other, OtherShift = aliased(Signup), aliased(Shift)
CLASH = and_(
    is_same_person(Other, Signup),
    Other.state == "placed",
    OtherShift.id == Other.shift_id,
    OtherShift.id != Shift.id,
    OtherShift.starts_at < Shift.ends_at,
    OtherShift.ends_at > Shift.starts_at,
    ~OtherShift.cancelled,
)
"""That a person has a place elsewhere while a shift of theirs is on."""

IS_ELSEWHERE = and_(
    Notice.kind.in_(kinds.GIVING_A_PLACE), exists().where(CLASH).correlate(Signup, Shift)
)
"""Whether who gets a place has another one then: asked with the facts, since it is rare."""

CLASHING = (
    select(Event, OtherShift, Other)
    .select_from(Signup)
    .join(Shift, Shift.id == Signup.shift_id)
    .where(Signup.id == bindparam("signup_id"), CLASH, Event.id == OtherShift.event_id)
    .order_by(OtherShift.starts_at, OtherShift.id)
    .limit(MOST_OVERLAPS)
)


def read_about_signup(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter about one sign-up, to the person or to the group's contact."""
    notice, signup, shift, event, group = row.Notice, row.Signup, row.Shift, row.Event, row.Group
    off = shift.cancelled or event.status == "cancelled"
    only_in = notice.details.get("state", "")
    if reason := truth.why_untrue(notice.kind, signup.state, off=off, only_in=only_in):
        return NotSent("superseded", reason)
    if truth.is_too_late(shift.ends_at, now):
        return NotSent("missed", "The shift was over before this could be sent.")
    if (until := notice.details.get("until")) and datetime.fromisoformat(until) <= now:
        return NotSent("missed", truth.OFFER_OVER)
    about = About(
        event=event,
        shift=shift,
        signup=signup,
        method=truth.calendar_method(notice.kind, signup.state, had_place=signup.had_place),
    )
    before = _known_to_person(session, notice, about) if notice.kind == "changed" else None
    changes = truth.what_changed(before, about.where) if before else []
    if before and not changes:
        return NotSent("superseded", "Nothing of this change is left to tell this person.")
    if before and _is_followed(session, notice):
        return NotSent("superseded", "A later change says this too.")
    far = before is not None and truth.is_far_in_time(before, about.where)
    asks_again = about.has_place and (far or notice.details.get("ask_again", False))
    to_contact = notice.kind in kinds.CONTACT_KINDS
    return Letter(
        notice=notice,
        written_at=now,
        recipient=group.contact_email if to_contact else signup.email,
        first_name=group.contact_name if to_contact else signup.first_name,
        group=group,
        about=replace(
            about,
            before=before,
            changes=changes,
            asks_again=asks_again,
            overlaps=_overlaps(session, signup) if row.is_elsewhere else [],
        ),
    )


def _overlaps(session: Session, signup: Signup) -> list[Entry]:
    """Return where else the person is to be while their shift is on; they can change either."""
    rows = session.execute(CLASHING, {"signup_id": signup.id})
    return [
        Entry(event=event, shift=shift, state=other.state, link=other.link)
        for event, shift, other in rows
    ]


def _known_to_person(session: Session, notice: Notice, about: About) -> truth.Place:
    """Return the time and place that the person last heard of, before the change of `notice`."""
    changes = session.execute(
        select(Notice.revision, Notice.state, Notice.details).where(
            Notice.signup_id == notice.signup_id, Notice.kind == "changed"
        )
    )
    moves = [
        truth.Moved(revision=c.revision, state=c.state, before=_kept_place(c.details["before"]))
        for c in changes
    ]
    before = truth.known_before(moves, notice.revision)
    return as_seen(before, about.event, has_place=about.has_place)


def _is_followed(session: Session, notice: Notice) -> bool:
    later = select(Notice.id).where(
        Notice.signup_id == notice.signup_id,
        Notice.kind == "changed",
        Notice.revision > notice.revision,
    )
    return session.execute(later.limit(1)).first() is not None


def _kept_place(kept: dict[str, str]) -> truth.Place:
    times = {name: datetime.fromisoformat(kept[name]) for name in ("starts_at", "ends_at")}
    return truth.Place(
        place=kept["place"],
        address=kept["address"],
        postcode=kept["postcode"],
        mode=kept.get("mode"),
        online_url=kept.get("online_url"),
        **times,
    )
