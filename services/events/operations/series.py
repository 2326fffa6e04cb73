"""The life of a series: begun from an event, published, changed in its rule, ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import times
from shared.refusals import NotThere

from .. import rules
from ..models import Event, Series, Shift
from ..rules import series as series_rules
from . import audit
from .events import cancel_event, publish_event
from .series_events import coming_unchanged, days_made, expand_series
from .stored import find_event, fits


@dataclass(frozen=True, kw_only=True)
class NewRule:
    """What a series' rule becomes, from which day on, and what that does to events made already."""

    rule: series_rules.Rule
    first: date
    """The first day that the new rule names."""
    misfits: tuple[Event, ...]
    """Coming events, unchanged by themselves, on days that the new rule does not name."""


def find_series(session: Session, series_id: int, *, lock: bool = False) -> Series:
    """Return the series, locked against other changes and the making of events if it is to change.

    Whoever locks both takes the series before its events.
    """
    series = session.get(Series, series_id, with_for_update=lock) if fits(series_id) else None
    if series is None:
        raise NotThere
    return series


def list_series(
    session: Session, *, group_id: int | None = None, after: int = 0, limit: int = 50
) -> Sequence[Series]:
    """Return series in the order of their ids, those after the id given."""
    asked = select(Series).where(Series.id > after).order_by(Series.id).limit(limit)
    if group_id is not None:
        asked = asked.where(Series.group_id == group_id)
    return session.scalars(asked).all()


def list_series_events(session: Session, series_id: int) -> Sequence[Event]:
    """Return the events of a series, the latest day first."""
    return session.scalars(
        select(Event).where(Event.series_id == series_id).order_by(Event.series_day.desc())
    ).all()


def name_series(session: Session, series_id: int) -> str:
    """Return what a series is called: the title of its newest event not changed by itself."""
    newest = select(Event.title).where(Event.series_id == series_id)
    order = (Event.series_changed, Event.series_day.desc())
    return session.scalars(newest.order_by(*order).limit(1)).first() or ""


def first_day_of(event: Event) -> date:
    """Return the day on which an event begins; one without shifts cannot repeat."""
    days = [shift.day for shift in event.shifts if not shift.cancelled]
    if not days:
        raise series_rules.EventHasNoShifts
    return min(days)


def check_repeatable(event: Event, *, now: datetime) -> date:
    """Refuse to repeat what is cancelled, over or of a series; return the event's first day."""
    rules.check_changeable(event.status, event.shifts, now)
    if event.series_id is not None:
        raise series_rules.EventRepeatsAlready
    return first_day_of(event)


def start_series(
    session: Session, event_id: int, rule: series_rules.Rule, *, now: datetime
) -> Series:
    """Make the event the first of a series, and the events of the next weeks like it."""
    event = find_event(session, event_id, lock=True)
    first = check_repeatable(event, now=now)
    full = series_rules.fill_in(rule, first)
    series_rules.check_days(full, first)
    series = Series(group_id=event.group_id, rule=str(full), first_day=first)
    session.add(series)
    session.flush()
    event.series_id, event.series_day = series.id, first
    for slot, shift in enumerate(event.shifts, start=1):
        shift.slot = slot
    session.flush()
    note(session, "series.started", series, now=now, details=series_rules.describe_rule(full))
    expand_series(session, series, now=now)
    return series


def publish_series(session: Session, series_id: int, *, now: datetime) -> int:
    """Publish the coming drafts of the series that were left unchanged; return how many."""
    find_series(session, series_id, lock=True)
    drafts = [e for e in coming_unchanged(session, series_id, now=now) if e.status == "draft"]
    for event in drafts:
        publish_event(session, event.id, now=now)
    return len(drafts)


def end_series(session: Session, series_id: int, *, reason: str | None, now: datetime) -> Series:
    """Make no more events; with a reason, not None, cancel the coming unchanged ones, too."""
    series = living_series(session, series_id)
    series.ended_at = now
    cancelled = coming_unchanged(session, series_id, now=now) if reason is not None else ()
    for event in cancelled:
        cancel_event(session, event.id, reason=reason or "", now=now)
    series.events_cancelled = bool(cancelled)
    words = f"{len(cancelled)} coming events cancelled" if cancelled else ""
    note(session, "series.ended", series, now=now, details=words)
    session.flush()
    return series


def resume_series(session: Session, series_id: int, *, now: datetime) -> Series:
    """Let an ended series go on, unless its events were cancelled with it."""
    series = find_series(session, series_id, lock=True)
    if series.ended_at is None:
        raise series_rules.SeriesGoesOn
    if series.events_cancelled:
        raise series_rules.SeriesEventsWereCancelled
    series.ended_at = None
    session.flush()
    note(session, "series.resumed", series, now=now)
    expand_series(session, series, now=now)
    return series


def plan_new_rule(
    session: Session, series_id: int, rule: series_rules.Rule, *, begins: date, now: datetime
) -> NewRule:
    """Return what a new rule would do that begins on `begins`, or on its first day after it."""
    series = living_series(session, series_id, lock=False)
    today = today_of(session, series, now=now)
    if not today <= begins <= today + series_rules.AHEAD:
        raise series_rules.NewRuleBeginsTooLate
    first = series_rules.first_day_from(rule, begins)
    if first is None or first > begins + series_rules.FURTHEST:
        raise series_rules.RuleNamesNoDay
    full = series_rules.fill_in(rule, first)
    coming = {
        event.series_day: event
        for event in coming_unchanged(session, series_id, now=now, lock=False)
        if event.series_day and event.series_day >= begins
    }
    outside = series_rules.misfits(coming, full, first)
    return NewRule(rule=full, first=first, misfits=tuple(coming[day] for day in outside))


def change_rule(
    session: Session, series_id: int, plan: NewRule, *, reason: str | None, now: datetime
) -> Series:
    """Let the series repeat by its new rule; events that do not fit are cancelled with a reason.

    Without one, None, they are kept.
    """
    series = living_series(session, series_id)
    series.rule, series.first_day = str(plan.rule), plan.first
    session.flush()
    for event in plan.misfits if reason is not None else ():
        cancel_event(session, event.id, reason=reason or "", now=now)
    words = series_rules.describe_rule(plan.rule)
    note(session, "series.rule_changed", series, now=now, details=words)
    expand_series(session, series, now=now)
    return series


def living_series(session: Session, series_id: int, *, lock: bool = True) -> Series:
    """Return the series, locked if it is to change, if it goes on."""
    series = find_series(session, series_id, lock=lock)
    if series.ended_at is not None:
        raise series_rules.SeriesHasEnded
    return series


def today_of(session: Session, series: Series, *, now: datetime) -> date:
    """Return today's date where the series takes place."""
    newest = (
        select(Shift.zone)
        .join(Shift.event)
        .where(Event.series_id == series.id)
        .order_by(Shift.id.desc())
    )
    zone = session.scalars(newest.limit(1)).first() or "UTC"
    return times.local(now, zone).date()


def days_to_come(
    session: Session, series: Series, *, now: datetime, most: int = 6
) -> tuple[list[date], bool]:
    """Return the next days for which no event is made yet, and whether more follow."""
    if series.ended_at is not None:
        return [], False
    made = days_made(session, series.id)
    today = today_of(session, series, now=now)
    return preview(series_rules.read_rule(series.rule), series.first_day, today, made, most=most)


def preview(
    rule: series_rules.Rule,
    first: date,
    today: date,
    made: Collection[date] = (),
    *,
    most: int = 6,
) -> tuple[list[date], bool]:
    """Return the rule's next days, without those made, and whether more follow."""
    days: list[date] = []
    for day in series_rules.days_of(rule, first):
        if day >= today and day not in made:
            if len(days) == most:
                return days, True
            days.append(day)
    return days, False


def count_taken(session: Session, event_ids: Collection[int]) -> int:
    """Return how many places of these events are taken."""
    taken = select(func.coalesce(func.sum(Shift.taken), 0)).where(Shift.event_id.in_(event_ids))
    return session.scalars(taken).one()


def note(
    session: Session, action: str, series: Series, *, now: datetime, details: str = ""
) -> None:
    """Write into the trail what was done to a series."""
    name = name_series(session, series.id)
    about = audit.About("series", series.id, name, series.group_id)
    audit.note(session, action, about, now=now, details=details)
