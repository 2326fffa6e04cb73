"""What about a shift is news to those who hear of it once a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NEWS = ("new", "moved", "cancelled", "reopened")
"""`reopened`: it was full, and has places again."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A shift as far as the public can see whether it takes place, when and where."""

    is_on: bool
    starts_at: datetime
    ends_at: datetime
    place: str
    postcode: str
    mode: str
    latitude: float | None
    longitude: float | None
    is_full: bool


MOVES = ("starts_at", "ends_at", "place", "postcode", "mode")
"""A change of these is worth telling; where exactly a postcode lies may only be known better."""


def what_is_new(before: Seen | None, after: Seen, *, now: datetime) -> str:
    """Return which kind of news it is that a shift is now `after`, or nothing.

    `before` is None for one not heard of yet.
    """
    if after.starts_at <= now:
        return ""
    if not after.is_on:
        return "cancelled" if before is not None and before.is_on else ""
    if before is None or not before.is_on:
        return "new"
    if any(getattr(before, name) != getattr(after, name) for name in MOVES):
        return "moved"
    return "reopened" if before.is_full and not after.is_full else ""


def as_kept(seen: Seen) -> dict[str, Any]:
    """Return what is kept of a shift as it was before it moved."""
    return {
        "starts_at": seen.starts_at.isoformat(),
        "ends_at": seen.ends_at.isoformat(),
        "place": seen.place,
        "postcode": seen.postcode,
        "mode": seen.mode,
        "latitude": seen.latitude,
        "longitude": seen.longitude,
    }


def is_undone(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Tell whether a shift that moved is back.

    `before` is as it was kept, `now` has the names of MOVES. Organisers mistype a day and
    put it right; then there is nothing to tell.
    """
    times = {name: datetime.fromisoformat(before[name]) for name in ("starts_at", "ends_at")}
    was = {**before, **times}
    return all(was[name] == now[name] for name in MOVES)


@dataclass(frozen=True)
class Piece:
    """One piece of news about a shift."""

    kind: str
    before: dict[str, Any]
    is_undone: bool = False
    """Whether it moved, and is by now again when and where it was before."""


def sum_up(pieces: Sequence[Piece], *, is_on: bool) -> Piece | None:
    """Return what somebody has to hear who heard nothing since the first of `pieces`.

    They are in order, and the shift now is on, or not. Who never heard of a shift need not hear
    that it was cancelled; of two moves only where it was at first counts, unless it is there again.
    So `before` is when and where somebody knows a shift to be that moved, also of a cancelled one.
    """
    if not pieces:
        return None
    if pieces[0].kind == "new":
        return Piece("new", {}) if is_on else None
    moved = next((piece for piece in pieces if piece.kind == "moved"), None)
    if not is_on:
        return Piece("cancelled", moved.before if moved else {})
    if moved is not None and not moved.is_undone:
        return moved
    # Without one it was called off and is on again, or moved and moved back: to who missed both,
    # nothing happened.
    return next((piece for piece in pieces if piece.kind == "reopened"), None)
