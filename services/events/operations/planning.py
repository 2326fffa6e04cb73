"""Reading what organisers plan: a group's events, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from ..models import CoHost, Event, Group, JoinRequest, Series, Shift
from ..rules.series_rule import Rule, read_rule
from .series import name_series

PAGE = 25
FEW = 10
MOST_SERIES = 100

Groups = Collection[int] | None
"""Ids of groups; None is all of them."""


class Asked(TypedDict):
    """Which of a group's events are asked for."""

    show: str
    """`upcoming`, `drafts`, `past` or `archived`."""
    q: str
    """Looked for in titles and places."""
    page: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for an organiser."""

    drafts: Sequence[Event]
    over: Sequence[Shift]
    """Shifts to come with more people than places."""
    asked: Sequence[CoHost]
    """Co-hosting that other groups ask for."""
    joining: int
    """Requests to join, for an administrator."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing waits."""
        return not (self.drafts or self.over or self.asked or self.joining)


@dataclass(frozen=True, kw_only=True)
class Repeating:
    """A series in a list of its group."""

    series: Series
    title: str
    rule: Rule
    next_day: date | None
    """The day of its next event that takes place, if one is planned."""


def list_planned(
    session: Session, group_id: int, asked: Asked, *, now: datetime
) -> tuple[Sequence[Event], bool]:
    """Return a page of a group's events, its own and those it co-hosts, and whether more follow."""
    show, page = asked["show"], asked["page"]
    wanted = planned_events((group_id,)).where(shown(show, now), found_by(asked["q"]))
    first = first_start().scalar_subquery()
    order = [first, Event.id] if show in ("upcoming", "drafts") else [first.desc(), Event.id.desc()]
    found = session.scalars(wanted.order_by(*order).limit(PAGE + 1).offset(PAGE * (page - 1))).all()
    return found[:PAGE], len(found) > PAGE


def count_planned(session: Session, group_id: int, *, now: datetime) -> dict[str, int]:
    """Return how many events each list of a group has."""
    return {
        show: session.scalar(
            select(func.count()).select_from(
                planned_events((group_id,)).where(shown(show, now)).subquery()
            )
        )
        or 0
        for show in ("upcoming", "drafts", "past", "archived")
    }


def list_repeating(session: Session, group_id: int, *, now: datetime) -> Sequence[Repeating]:
    """Return the series of a group: those that go on first, each in the order they began."""
    asked = select(Series).where(Series.group_id == group_id).order_by(Series.id).limit(MOST_SERIES)
    found = sorted(session.scalars(asked), key=lambda series: series.ended_at is not None)
    standing = select(Event.series_id, func.min(Shift.day).label("day")).join(Shift)
    standing = standing.where(
        Event.series_id.in_([series.id for series in found]),
        Event.status != "cancelled",
        Shift.cancelled.is_(False),
        Shift.ends_at > now,
    )
    days = {row.series_id: row.day for row in session.execute(standing.group_by(Event.series_id))}
    return [
        Repeating(
            series=one,
            title=name_series(session, one.id),
            rule=read_rule(one.rule),
            next_day=days.get(one.id),
        )
        for one in found
    ]


def list_next(session: Session, groups: Groups, *, now: datetime) -> Sequence[Event]:
    """Return the next events of these groups."""
    first = first_start().where(Shift.ends_at > now).scalar_subquery()
    asked = planned_events(groups).where(shown("upcoming", now), Event.status == "published")
    return session.scalars(asked.order_by(first, Event.id).limit(FEW)).all()


def list_own_groups(session: Session, groups: Groups) -> Sequence[Group]:
    """Return these groups by name."""
    mine = true() if groups is None else Group.id.in_(groups)
    return session.scalars(select(Group).where(mine).order_by(Group.name, Group.id)).all()


def list_waiting(
    session: Session, groups: Groups, *, administrator: bool, now: datetime
) -> Waiting:
    """Return what waits for those who plan in these groups."""
    own = true() if groups is None else Event.group_id.in_(groups)
    drafts = select(Event).where(
        own, Event.status == "draft", Event.archived_at.is_(None), Event.series_id.is_(None)
    )
    over = (
        select(Shift)
        .join(Shift.event)
        .where(
            own,
            Event.status == "published",
            Shift.cancelled.is_(False),
            Shift.ends_at > now,
            Shift.taken > Shift.capacity,
        )
    )
    asking = false() if groups is None else CoHost.group_id.in_(groups)
    asked = (
        select(CoHost)
        .join(Event, Event.id == CoHost.event_id)
        .where(asking, CoHost.state == "asked", Event.status != "cancelled")
    )
    joining = select(func.count()).select_from(JoinRequest).where(JoinRequest.state == "asked")
    return Waiting(
        drafts=session.scalars(drafts.order_by(Event.id.desc()).limit(FEW)).all(),
        over=session.scalars(over.order_by(Shift.starts_at).limit(FEW)).all(),
        asked=session.scalars(asked.order_by(CoHost.asked_at).limit(FEW)).all(),
        joining=(session.scalar(joining) or 0) if administrator else 0,
    )


def planned_events(groups: Groups) -> Select[Event]:
    """Return the question for events that one of these groups holds, alone or with others."""
    if groups is None:
        return select(Event)
    co_hosted = exists().where(
        CoHost.event_id == Event.id, CoHost.group_id.in_(groups), CoHost.state == "accepted"
    )
    return select(Event).where(or_(Event.group_id.in_(groups), co_hosted))


def shown(show: str, now: datetime) -> ColumnElement[bool]:
    """Return which events a list shows."""
    if show == "archived":
        return Event.archived_at.is_not(None)
    kept = Event.archived_at.is_(None)
    ahead = exists().where(Shift.event_id == Event.id, Shift.ends_at > now)
    if show == "drafts":
        return and_(kept, Event.status == "draft")
    return and_(kept, Event.status != "draft", ahead if show == "upcoming" else ~ahead)


def found_by(search: str) -> ColumnElement[bool]:
    """Return which events a search finds."""
    if not search:
        return true()
    at = exists().where(
        Shift.event_id == Event.id,
        or_(
            *(
                column.icontains(search, autoescape=True)
                for column in (Shift.place, Shift.constituency, Shift.postcode)
            )
        ),
    )
    return or_(Event.title.icontains(search, autoescape=True), at)


def first_start() -> Select[Any]:
    """Return the question for an event's first start."""
    return select(func.min(Shift.starts_at)).where(Shift.event_id == Event.id).correlate(Event)
