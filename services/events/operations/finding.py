"""Finding what is on: what a visitor asks for, and the conditions that it puts on shifts.

Conditions are made from names, so that a statement can be made once for each set of filters and be
run with other values: making it takes longer than running it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, bindparam, event, func, select
from sqlalchemy.orm import Session

from shared import distances

from .. import rules
from ..geography import Located, locate
from ..models import CoHost, Event, Shift
from ..rules import finding

SHIFT: Any = Shift.__table__.c
EVENT: Any = Event.__table__.c
CO_HOST: Any = CoHost.__table__.c
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to see of the schedule; what is left out asks for nothing."""

    kind: str = ""
    first: date | None = None
    last: date | None = None
    """Local dates, both included."""
    group_id: int | None = None
    """The host or one of the co-hosts."""
    campaign_id: int | None = None
    election_id: str = ""
    constituency: str = ""
    postcode: str = ""
    miles: int = finding.USUAL_MILES
    near: Located | None = None
    """Where the postcode lies; `settle` fills it in."""
    is_settled: bool = False
    places: bool = False
    """Only where somebody can still have a place."""
    online: bool = False
    """Only what can be joined from anywhere."""
    view: str = "list"
    month: date | None = None
    """For the view by month: its first day."""
    page: int = 1


def settle(session: Session, wanted: Wanted) -> Wanted:
    """Return the same with the postcode's place, and the constituency as it is written here.

    A postcode that nobody knows asks for nothing: then `near` stays empty.
    """
    if wanted.is_settled:
        return wanted
    near, constituency = wanted.near, wanted.constituency
    if wanted.postcode and near is None:
        near = locate(session, wanted.postcode)
    if constituency:
        constituency = written(session, constituency)
    return replace(wanted, near=near, constituency=constituency, is_settled=True)


def written(session: Session, constituency: str) -> str:
    """Return a constituency's name as shifts have it; as it was typed if none has it."""
    exact = select(SHIFT.constituency).where(SHIFT.constituency == constituency).limit(1)
    alike = select(SHIFT.constituency).where(func.lower(SHIFT.constituency) == constituency.lower())
    return session.scalar(exact) or session.scalar(alike.limit(1)) or constituency


def asked_of(wanted: Wanted) -> dict[str, Any]:
    """Return the values that a visitor's filters ask for, by name: only those in use."""
    asked: dict[str, Any] = {
        "kind": wanted.kind,
        "first": wanted.first,
        "last": wanted.last,
        "group_id": wanted.group_id,
        "campaign_id": wanted.campaign_id,
        "election_id": wanted.election_id,
        "constituency": wanted.constituency,
        "places": wanted.places,
        "mode": "in_person" if wanted.online else "",
    }
    asked = {name: value for name, value in asked.items() if value}
    return asked | (asked_near(wanted.near, wanted.miles) if wanted.near else {})


def asked_ahead(now: datetime) -> dict[str, Any]:
    """Return the values that say what is still to come, by name."""
    # The day says no more than that its end is ahead, but along the days there is an index.
    return {"now": now, "earliest": (now - rules.LONGEST_SHIFT - ONE_DAY).date()}


def asked_near(near: Located, miles: float) -> dict[str, float]:
    """Return what the condition of distance asks for."""
    scale, shrink = distances.flat_map(near.latitude)
    return {
        # As a float, since the square of a small integer need not be one.
        "miles": float(miles),
        "latitude": near.latitude,
        "longitude": near.longitude,
        "scale": scale,
        "shrink": shrink,
        **vars(finding.box_around(near.latitude, near.longitude, miles)),
    }


def conditions(names: Collection[str], asked: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return the conditions of these names on a shift that is joined with its event.

    `asked` is what `asked_of` and `asked_ahead` return, or a bind parameter for each name in them.
    """
    return [condition(asked) for name, condition in CONDITIONS.items() if name in names]


def is_on() -> list[ColumnElement[bool]]:
    """Return what every shift that visitors are shown in a list must be."""
    return [EVENT.status == "published", SHIFT.cancelled.is_(False)]


def square_miles(asked: Mapping[str, Any]) -> Any:
    """Return the square of a shift's distance from where somebody asks."""
    return distances.square_miles(
        SHIFT.latitude - asked["latitude"],
        SHIFT.longitude - asked["longitude"],
        asked["scale"],
        asked["shrink"],
    )


def is_in_box(asked: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return whether a shift lies in the box around the miles asked for: it has an index."""
    inside: ColumnElement[bool] = SHIFT.latitude.between(
        asked["south"], asked["north"]
    ) & SHIFT.longitude.between(asked["west"], asked["east"])
    return inside


def is_of_group(asked: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return whether a group is the host, or one that accepted to be a co-host."""
    co_hosted = select(CO_HOST.event_id).where(
        CO_HOST.group_id == asked["group_id"], CO_HOST.state == "accepted"
    )
    of_group: ColumnElement[bool] = (EVENT.group_id == asked["group_id"]) | EVENT.id.in_(co_hosted)
    return of_group


def has_places(asked: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return whether somebody can have a place without waiting for it."""
    free: ColumnElement[bool] = SHIFT.capacity.is_(None) | (SHIFT.taken < SHIFT.capacity)
    return free & (SHIFT.closes_at > asked["now"]) if "now" in asked else free


def parameters(names: Iterable[str]) -> dict[str, Any]:
    """Return the bind parameters of a statement for filters of these names."""
    return {name: bindparam(name) for name in names}


def plan_for_each_place(engine: Engine) -> None:
    """Let the database plan each search for its very place, however often it saw its statement.

    One plan for all places, which PostgreSQL makes after a while, is forty times slower either in
    London or in a village.
    """

    def ask_for_plans(connection: Any, _record: Any) -> None:
        connection.execute("SET plan_cache_mode = force_custom_plan")
        connection.commit()

    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", ask_for_plans)


CONDITIONS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "now": lambda asked: SHIFT.ends_at > asked["now"],
    "earliest": lambda asked: SHIFT.day >= asked["earliest"],
    "kind": lambda asked: EVENT.kind == asked["kind"],
    "first": lambda asked: SHIFT.day >= asked["first"],
    "last": lambda asked: SHIFT.day <= asked["last"],
    "group_id": is_of_group,
    "campaign_id": lambda asked: EVENT.campaign_id == asked["campaign_id"],
    "election_id": lambda asked: EVENT.election_id == asked["election_id"],
    "constituency": lambda asked: SHIFT.constituency == asked["constituency"],
    "places": has_places,
    "mode": lambda asked: EVENT.mode != asked["mode"],
    "south": is_in_box,
    "miles": lambda asked: square_miles(asked) <= asked["miles"] * asked["miles"],
}
"""By the name of a value without which there is nothing to ask."""

OF_EVENTS = frozenset({"kind", "group_id", "campaign_id", "election_id", "mode"})
"""Conditions that all shifts of an event meet, or none."""
