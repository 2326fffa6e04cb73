"""Looking at the rows of an import: what each would do, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from .. import rules
from ..models import Event, ImportRow, Shift
from ..rules import import_cells
from ..rules.import_columns import TIMES
from ..rules.imports import DEFAULT_KIND, MOST_SHIFTS
from ..schemas.events import EventWords
from ..schemas.shifts import ShiftChanges, ShiftSchema, refusal_of
from . import shifts as shift_operations
from .details import EventDetails
from .events import check_belonging

WORDS, SHIFT, CHANGES = EventWords(), ShiftSchema(), ShiftChanges()
KEPT_WITHOUT_WORDS = frozenset({"starts_at", "ends_at", "closes_at", "zone", "place"})
"""Cells of these that are empty change nothing."""


@dataclass
class Seen:
    """A new event of the list, as far as its rows were read."""

    row: int
    words: dict[str, object]
    shifts: int = 0


@dataclass
class Checker:
    """Looks at the rows of one list in their order; rows of one event may stand anywhere."""

    import_id: int
    group_id: int
    now: datetime
    seen: dict[str, Seen] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)
    """By shift, the row that changes it."""

    def check(self, session: Session, row: int, typed: import_cells.Typed) -> ImportRow:
        """Return what a row would do."""
        found = ImportRow(
            import_id=self.import_id,
            row=row,
            event_key=typed.key or f"row {row}",
            label=label_of(typed),
            action="problem",
            problems=typed.problems,
            typed={"event": typed.event, "shift": typed.shift},
        )
        event = self.find_event(session, typed)
        if typed.shift_id is not None:
            self.check_change(found, typed, event)
        elif event is not None:
            self.check_addition(found, typed, event)
        elif typed.event_id is None:
            self.check_new(session, found, typed)
        if found.problems:
            found.action = "problem"
        return found

    def find_event(self, session: Session, typed: import_cells.Typed) -> Event | None:
        """Return the event that the row belongs to, if that exists in this group."""
        event_id = typed.event_id
        if typed.shift_id is not None:
            shift = session.get(Shift, typed.shift_id)
            if shift is None or event_id not in (None, shift.event_id):
                typed.blame("shift_id", "There is no such shift in this event.")
                return None
            event_id = shift.event_id
        event = session.get(Event, event_id) if event_id is not None else None
        if event_id is not None and (event is None or event.group_id != self.group_id):
            column = "event_id" if typed.shift_id is None else "shift_id"
            typed.blame(column, "This group has no event with that number.")
            return None
        if event is not None:
            sentence = refusal_of(rules.check_changeable, event.status, event.shifts, self.now)
            if sentence:
                typed.blame("event_id", sentence)
        return event

    def check_new(self, session: Session, found: ImportRow, typed: import_cells.Typed) -> None:
        """See whether a row can make a shift of a new event."""
        words = {name: value for name, value in typed.event.items() if value}
        first = self.seen.get(found.event_key)
        if first is None:
            self.seen[found.event_key] = first = Seen(row=found.row, words=words)
            found.action = "new_event"
            details = blame_all(typed, WORDS, {"kind": DEFAULT_KIND, **words})
            known = EventDetails() if details is None else details
            belongs = partial(check_belonging, session, known, group_id=self.group_id)
            if sentence := refusal_of(belongs):
                typed.blame("campaign_id" if "campaign" in sentence else "election_id", sentence)
        else:
            found.action = "new_shift"
            for name in words:
                if words[name] != first.words.get(name, ""):
                    typed.blame(name, f"Row {first.row} says otherwise of the same event.")
        first.shifts += 1
        if first.shifts > MOST_SHIFTS:
            typed.blame("event", f"One event has at most {MOST_SHIFTS} shifts.")
        blame_all(typed, SHIFT, typed.shift)

    def check_addition(self, found: ImportRow, typed: import_cells.Typed, event: Event) -> None:
        """See whether a row can add a shift to an event that exists."""
        found.action, found.event_id = "new_shift", event.id
        details = blame_all(typed, SHIFT, typed.shift)
        if not typed.problems:
            shift = shift_operations.new_shift(details, now=self.now)
            self.blame_past(typed, event, shift)

    def check_change(
        self, found: ImportRow, typed: import_cells.Typed, event: Event | None
    ) -> None:
        """See whether a row can change a shift that exists, and whether it would."""
        if event is None or typed.shift_id is None:
            return
        shift = next(each for each in event.shifts if each.id == typed.shift_id)
        found.event_id, found.shift_id = event.id, shift.id
        other = self.changed.setdefault(shift.id, found.row)
        if other != found.row:
            typed.blame("shift_id", f"Row {other} changes the same shift.")
        typed.shift = {
            name: value
            for name, value in typed.shift.items()
            if value or name not in KEPT_WITHOUT_WORDS
        }
        found.typed = {"event": {}, "shift": typed.shift}
        details = blame_all(typed, CHANGES, typed.shift)
        if typed.problems:
            return
        moved = shift_operations.changed_times(shift, details)
        found.action = "changed" if differs(shift, details, moved) else "unchanged"
        if found.action == "unchanged":
            return
        for sentence in (
            refusal_of(rules.check_shift_changeable, shift, self.now),
            refusal_of(rules.check_times, moved),
        ):
            if sentence:
                typed.blame("starts_at", sentence)
        if (moved.starts_at, moved.ends_at) != (shift.starts_at, shift.ends_at):
            self.blame_past(typed, event, shift, moved)

    def blame_past(
        self,
        typed: import_cells.Typed,
        event: Event,
        shift: Shift,
        moved: rules.Times | None = None,
    ) -> None:
        """Blame a start that lies behind us where the public would see it."""
        times = moved or shift_operations.times_of(shift)
        sentence = refusal_of(rules.check_ahead, event.status, times, self.now)
        if sentence:
            typed.blame("starts_at", sentence)


def differs(shift: Shift, details: Any, moved: rules.Times) -> bool:
    """Tell whether a shift would be another one after the change."""
    words = {**shift_operations.words_of(details)}
    words |= {name: value for name, value in details.items() if name in shift_operations.LEAD}
    return moved != shift_operations.times_of(shift) or any(
        getattr(shift, name) != value for name, value in words.items()
    )


def blame_all(typed: import_cells.Typed, schema: Schema, given: dict[str, Any]) -> Any:
    """Read what was typed by the schema of the forms; blame every column that it finds wrong."""
    errors = schema.validate(given)
    blamed = {column for column, _ in typed.problems}
    for name, sentences in errors.items():
        # Without the day of the row none of its times can be read.
        no_day = name in TIMES and import_cells.title_of("date") in blamed
        already = no_day or import_cells.title_of(name) in blamed
        for sentence in [] if already else sentences:
            typed.blame(name, missing_or(str(sentence)))
    return None if errors else schema.load(given)


def missing_or(sentence: str) -> str:
    """Say of an empty cell that it must not be empty, in the words of a list."""
    return "This is missing." if sentence.startswith("Missing data") else sentence


def label_of(typed: import_cells.Typed) -> str:
    """Say in a few words which shift a row means."""
    start = clock_words(str(typed.shift.get("starts_at", "")))
    words = (typed.event.get("title", ""), typed.shift.get("place", ""), start)
    return ", ".join(str(word) for word in words if word)[:200]


def clock_words(typed: str) -> str:
    """Return a local time as in "5 December 2026, 10:00", or what was typed where it is none."""
    try:
        start = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return f"{start.day} {start:%B %Y, %H:%M}"
