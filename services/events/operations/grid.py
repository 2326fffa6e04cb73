"""Saving a whole grid of shifts at once, as two people may have changed it meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shared import times

from ..models import Event, Shift
from ..rules import grid, sheet
from ..rules.grid import Changes, Planned
from .details import ShiftDetails
from .shifts import ShiftPlan, carry_out


@dataclass(frozen=True, kw_only=True)
class Saved:
    """How many shifts a grid added, changed and removed."""

    added: int
    changed: int
    removed: int


def planned_shifts(event: Event) -> list[Planned]:
    """Return the event's shifts as its grid knows them, in the order in which they were made."""
    return [
        planned(shift) for shift in sorted(event.shifts, key=lambda s: s.id) if not shift.cancelled
    ]


def planned(shift: Shift) -> Planned:
    """Return one shift as the grid knows it."""
    starts_at, ends_at = (
        times.local(instant, shift.zone).replace(tzinfo=None, fold=0)
        for instant in (shift.starts_at, shift.ends_at)
    )
    return Planned(
        id=shift.id,
        point=grid.Point(shift.place, shift.address, shift.postcode, shift.constituency),
        hours=grid.hours_of(starts_at, ends_at, shift.zone),
        places=sheet.places_text(shift.capacity),
        work=shift.work,
    )


def signed_up(event: Event, removed: Sequence[Planned]) -> list[Shift]:
    """Return those of the shifts to be removed that somebody has signed up for."""
    ids = {shift.id for shift in removed}
    return [shift for shift in event.shifts if shift.id in ids and shift.taken + shift.waiting]


def save_grid(session: Session, event: Event, changes: Changes, *, now: datetime) -> Saved:
    """Do what a grid asks for, all of it or nothing; tell of it once."""
    plan = ShiftPlan(
        add=[details_of(shift) for shift in changes.add],
        change={
            shift.id: details_of(shift, names)
            for shift, names in changes.change
            if shift.id is not None
        },
        remove=[shift.id for shift in changes.remove if shift.id is not None],
    )
    carry_out(session, event.id, plan, now=now)
    return Saved(added=len(plan.add), changed=len(plan.change), removed=len(plan.remove))


def details_of(shift: Planned, names: Collection[str] = (*grid.POINT, *grid.REST)) -> ShiftDetails:
    """Return the part of a planned shift that these respects name, as operations take it."""
    hours, point = shift.hours, shift.point
    capacity = None if shift.places == grid.NO_LIMIT else int(shift.places)
    every: dict[str, ShiftDetails] = {
        "place": {"place": point.place},
        "address": {"address": point.address},
        "postcode": {"postcode": point.postcode},
        "constituency": {"constituency": point.constituency},
        "hours": {"starts_at": hours.starts_at, "ends_at": hours.ends_at, "zone": hours.zone},
        "places": {"capacity": capacity},
        "work": {"work": shift.work},
    }
    details: ShiftDetails = {}
    for name in names:
        details.update(every[name])
    return details
