"""What must hold after every step of the machine of places, whatever was done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups import operations
from services.signups.models import LedgerEntry, Shift, Signup
from shared.database import Database
from shared.messages import (
    EventFacts,
    PlacesChanged,
    ShiftFacts,
    SignupClosed,
    SignupMessage,
    SignupMoved,
)
from tests.signups.making import FREELY, NOW, all_told, event_facts, forget_told, make_settings
from tests.signups.model import HOLDING, Entry, ModelShift, News

Expected = News | Callable[[], News]


class Promises(RuleBasedStateMachine):
    """A service and its model, which do the same; each step compares them."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.db = open_in_memory(template)
        self.now = NOW
        self.steps = 0
        self.shifts: dict[int, ModelShift] = {}
        self.facts: EventFacts = event_facts()
        self.shown: dict[int, PlacesChanged] = {}
        self.given_by_hand = 0

    def teardown(self) -> None:
        self.db.close()

    @contextmanager
    def step(
        self, *, news: Expected, before: dict[int, ShiftFacts] | None = None
    ) -> Iterator[Session]:
        """Do one thing in one transaction, a second later, and hold every promise against it.

        `news` may be a function, which lets the model do the same at the same time.
        """
        self.steps += 1
        self.now += timedelta(seconds=1)
        with self.db.reading() as session:
            states = {row.id: row.state for row in session.execute(select(Signup.id, Signup.state))}
            taken = {row.id: row.taken for row in session.execute(select(Shift.id, Shift.taken))}
        with self.db.writing() as session:
            yield session
        news = news() if callable(news) else news
        with self.db.writing() as session:
            self.check_signups(session)
            self.check_places(session, taken)
            self.check_ledger(session)
            self.check_told(session, news, states, before or {})
            assert list(operations.find_violations(session, now=self.now)) == []
            forget_told(session)
        self.given_by_hand = 0

    def check_signups(self, session: Session) -> None:
        rows = session.execute(
            select(
                *(Signup.id, Signup.shift_id, Signup.name, Signup.party, Signup.state),
                *(Signup.offer_until, Signup.held_until),
            )
        )
        wanted = {
            (entry.id, shift.id, entry.who, entry.party, entry.shown, *hours_of(entry))
            for shift in self.shifts.values()
            for entry in shift.entries
        }
        found = {tuple(row) for row in rows}
        assert found == wanted
        live = [(shift.id, e.who) for shift in self.shifts.values() for e in shift.live()]
        assert len(live) == len(set(live)), "two live sign-ups of one person for one shift"

    def check_places(self, session: Session, taken_before: dict[int, int]) -> None:
        for shift in session.scalars(select(Shift)):
            model = self.shifts[shift.id]
            assert (shift.taken, shift.waiting) == (model.taken, model.waiting)
            limit = 10**6 if model.capacity is None else model.capacity
            over = taken_before.get(shift.id, 0) + self.given_by_hand
            assert shift.taken <= max(limit, over), "given while not free"
            if model.is_open(self.now) and model.mode(self.now) in ("at_once", "offers"):
                assert model._next(self.now) is None, "waits though there are places"

    def check_ledger(self, session: Session) -> None:
        sums = dict.fromkeys(self.shifts, 0)
        held: dict[int, int] = {}
        for row in session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)):
            sums[row.shift_id] += row.change
            held[row.signup_id] = held.get(row.signup_id, 0) + row.change
            assert row.taken_after == sums[row.shift_id]
            if row.change > 0 and row.capacity_then is not None and not row.by_hand:
                assert row.taken_after <= row.capacity_then
        for shift in self.shifts.values():
            assert sums[shift.id] == shift.taken
            for entry in shift.entries:
                has = entry.party if entry.state in HOLDING else 0
                # Those of a cancelled shift have lost what they held, too.
                assert held.get(entry.id, 0) == has, "places in the ledger"

    def check_told(
        self,
        session: Session,
        news: News,
        states_before: dict[int, str],
        facts_before: dict[int, ShiftFacts],
    ) -> None:
        messages = all_told(session)
        signups = [message for message in messages if isinstance(message, SignupMessage)]
        told = [(type(m).__name__, m.signup.id, m.signup.state) for m in signups]
        assert told == news
        for message in signups:
            if isinstance(message, SignupClosed):
                assert message.state_before == states_before[message.signup.id]
                cancelled = self.shifts[message.signup.shift_id].cancelled
                assert message.reason == ("A storm" if cancelled else "")
            if isinstance(message, SignupMoved):
                assert message.before.place == facts_before[message.signup.shift_id].place
        promoted = [number for kind, number, _ in told if kind == "SignupPromoted"]
        assert len(promoted) == len(set(promoted)), "promoted twice"
        self.check_shown([m for m in messages if isinstance(m, PlacesChanged)])

    def check_shown(self, changes: list[PlacesChanged]) -> None:
        """What readers of the totals show, newest wins, is what there is."""
        for change in changes:
            seen = self.shown.get(change.shift_id)
            assert seen is None or change == seen or change.places_revision > seen.places_revision
            self.shown[change.shift_id] = change
        for shift in self.shifts.values():
            shown = self.shown.get(shift.id)
            seen_totals = (shown.taken, shown.waiting) if shown else (0, 0)
            assert seen_totals == (shift.taken, shift.waiting), "totals told"


def hours_of(entry: Entry) -> tuple[datetime | None, datetime | None]:
    """Return when an offer, and when a hold ends."""
    offered, held = entry.state == "offered", entry.state == "held"
    return (entry.until if offered else None, entry.until if held else None)


def open_in_memory(template: Path) -> Database:
    """Return the one database in memory, now with all that stands in a file and nothing else."""
    db = _in_memory()
    db.info["settings"] = make_settings(db.url, **FREELY)
    with closing(sqlite3.connect(template)) as source, closing(db.engine.raw_connection()) as raw:
        source.backup(raw.driver_connection)  # type: ignore[arg-type]
    return db


@cache
def _in_memory() -> Database:
    """Return a database that is used again: each engine compiles every statement anew."""
    return Database("sqlite://")
