"""The line of a shift as organisers see it: who waits, why in this order, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from .. import rules
from ..models import LedgerEntry, Shift, Signup
from ..rules import queue
from . import totals
from .filling import find_next_in_line, find_stopper, mode_of
from .stored import find_shift

MOST_FREED = 3
"""For so many places the page says what would happen if they came free."""


@dataclass(frozen=True)
class InLine:
    """Somebody who waits, and what an organiser should know of it."""

    signup: Signup
    number: int
    """Who is first has 1."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class WhatIf:
    """What would happen if so many places came free now."""

    places: int
    words: str


@dataclass(frozen=True)
class Line:
    """A shift with everybody who has a place or waits for one."""

    shift: Row[Any]
    mode: str
    coming: Sequence[Signup]
    """Placed, offered and held, by rank."""
    waiting: Sequence[InLine]
    what_ifs: Sequence[WhatIf]
    by_hand: Mapping[int, str]
    """Who got their places by hand, and why, by the number of the sign-up."""


def count_shifts(
    session: Session, event_id: int
) -> Sequence[tuple[Shift, Mapping[str, tuple[int, int]]]]:
    """Return an event's shifts, each with its sign-ups and people by state."""
    shifts = session.scalars(
        select(Shift).where(Shift.event_id == event_id).order_by(Shift.starts_at, Shift.id)
    ).all()
    return [(shift, totals.count_by_state(session, shift.id)) for shift in shifts]


def show_line(session: Session, shift_id: int, *, now: datetime) -> Line:
    """Return a shift's line. Raises NotThere."""
    shift = find_shift(session, shift_id)
    live = totals.live_signups(session, shift_id)
    mode = mode_of(session, shift, now=now)  # type: ignore[arg-type]
    waiting = [signup for signup in live if signup.state == "waiting"]
    return Line(
        shift,
        mode,
        [signup for signup in live if signup.state in rules.HOLDING],
        [
            InLine(signup, number, notes_of(signup, shift, now=now))
            for number, signup in enumerate(waiting, start=1)
        ],
        what_ifs(session, shift, mode, now=now) if waiting else (),
        reasons_by_hand(session, shift_id),
    )


def reasons_by_hand(session: Session, shift_id: int) -> Mapping[int, str]:
    """Return why organisers gave places past the line; passing one on is no such thing."""
    given = select(LedgerEntry.signup_id, LedgerEntry.reason).where(
        LedgerEntry.shift_id == shift_id,
        LedgerEntry.by_hand,
        LedgerEntry.reason.not_in(("", "transfer")),
    )
    return {row.signup_id: row.reason for row in session.execute(given)}


def notes_of(signup: Signup, shift: Row[Any], *, now: datetime) -> tuple[str, ...]:
    """Return why somebody who waits is where they are, in sentences."""
    stops = queue.stops_the_line(signup.skips, signup.skipped_since, now=now)
    too_large = shift.capacity is not None and signup.party > shift.capacity
    times = "once" if signup.skips == 1 else f"{signup.skips} times"
    strict = shift.verification == "strict" and signup.verified_at is None
    said = {
        "Has not proven the address yet, and is passed over until then.": strict,
        f"Was passed over {times}, since {signup.party} places were not free.": signup.skips > 0,
        "Comes first now: places are kept back until the party fits.": stops and not too_large,
        "Is more than the shift has places.": too_large,
        queue.WISH_NOTES.get(signup.wish, ""): signup.wish != "usual",
        "Has a place on another shift until then.": signup.replaces_id is not None,
        f"{signup.doubt} The place is given back unless they answer.": bool(signup.doubt),
    }
    return tuple(words for words, holds in said.items() if holds)


def what_ifs(session: Session, shift: Row[Any], mode: str, *, now: datetime) -> Sequence[WhatIf]:
    """Return what would happen if one place came free, or two, or three, where that differs."""
    if shift.capacity is None or mode in queue.NOTHING_BY_ITSELF or shift.cancelled:
        return ()
    found: list[WhatIf] = []
    for places in range(1, MOST_FREED + 1):
        words = words_if_free(session, shift, mode, places, now=now)
        if not found or words != found[-1].words:
            found.append(WhatIf(places, words))
    return found


def words_if_free(
    session: Session, shift: Row[Any], mode: str, places: int, *, now: datetime
) -> str:
    """Return who would get something if so many places came free, by the rule that decides it."""
    freed: Any = SimpleNamespace(**{**shift._mapping, "taken": shift.taken - places})
    first = find_next_in_line(session, freed, now=now)
    if first is not None:
        turn = queue.turn_of(mode, first.wish)
        return f"{first.name} is {'placed at once' if turn == 'placed' else 'asked first'}."
    stopper = find_stopper(session, freed, now=now)
    if stopper is not None:
        return f"Kept back for {stopper.name} and party, {stopper.party} people."
    return "Nobody who waits fits: whoever signs up next gets it."
