"""Reading the facts of a notice again, immediately before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from ..mail.letters import About, Entry, Letter, as_seen
from ..models import Event, Group, Notice, Shift, Signup, SuppressedAddress
from ..rules import kinds, truth


@dataclass(frozen=True)
class NotSent:
    """A notice that shall not become a mail, and why."""

    state: str
    reason: str
    recipient: str = ""


FACTS = (
    select(Notice, Signup, Shift, Event, Group)
    .outerjoin(Signup, Signup.id == Notice.signup_id)
    .outerjoin(Shift, Shift.id == Signup.shift_id)
    .outerjoin(Event, Event.id == Shift.event_id)
    .outerjoin(Group, Group.id == func.coalesce(Event.group_id, Notice.group_id))
    .where(
        Notice.id == bindparam("this_id"),
        Notice.claim == bindparam("this_claim", type_=Uuid),
        Notice.state == "sending",
    )
    .execution_options(populate_existing=True)
)
WHY_SUPPRESSED = select(SuppressedAddress.reason).where(
    SuppressedAddress.email == bindparam("email")
)


def read_letter(
    session: Session, notice_id: int, claim: UUID, *, now: datetime
) -> Letter | NotSent | None:
    """Return what to write for a claimed notice, or why not; None when the claim has been lost."""
    this = {"this_id": notice_id, "this_claim": claim}
    row: Any = session.execute(FACTS, this).one_or_none()
    if row is None:
        return None
    if row.Notice.kind in kinds.ORGANISER_KINDS:
        letter = _to_organiser(row.Notice, now)
    elif row.Notice.kind == "links":
        letter = _links(session, row.Notice, now)
    elif row.Notice.kind == "daily_signups":
        letter = _daily_list(session, row, now)
    else:
        letter = _about_signup(session, row, now)
    if isinstance(letter, Letter) and (reason := _suppressed(session, letter.recipient)):
        return NotSent(
            "suppressed", f"Mail to this address bounced before. {reason}", letter.recipient
        )
    return letter


def _suppressed(session: Session, email: str) -> str:
    return session.connection().execute(WHY_SUPPRESSED, {"email": email.lower()}).scalar() or ""


def _about_signup(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    notice, signup, shift, event, group = row
    off = shift.cancelled or event.status == "cancelled"
    if reason := truth.why_untrue(notice.kind, signup.state, off=off):
        return NotSent("superseded", reason)
    if truth.is_too_late(shift.ends_at, now):
        return NotSent("missed", "The shift was over before this could be sent.")
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
    to_contact = notice.kind == "new_signup"
    return Letter(
        notice=notice,
        written_at=now,
        recipient=group.contact_email if to_contact else signup.email,
        first_name=group.contact_name if to_contact else signup.first_name,
        group=group,
        about=replace(about, before=before, changes=changes),
    )


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


def _to_organiser(notice: Notice, now: datetime) -> Letter | NotSent:
    if notice.kind in kinds.WITH_KEY and (notice.expires_at is None or notice.expires_at <= now):
        return NotSent("missed", truth.EXPIRED)
    return Letter(
        notice=notice,
        written_at=now,
        recipient=notice.recipient,
        first_name=notice.details["name"],
        group=None,
    )


def _links(session: Session, notice: Notice, now: datetime) -> Letter | NotSent:
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
                event=row.Event,
                shift=row.Shift,
                state=links[row.Shift.id]["state"],
                link=links[row.Shift.id]["link"],
            )
            for row in rows
        ],
    )


def _daily_list(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    notice, group = row.Notice, row.Group
    if group.signup_notices == "off":
        return NotSent("superseded", "The group turned notices of new sign-ups off.")
    rows = session.execute(
        select(Signup, Shift, Event)
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
            )
            for row in rows
        ],
    )
