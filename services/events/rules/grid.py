"""Shifts as a grid: times down, meeting points across, and in each cell how many can come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

NO_LIMIT = "no limit"
MIXED = "mixed"
"""The work of a row whose shifts do not all do the same."""

POINT = ("place", "address", "postcode", "constituency")
REST = ("hours", "places", "work")
"""In which respects a shift is compared."""

NEAR = timedelta(hours=1)
"""A shift whose start is not further from a row's may stand in it with times of its own."""


@dataclass(frozen=True)
class Point:
    """A meeting point: what heads a column."""

    place: str = ""
    address: str = ""
    postcode: str = ""
    constituency: str = ""

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was typed."""
        return self == Point()


@dataclass(frozen=True, order=True)
class Hours:
    """When, as clocks in `zone` show it: what heads a row. It ends `nights` days later."""

    day: date
    starts: time
    ends: time
    nights: int = 0
    zone: str = "Europe/London"

    @property
    def starts_at(self) -> datetime:
        """The wall time of the start."""
        return datetime.combine(self.day, self.starts)

    @property
    def ends_at(self) -> datetime:
        """The wall time of the end."""
        return datetime.combine(self.day + timedelta(days=self.nights), self.ends)

    def moved(self, start: timedelta, end: timedelta) -> Hours:
        """Return hours that start and end so much later."""
        return hours_of(self.starts_at + start, self.ends_at + end, self.zone)


def hours_of(starts_at: datetime, ends_at: datetime, zone: str) -> Hours:
    """Return the hours between two wall times."""
    nights = (ends_at.date() - starts_at.date()).days
    return Hours(starts_at.date(), starts_at.time(), ends_at.time(), nights, zone)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What the grid knows of a shift; one without an id is still to be added."""

    id: int | None = None
    point: Point
    hours: Hours
    places: str
    """A number, or `no limit`; nothing for a shift that is to be removed."""
    work: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One of the times, and what is done then."""

    hours: Hours
    work: str = ""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The rows and columns, and which shift stands where: at most one in a cell."""

    rows: Sequence[Row] = ()
    columns: Sequence[Point] = ()
    cells: dict[tuple[int, int], Planned] = field(default_factory=dict)


def lay_out(shifts: Sequence[Planned]) -> Grid:
    """Put the shifts where they belong, meeting points in the order in which they were typed.

    Two shifts at the same time and place stand in two rows of the same hours. A shift whose hours
    nobody shares joins a row close by, if that has room in its column.
    """
    columns = list(dict.fromkeys(shift.point for shift in shifts))
    shared = Counter(shift.hours for shift in shifts)
    rows: list[Hours] = []
    cells: dict[tuple[int, int], Planned] = {}
    # Those whose hours are shared come first, so that the others find their rows.
    for shift in sorted(shifts, key=lambda s: (shared[s.hours] == 1, s.hours)):
        column = columns.index(shift.point)
        row = row_for(shift.hours, rows, {r for r, c in cells if c == column}, shared)
        if row == len(rows):
            rows.append(shift.hours)
        cells[row, column] = shift
    order = sorted(range(len(rows)), key=lambda row: (rows[row], row))
    place = {row: position for position, row in enumerate(order)}
    placed = {(place[row], column): shift for (row, column), shift in cells.items()}
    return Grid(
        rows=[Row(hours=rows[row], work=work_of(row, cells)) for row in order],
        columns=columns,
        cells=dict(sorted(placed.items())),
    )


def row_for(hours: Hours, rows: Sequence[Hours], full: set[int], shared: Counter[Hours]) -> int:
    """Return the row in which a shift of these hours stands; a new one has the next number."""
    free = [row for row in range(len(rows)) if row not in full]
    same = [row for row in free if rows[row] == hours]
    if same:
        return same[0]
    near = [
        row
        for row in free
        if shared[hours] == 1
        and shared[rows[row]] > 1
        and rows[row].zone == hours.zone
        and abs(rows[row].starts_at - hours.starts_at) <= NEAR
    ]
    return min(near, key=lambda row: abs(rows[row].starts_at - hours.starts_at), default=len(rows))


def work_of(row: int, cells: dict[tuple[int, int], Planned]) -> str:
    """Return what is done in a row, or that it differs."""
    found = {shift.work for (number, _), shift in cells.items() if number == row}
    return found.pop() if len(found) == 1 else MIXED


def wanted(
    shown: Planned | None, *, shown_row: Row | None, row: Row, point: Point, places: str
) -> Planned:
    """Return what is wanted of one cell, by what was typed above it, beside it and in it.

    A shift with hours of its own keeps its distance from its row's.
    """
    if shown is None or shown_row is None:
        work = "" if row.work == MIXED else row.work
        return Planned(point=point, hours=row.hours, places=places, work=work)
    start = row.hours.starts_at - shown_row.hours.starts_at
    end = row.hours.ends_at - shown_row.hours.ends_at
    own = shown.hours != shown_row.hours
    return replace(
        shown,
        point=point,
        hours=shown.hours.moved(start, end) if own else row.hours,
        places=places,
        work=shown.work if row.work == MIXED else row.work,
    )


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A shift that somebody else changed, in the same respect and differently."""

    wanted: Planned
    theirs: Planned | None
    """None when they removed it."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is to be done to get what is wanted, and what only the two writers can settle."""

    add: list[Planned] = field(default_factory=list)
    change: list[tuple[Planned, frozenset[str]]] = field(default_factory=list)
    """Shifts as they shall be, with the names of what was changed."""
    remove: list[Planned] = field(default_factory=list)
    """As they are stored."""
    clashes: list[Clash] = field(default_factory=list)


def compare(
    *, seen: Iterable[Planned], stored: Iterable[Planned], typed: Iterable[Planned]
) -> Changes:
    """Compare what was typed with what its writer saw and with what is stored by now.

    What only one of two people changed is combined, respect by respect.
    """
    began = {shift.id: shift for shift in seen}
    now = {shift.id: shift for shift in stored}
    unseen = {(s.point, s.hours): s for s in now.values() if s.id not in began}
    changes = Changes()
    for shift in typed:
        if shift.id is None:
            compare_new(shift, unseen.get((shift.point, shift.hours)), changes)
        elif shift.id in began:
            compare_one(shift, began[shift.id], now.get(shift.id), changes)
    return changes


def compare_new(shift: Planned, theirs: Planned | None, changes: Changes) -> None:
    """Add a shift, unless somebody else just added it."""
    if not shift.places:
        return
    if theirs is None:
        changes.add.append(shift)
    elif (theirs.places, theirs.work) != (shift.places, shift.work):
        changes.clashes.append(Clash(wanted=replace(shift, id=theirs.id), theirs=theirs))


def compare_one(shift: Planned, began: Planned, now: Planned | None, changes: Changes) -> None:
    """Compare one shift that was there when its writer began."""
    mine = differences(began, shift)
    if not mine:
        return
    if now is None:
        if shift.places:
            changes.clashes.append(Clash(wanted=shift, theirs=None))
    elif not shift.places:
        if differences(began, now):
            changes.clashes.append(Clash(wanted=shift, theirs=now))
        else:
            changes.remove.append(now)
    elif mine & differences(began, now) & differences(shift, now):
        changes.clashes.append(Clash(wanted=shift, theirs=now))
    elif new := mine & differences(shift, now):
        changes.change.append((combined(now, shift, new), new))


def combined(now: Planned, typed: Planned, names: frozenset[str]) -> Planned:
    """Return the stored shift with what was typed in these respects."""
    of_point = {name: getattr(typed.point, name) for name in names if name in POINT}
    of_shift = {name: getattr(typed, name) for name in names if name not in POINT}
    return replace(now, point=replace(now.point, **of_point), **of_shift)


def differences(one: Planned, other: Planned) -> frozenset[str]:
    """Return in which respects two versions of a shift differ."""
    points = {name for name in POINT if getattr(one.point, name) != getattr(other.point, name)}
    rest = {name for name in REST if getattr(one, name) != getattr(other, name)}
    return frozenset(points | rest)
