"""The copies of events and shifts kept here, and what their changes do to sign-ups."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import messages
from shared.database import insert, next_revision
from shared.outbox import tell

from ..models import Event, Group, Shift
from ..rules import changes
from . import places
from .telling import facts_of, person_of

MOVING = ("place", "address", "postcode", "starts_at", "ends_at")
"""What people act upon: when one of these changes, everybody who signed up is told.

So is everybody told when the event's way to meet changes.
"""


@dataclass(frozen=True)
class Way:
    """How people meet, and where online if they do."""

    mode: str = "in_person"
    online_url: str = ""

    @classmethod
    def of(cls, event: Event | messages.EventFacts) -> Self:
        """Return an event's way; a link left over from when it was online counts for nothing."""
        return cls(event.mode, "" if event.mode == "in_person" else event.online_url)


MovedFrom = tuple[messages.ShiftBefore, changes.Position]


@dataclass(frozen=True)
class EventChange:
    """An event whose shifts are kept: its number, and how people met and meet there."""

    id: int
    before: Way
    after: Way


def keep_group(session: Session, facts: messages.GroupFacts) -> None:
    """Keep a group's facts unless newer ones are known."""
    wanted = (
        *("id", "revision", "name", "privacy_url"),
        *("representative_name", "representative_role"),
    )
    values = {name: getattr(facts, name) for name in wanted}
    _keep_newest(session, Group, {**values, "sites": list(facts.sites)})


def keep_event(session: Session, facts: messages.EventFacts, *, now: datetime, reason: str) -> None:
    """Keep an event's and its shifts' facts, and do to the sign-ups what their changes demand."""
    keep_group(session, facts.group)
    change = _keep_event_row(session, facts)
    # In ascending order, as everywhere: two transactions never wait for each other in a circle.
    for shift in sorted(facts.shifts, key=lambda shift: shift.id):
        cancelled = shift.cancelled or facts.status == "cancelled"
        keep_shift(session, change, replace(shift, cancelled=cancelled), reason=reason, now=now)


def keep_shift(
    session: Session, event: EventChange, facts: messages.ShiftFacts, *, reason: str, now: datetime
) -> None:
    """Keep a shift's facts unless newer ones are known; close, move or fill its sign-ups."""
    columns = Shift.__table__.c.keys()
    values = {name: fact for name, fact in vars(facts).items() if name in columns}
    values["event_id"] = event.id
    new = insert(session, Shift.__table__)  # type: ignore[arg-type]
    if session.execute(new.on_conflict_do_nothing().returning(Shift.id), values).one_or_none():
        return
    shift = places.lock(session, facts.id)
    # Cancelling is final, and an event is cancelled without a new revision of each of its shifts.
    newly_cancelled = facts.cancelled and not shift.cancelled
    before, was = _state_of(shift, event.before), position_of(shift)
    is_news = shift.revision < facts.revision or newly_cancelled
    if is_news:
        for name, value in values.items():
            setattr(shift, name, value)
        session.flush()
    if shift.cancelled:
        if is_news:
            close_signups(session, shift, reason=reason, now=now)
        return
    if before != _state_of(shift, event.after):
        _tell_moved(session, shift, (before, was), now=now)
    if is_news:
        places.fill(session, shift.id, now=now)


def _keep_event_row(session: Session, facts: messages.EventFacts) -> EventChange:
    """Keep the event's own facts unless newer ones are known; return what its people must hear."""
    # Locked, so that of two messages about it each sees what the other changed.
    known = session.scalars(
        select(Event)
        .where(Event.id == facts.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    way = Way.of(facts)
    if known is None:
        change = EventChange(facts.id, way, way)
    elif known.revision < facts.revision:
        change = EventChange(facts.id, Way.of(known), way)
    else:
        change = EventChange(facts.id, Way.of(known), Way.of(known))
    names = set(Event.__table__.columns.keys()) - {"group_id", "questions"}
    values = {name: getattr(facts, name) for name in names}
    questions = [asdict(question) for question in facts.questions]
    _keep_newest(session, Event, {**values, "questions": questions, "group_id": facts.group.id})
    return change


def _state_of(shift: Shift, way: Way) -> messages.ShiftBefore:
    """Return when, where and how a shift is, as those who signed up have to know it."""
    return messages.ShiftBefore(**{name: getattr(shift, name) for name in MOVING}, **asdict(way))


def close_signups(session: Session, shift: Shift, *, reason: str, now: datetime) -> None:
    """End every live sign-up of a cancelled shift, and tell each in words for its own state."""
    totals = None
    for signup in places.live_signups(session, shift.id):
        state_before = signup.state
        totals = places.end(session, signup, state="closed", now=now)
        closed = messages.SignupClosed(
            signup=facts_of(signup, totals),
            person=person_of(session, signup),
            state_before=state_before,
            reason=reason,
        )
        tell(session, closed, now=now)
    if totals is not None:
        tell(session, places.places_changed(totals), now=now)


def position_of(shift: Shift) -> changes.Position:
    """Return when and where a shift is, as far as a distance can be counted from it."""
    return changes.Position(shift.starts_at, shift.latitude, shift.longitude)


def _tell_moved(session: Session, shift: Shift, moved_from: MovedFrom, *, now: datetime) -> None:
    before, was = moved_from
    if shift.ends_at <= now:
        return
    far = changes.is_moved_far(was, position_of(shift))
    for signup in places.live_signups(session, shift.id):
        signup.revision = next_revision(signup.revision, now)
        if far and signup.state == "placed":
            signup.attending = "asked"
        session.flush()
        moved = messages.SignupMoved(
            signup=facts_of(signup, shift),
            person=person_of(session, signup),
            before=before,
            ask_again=signup.attending == "asked",
        )
        tell(session, moved, now=now)


def _keep_newest(
    session: Session, model: type[Group] | type[Event], values: dict[str, object]
) -> None:
    """Insert the row, or overwrite an older one; a newer one stays."""
    table = model.__table__
    new = insert(session, table)  # type: ignore[arg-type]
    changed = {name: new.excluded[name] for name in values if name != "id"}
    session.execute(
        new.on_conflict_do_update(
            index_elements=["id"],
            set_=changed,
            where=table.c.revision < new.excluded.revision,
        ),
        values,
    )
