"""The life of an import: uploaded, looked at, applied as a whole, undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shared.access import Who
from shared.refusals import NotThere, Refusal

from .. import rules
from ..models import CoHost, Event, Import, ImportRow, Shift
from ..rules import imports as import_rules
from ..schemas.events import EventWords
from ..schemas.shifts import ShiftChanges, ShiftSchema
from . import audit
from .details import EventDetails
from .events import create_event, publish_event
from .shifts import ShiftPlan, carry_out
from .stored import find_group, fits

PAGE = 100
LEASE = timedelta(seconds=60)
"""A worker renews it with each batch; who follows one that died waits so long."""

KEPT_UNAPPLIED = timedelta(days=7)
KEPT_APPLIED = timedelta(days=90)
WORDS, SHIFT, CHANGES = EventWords(), ShiftSchema(), ShiftChanges()


@dataclass
class Together:
    """The rows of one event."""

    event_id: int | None
    rows: list[ImportRow] = field(default_factory=list)


def start_import(
    session: Session, group_id: int, *, name: str, content: bytes, now: datetime
) -> Import:
    """Take in a list; a worker looks at its rows. Raises ListIsUnreadable."""
    group = find_group(session, group_id)
    text = import_rules.decode(content)
    listing = import_rules.open_list(text)
    by = session.info.get("by", audit.NOBODY)
    found = Import(
        group=group,
        organiser_id=by.organiser_id if isinstance(by, Who) else None,
        actor=by.name if isinstance(by, Who) else str(by),
        file_name=printable(name) or "list.csv",
        content=text,
        state="uploaded",
        total=len(listing.rows),
        notes=listing.notes,
        created_at=now,
    )
    session.add(found)
    session.flush()
    return found


def printable(name: str) -> str:
    """Return the name of a file as it may be shown."""
    return "".join(char for char in name.strip() if char.isprintable())[:200]


def find_import(session: Session, import_id: int, *, lock: bool = False) -> Import:
    """Return an import, locked if it is to change."""
    of = {"of": Import} if lock else False
    found = session.get(Import, import_id, with_for_update=of) if fits(import_id) else None
    if found is None:
        raise NotThere
    return found


def list_imports(session: Session, group_id: int) -> Sequence[Import]:
    """Return the newest imports of a group."""
    return session.scalars(
        select(Import).where(Import.group_id == group_id).order_by(Import.id.desc()).limit(20)
    ).all()


def read_rows(
    session: Session, import_id: int, *, page: int, action: str = ""
) -> tuple[Sequence[ImportRow], bool]:
    """Return a page of an import's rows, and whether there are more."""
    asked = select(ImportRow).where(ImportRow.import_id == import_id)
    if action:
        asked = asked.where(ImportRow.action == action)
    rows = session.scalars(
        asked.order_by(ImportRow.row).limit(PAGE + 1).offset(PAGE * (page - 1))
    ).all()
    return rows[:PAGE], len(rows) > PAGE


def count_actions(session: Session, import_id: int) -> dict[str, int]:
    """Return how many rows do what."""
    counted = session.execute(
        select(ImportRow.action, func.count())
        .where(ImportRow.import_id == import_id)
        .group_by(ImportRow.action)
    )
    found = {action: count for action, count in counted}  # noqa: C416 - rows are no pairs
    return {action: found[action] for action in import_rules.ACTIONS if action in found}


def ask_to_apply(session: Session, import_id: int, *, publish: bool, now: datetime) -> Import:
    """Let a worker apply an import; of two people who ask, one is told that it is under way."""
    found = find_import(session, import_id, lock=True)
    if found.state in ("uploaded", "due"):
        raise import_rules.ImportIsBusy
    if found.state != "checked":
        raise import_rules.ImportWasApplied
    if found.wrong:
        raise import_rules.ImportHasProblems
    found.state, found.publish, found.done = "due", publish, 0
    audit.note(session, "import.asked", found, now=now)
    session.flush()
    return found


def apply_rows(session: Session, found: Import, *, now: datetime) -> None:
    """Make all events and shifts of an import, in the one transaction of the session."""
    rows = session.scalars(
        select(ImportRow).where(ImportRow.import_id == found.id).order_by(ImportRow.row)
    ).all()
    events: dict[str, Together] = {}
    for row in rows:
        key = f"id {row.event_id}" if row.event_id else f"key {row.event_key}"
        events.setdefault(key, Together(event_id=row.event_id)).rows.append(row)
    made = [
        make_event(session, found, each.rows, now=now)
        for each in events.values()
        if each.event_id is None
    ]
    for each in events.values():
        if each.event_id is not None and each.event_id not in made:
            change_event(session, each.event_id, each.rows, now=now)
    if found.publish:
        publish_all(session, found, made, now=now)
    found.state, found.applied_at, found.content = "applied", now, ""
    audit.note(session, "import.applied", found, now=now, details=f"{len(rows)} rows")
    session.flush()


def make_event(session: Session, found: Import, rows: Sequence[ImportRow], *, now: datetime) -> int:
    """Draft a new event with its shifts; return its id."""
    words = {name: value for name, value in rows[0].typed["event"].items() if value}
    details: EventDetails = WORDS.load({"kind": import_rules.DEFAULT_KIND, **words})
    details["group_id"] = found.group_id
    details["shifts"] = [SHIFT.load(row.typed["shift"]) for row in rows]
    event = create_event(session, details, now=now)
    numbered = sorted(event.shifts, key=lambda shift: shift.id)
    for row, shift in zip(rows, numbered, strict=True):
        row.event_id, row.shift_id = event.id, shift.id
    return event.id


def change_event(
    session: Session, event_id: int, rows: Sequence[ImportRow], *, now: datetime
) -> None:
    """Add and change the shifts of an event that existed before."""
    added = [row for row in rows if row.action == "new_shift"]
    plan = ShiftPlan(
        add=[SHIFT.load(row.typed["shift"]) for row in added],
        change={
            row.shift_id: CHANGES.load(row.typed["shift"])
            for row in rows
            if row.action == "changed" and row.shift_id is not None
        },
    )
    if not plan.add and not plan.change:
        return
    event = carry_out(session, event_id, plan, now=now)
    session.flush()
    newest = sorted(event.shifts, key=lambda shift: shift.id)[len(event.shifts) - len(added) :]
    for row, shift in zip(added, newest, strict=True):
        row.shift_id = shift.id


def publish_all(
    session: Session, found: Import, event_ids: Sequence[int], *, now: datetime
) -> None:
    """Publish those of the new events that are complete; note of the others what is missing."""
    notes = list(found.notes)
    for event in session.scalars(select(Event).where(Event.id.in_(event_ids)).order_by(Event.id)):
        missing = rules.missing_for_publishing(event, now)
        if missing:
            notes.append(f"“{event.title}” stays a draft: {'; '.join(missing)}.")
        else:
            publish_event(session, event.id, now=now)
    found.notes = notes


def fail(session: Session, found: Import, refusal: Refusal, *, now: datetime) -> None:
    """Keep why an import was not applied; nothing of it was."""
    found.state, found.lease_until = "failed", None
    found.notes = [*found.notes, f"Nothing was applied: {refusal.sentence}"]
    audit.note(session, "import.failed", found, now=now)


def undo_import(session: Session, import_id: int, *, now: datetime) -> int:
    """Delete the drafts that an import made; return how many.

    What it added to, or changed of, events that were there before stays.
    """
    found = find_import(session, import_id, lock=True)
    if found.state != "applied":
        raise import_rules.ImportIsNotApplied
    event_ids = made_events(session, import_id)
    events = session.scalars(select(Event).where(Event.id.in_(event_ids)).with_for_update(of=Event))
    if any(event.published_at is not None for event in events):
        raise import_rules.ImportIsPublished
    for table in (CoHost, Shift):
        session.execute(delete(table).where(table.event_id.in_(event_ids)))
    session.execute(delete(Event).where(Event.id.in_(event_ids)))
    session.expire_all()
    found.state = "undone"
    audit.note(session, "import.undone", found, now=now, details=f"{len(event_ids)} drafts")
    session.flush()
    return len(event_ids)


def made_events(session: Session, import_id: int) -> list[int]:
    """Return the ids of the events that an import made."""
    made = session.scalars(
        select(ImportRow.event_id)
        .where(ImportRow.import_id == import_id, ImportRow.action == "new_event")
        .order_by(ImportRow.event_id)
    )
    return [event_id for event_id in made if event_id is not None]


def can_be_undone(session: Session, found: Import) -> bool:
    """Tell whether there is something to undo that nobody has seen."""
    if found.state != "applied":
        return False
    event_ids = made_events(session, found.id)
    published = select(func.count()).where(Event.id.in_(event_ids), Event.published_at.is_not(None))
    return bool(event_ids) and not session.scalar(published)


def forget_old_imports(session: Session, now: datetime) -> None:
    """Forget lists that were never applied after a week, rows of applied ones after 90 days.

    They may name those who lead shifts.
    """
    unapplied = (Import.state != "applied") & (Import.created_at < now - KEPT_UNAPPLIED)
    old = select(Import.id).where(unapplied | (Import.created_at < now - KEPT_APPLIED))
    session.execute(delete(ImportRow).where(ImportRow.import_id.in_(old)))
    session.execute(
        update(Import).where(unapplied, Import.content != "").values(content="", state="failed")
    )
