"""Drives the real operations and the model side by side, and compares after every step."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups import operations, rules
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
from shared.refusals import NotThere, Refusal
from tests.signups.making import (
    FREELY,
    NOW,
    STARTS,
    all_told,
    details,
    event_facts,
    forget_told,
    make_settings,
    shift_facts,
    token_of,
)
from tests.signups.model import Entry, ModelShift

PEOPLE = st.sampled_from(["Ada", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gus", "Hope", "Ida", "Jo"])
PARTIES = st.sampled_from([1, 1, 2, 2, 3, 4])
CAPACITIES = st.sampled_from([1, 2, 3, 4, 5, 6, None])
# The first shift gets most of what happens, so that it fills up; the second shows mix-ups.
SHIFTS = st.sampled_from([1, 1, 1, 2])
NUMBERS = st.integers(min_value=0, max_value=30)
SUSPICIONS = st.sampled_from(["", "", "too fast"])
CROWDS = st.lists(st.tuples(PEOPLE, PARTIES, SUSPICIONS), min_size=3, max_size=7)
STEPS_BEFORE_THE_END = 16

Crowd = list[tuple[str, int, str]]
News = list[tuple[str, int, str]]


def drive(template: Path, *, examples: int, shrink: bool, derandomize: bool = True) -> None:
    """Run the machine on databases made like `template`; raise what it finds."""
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    run_state_machine_as_test(
        lambda: PlacesMachine(template),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            phases=[*phases, Phase.shrink] if shrink else phases,
            derandomize=derandomize,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


class PlacesMachine(RuleBasedStateMachine):
    """Two shifts of one event, ten people, and everything that moves places."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.db = open_in_memory(template)
        self.now = NOW
        self.steps = 0
        self.shifts: dict[int, ModelShift] = {}
        self.facts: EventFacts = event_facts()
        self.shown: dict[int, PlacesChanged] = {}
        self.promoted: list[int] = []

    def teardown(self) -> None:
        self.db.close()

    @initialize(first=st.integers(2, 4), second=CAPACITIES, crowd=CROWDS)
    def publish(self, first: int, second: int | None, crowd: Crowd) -> None:
        shifts = [shift_facts(id=1, capacity=first), shift_facts(id=2, capacity=second)]
        self.facts = event_facts(*shifts)
        self.shifts = {shift.id: ModelShift(shift.id, shift.capacity) for shift in shifts}
        with self.step(news=[]) as session:
            operations.keep_event(session, self.facts, reason="", now=self.now)
        self.sign_up(shift_id=1, crowd=crowd)

    @rule(shift_id=SHIFTS, crowd=CROWDS)
    def sign_up(self, shift_id: int, crowd: Crowd) -> None:
        news: News = []
        with self.step(news=news) as session:
            for who, party, suspicion in crowd:
                news += self.sign_up_one(session, self.shifts[shift_id], who, party, suspicion)

    def sign_up_one(
        self, session: Session, shift: ModelShift, who: str, party: int, suspicion: str
    ) -> News:
        typed = details(who, party=party, suspicion=suspicion)
        if shift.refuses(party):
            with pytest.raises(Refusal):
                operations.sign_up(session, shift.id, typed, now=self.now)
            return []
        known, state = shift.live_of(who), shift.state_for(party)
        ahead = shift.waiting if state == "waiting" else 0
        receipt = operations.sign_up(session, shift.id, typed, now=self.now)
        assert receipt == operations.Receipt(state, ahead, shift.id, party)
        if suspicion:
            self.add(session, shift, who, party, "pending")
            return []
        if known is not None:
            return [("SignupRepeated", known.id, known.state)]
        entry = self.add(session, shift, who, party, state)
        return [("SignupPlaced" if state == "placed" else "SignupWaitlisted", entry.id, state)]

    @rule(number=NUMBERS)
    def accept(self, number: int) -> None:
        shift, entry = self.pick(number, "pending")
        if entry is None:
            return
        news: News = []
        with self.step(news=news) as session:
            if not shift.is_open or shift.live_of(entry.who):
                with pytest.raises(Refusal):
                    operations.accept(session, entry.id, now=self.now)
                return
            entry.state = shift.state_for(entry.party)
            assert operations.accept(session, entry.id, now=self.now) == entry.state
            kind = "SignupPlaced" if entry.state == "placed" else "SignupWaitlisted"
            news.append((kind, entry.id, entry.state))

    @rule(number=NUMBERS)
    def drop(self, number: int) -> None:
        shift, entry = self.pick(number, "pending")
        if entry is None:
            return
        with self.step(news=[]) as session:
            operations.drop(session, entry.id)
            shift.entries.remove(entry)

    @rule(number=NUMBERS)
    def cancel(self, number: int) -> None:
        self.cancel_one(*self.pick(number, "placed", "waiting", "pending"))

    @rule(number=NUMBERS)
    def cancel_what_has_a_place(self, number: int) -> None:
        self.cancel_one(*self.pick(number, "placed"))

    @rule(number=NUMBERS)
    def cancel_again(self, number: int) -> None:
        self.cancel_one(*self.pick(number, "cancelled", "closed"))

    @rule(shift_id=SHIFTS, capacity=CAPACITIES)
    def change_capacity(self, shift_id: int, capacity: int | None) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled:
            return
        shift.capacity = capacity
        self.hear(self.with_shift(shift_id, capacity=capacity), news=shift.fill())

    @rule(shift_id=SHIFTS)
    def make_room_for_all(self, shift_id: int) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled or shift.capacity is None:
            return
        waiting = sum(entry.party for entry in shift.live() if entry.state == "waiting")
        shift.capacity = max(shift.capacity, shift.taken + waiting)
        self.hear(self.with_shift(shift_id, capacity=shift.capacity), news=shift.fill())

    @rule(shift_id=SHIFTS)
    def move(self, shift_id: int) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled:
            return
        place = f"Meeting point {self.steps}"
        self.hear(self.with_shift(shift_id, place=place), news=shift.move())

    @rule(shift_id=SHIFTS)
    def close_or_open_again(self, shift_id: int) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled:
            return
        shift.closed = not shift.closed
        closes_at = NOW - timedelta(hours=1) if shift.closed else STARTS
        self.hear(self.with_shift(shift_id, closes_at=closes_at), news=shift.fill())

    @precondition(lambda self: self.steps >= STEPS_BEFORE_THE_END)
    @rule(shift_id=SHIFTS)
    def cancel_shift(self, shift_id: int) -> None:
        shift = self.shifts[shift_id]
        if not shift.cancelled:
            self.hear(self.with_shift(shift_id, cancelled=True), news=shift.close())

    @rule(capacity=CAPACITIES)
    def hear_what_is_known_or_old(self, capacity: int | None) -> None:
        self.hear(self.facts, news=[])
        old = tuple(
            replace(shift, revision=shift.revision - 1, capacity=capacity, place="Long ago")
            for shift in self.facts.shifts
        )
        self.hear(replace(self.facts, revision=self.facts.revision - 1, shifts=old), news=[])

    @rule(number=NUMBERS)
    def do_what_changes_nothing(self, number: int) -> None:
        _shift, entry = self.pick(number, "placed", "waiting", "cancelled", "closed")
        with self.step(news=[]) as session:
            operations.fill_all(session, self.now)
            for review in (partial(operations.accept, now=self.now), operations.drop):
                with pytest.raises(NotThere):
                    review(session, entry.id if entry else 4711)

    def cancel_one(self, shift: ModelShift, entry: Entry | None) -> None:
        if entry is None:
            return
        with self.step(news=shift.cancel(entry)) as session:
            token = token_of(session, session.get_one(Signup, entry.id))
            operations.cancel_signup(session, token, now=self.now)

    def pick(self, number: int, *states: str) -> tuple[ModelShift, Entry | None]:
        """Choose one of the sign-ups in these states."""
        found = [
            (shift, entry)
            for shift in self.shifts.values()
            for entry in shift.entries
            if entry.state in states
        ]
        return found[number % len(found)] if found else (self.shifts[1], None)

    def add(self, session: Session, shift: ModelShift, who: str, party: int, state: str) -> Entry:
        """Put into the model what was just signed up; its number is the only new one."""
        known = {entry.id for entry in shift.entries}
        every = session.scalars(select(Signup.id).where(Signup.shift_id == shift.id))
        (number,) = set(every) - known
        shift.entries.append(Entry(number, who, party, state))
        return shift.entries[-1]

    def with_shift(self, shift_id: int, **changes: Any) -> EventFacts:
        """Return the event's next snapshot."""
        shifts = tuple(
            replace(shift, revision=shift.revision + 1, **changes)
            if shift.id == shift_id
            else shift
            for shift in self.facts.shifts
        )
        return replace(self.facts, revision=self.facts.revision + 1, shifts=shifts)

    def hear(self, facts: EventFacts, *, news: News) -> None:
        """Let the service hear of the event, and keep the newest snapshot."""
        before = {shift.id: shift for shift in self.facts.shifts}
        with self.step(news=news, before=before) as session:
            operations.keep_event(session, facts, reason="A storm", now=self.now)
        if facts.revision >= self.facts.revision:
            self.facts = facts

    @contextmanager
    def step(self, *, news: News, before: dict[int, ShiftFacts] | None = None) -> Iterator[Session]:
        """Do one thing in one transaction, a second later, and hold every promise against it."""
        self.steps += 1
        self.now += timedelta(seconds=1)
        with self.db.reading() as session:
            states = {row.id: row.state for row in session.execute(select(Signup.id, Signup.state))}
            taken = {row.id: row.taken for row in session.execute(select(Shift.id, Shift.taken))}
        with self.db.writing() as session:
            yield session
        with self.db.writing() as session:
            self.check_signups(session)
            self.check_places(session, taken)
            self.check_ledger(session)
            self.check_told(session, news, states, before or {})
            assert list(operations.find_violations(session, now=self.now)) == []
            forget_told(session)

    def check_signups(self, session: Session) -> None:
        rows = session.execute(
            select(Signup.id, Signup.shift_id, Signup.name, Signup.party, Signup.state)
        )
        wanted = {
            (entry.id, shift.id, entry.who, entry.party, entry.state)
            for shift in self.shifts.values()
            for entry in shift.entries
        }
        found = {tuple(row) for row in rows}
        assert found == wanted
        live = [(row[1], row[2]) for row in found if row[4] in rules.LIVE]
        assert len(live) == len(set(live)), "two live sign-ups of one person for one shift"

    def check_places(self, session: Session, taken_before: dict[int, int]) -> None:
        for shift in session.scalars(select(Shift)):
            model = self.shifts[shift.id]
            assert (shift.taken, shift.waiting) == (model.taken, model.waiting)
            limit = 10**6 if model.capacity is None else model.capacity
            assert shift.taken <= max(limit, taken_before.get(shift.id, 0)), "given while not free"
            if model.is_open:
                vain = [e for e in model.live() if e.state == "waiting" and model.fits(e.party)]
                assert vain == [], "waits though there are places"

    def check_ledger(self, session: Session) -> None:
        sums = dict.fromkeys(self.shifts, 0)
        held: dict[int, int] = {}
        for row in session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)):
            sums[row.shift_id] += row.change
            held[row.signup_id] = held.get(row.signup_id, 0) + row.change
            assert row.taken_after == sums[row.shift_id]
            if row.change > 0 and row.capacity_then is not None:
                assert row.taken_after <= row.capacity_then
        for shift in self.shifts.values():
            assert sums[shift.id] == shift.taken
            for entry in shift.entries:
                has = entry.party if entry.state == "placed" else 0
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
                assert message.reason == "A storm"
            if isinstance(message, SignupMoved):
                assert message.before.place == facts_before[message.signup.shift_id].place
        self.promoted += [number for kind, number, _ in told if kind == "SignupPromoted"]
        assert len(self.promoted) == len(set(self.promoted)), "promoted twice"
        self.check_shown([m for m in messages if isinstance(m, PlacesChanged)])

    def check_shown(self, changes: list[PlacesChanged]) -> None:
        """What readers of the totals show, newest wins, is what there is."""
        for change in changes:
            seen = self.shown.get(change.shift_id)
            assert seen is None or change.places_revision > seen.places_revision
            self.shown[change.shift_id] = change
        for shift in self.shifts.values():
            shown = self.shown.get(shift.id)
            seen_totals = (shown.taken, shown.waiting) if shown else (0, 0)
            assert seen_totals == (shift.taken, shift.waiting), "totals told"


def open_in_memory(template: Path) -> Database:
    """Return a database in memory with everything that stands in a file."""
    db = Database("sqlite://")
    db.info["settings"] = make_settings(db.url, **FREELY)
    with closing(sqlite3.connect(template)) as source, closing(db.engine.raw_connection()) as raw:
        source.backup(raw.driver_connection)  # type: ignore[arg-type]
    return db
