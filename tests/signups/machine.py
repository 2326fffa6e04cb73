"""Drives the real operations and the model side by side, and compares after every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups import links, operations
from services.signups.models import Signup
from shared.messages import (
    EventFacts,
)
from shared.refusals import NotThere, Refusal
from tests.signups.machine_promises import Expected, Promises
from tests.signups.making import (
    NOW,
    STARTS,
    details,
    event_facts,
    shift_facts,
    token_of,
)
from tests.signups.model import (
    ENDED,
    HOLD_LASTS,
    LIVE,
    SHIFT_LASTS,
    Entry,
    ModelShift,
    News,
    release,
)

PEOPLE = st.sampled_from(["Ada", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gus", "Hope", "Ida", "Jo"])
PARTIES = st.sampled_from([1, 1, 2, 2, 3, 4])
CAPACITIES = st.sampled_from([1, 2, 3, 4, 5, 6, None])
# The first shift gets most of what happens, so that it fills up; the second shows mix-ups.
SHIFTS = st.sampled_from([1, 1, 1, 2])
PROMOTIONS = st.sampled_from(["by_time", "by_time", "by_time", "at_once", "offers", "by_hand"])
VERIFICATIONS = st.sampled_from(["soft", "soft", "strict"])
WISHES = st.sampled_from(["usual", "place", "ask", "not_on_the_day"])
# How long before the start it begins: in each of the ways in which places are given.
LEFT = st.sampled_from([timedelta(hours=h) for h in (24 * 15, 24 * 4, 47, 30, 12, 5, 3)])
TIMES = st.sampled_from([timedelta(hours=h) for h in (1, 3, 25, 49, 24 * 6, 24 * 14)])
NUMBERS = st.integers(min_value=0, max_value=30)
SUSPICIONS = st.sampled_from(["", "", "too fast"])
CROWDS = st.lists(st.tuples(PEOPLE, PARTIES, SUSPICIONS), min_size=3, max_size=7)
TOLD = {"placed": "SignupPlaced", "held": "SignupHeld", "waiting": "SignupWaitlisted"}
STEPS_BEFORE_THE_END = 16

Crowd = list[tuple[str, int, str]]


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


class PlacesMachine(Promises):
    """Two shifts of one event, ten people, and everything that moves places."""

    @initialize(
        first=st.integers(2, 4),
        second=CAPACITIES,
        crowd=CROWDS,
        promotion=PROMOTIONS,
        verification=VERIFICATIONS,
        left=LEFT,
    )
    def publish(
        self,
        first: int,
        second: int | None,
        crowd: Crowd,
        promotion: str,
        verification: str,
        left: timedelta,
    ) -> None:
        self.now = STARTS - left
        shifts = [shift_facts(id=1, capacity=first), shift_facts(id=2, capacity=second)]
        self.facts = event_facts(*shifts, promotion=promotion, verification=verification)
        self.shifts = {
            shift.id: ModelShift(
                *(shift.id, shift.capacity, shift.starts_at, promotion, verification == "strict")
            )
            for shift in shifts
        }
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
        found = operations.find_shift(session, shift.id)
        if shift.refuses(party, self.now):
            with pytest.raises(Refusal):
                operations.sign_up(session, found, typed, now=self.now)
            return []
        known = shift.live_of(who)
        moved: News = []
        if suspicion:
            state, ahead = shift.foresee(party, self.now), shift.waiting
        else:
            # A known person hears what a new one would, and nothing comes of it.
            there = shift if known is None else deepcopy(shift)
            state, moved = there.arrive(party, self.now, hold=shift.strict)
            ahead = there.waiting
        receipt = operations.sign_up(session, found, typed, now=self.now)
        answer = {"held": "pending"}.get(state, state)
        ahead = ahead if state == "waiting" else 0
        assert receipt == operations.Receipt(answer, ahead, shift.id, party)
        if suspicion:
            self.add(session, shift, who, party, "pending")
            return []
        if known is not None:
            return [("SignupRepeated", known.id, known.shown)]
        entry = self.add(session, shift, who, party, state)
        entry.until = self.now + HOLD_LASTS if state == "held" else None
        return [*moved, (TOLD[state], entry.id, entry.shown)]

    @rule(number=NUMBERS)
    def accept(self, number: int) -> None:
        shift, entry = self.pick(number, "pending")
        if entry is None:
            return
        news: News = []
        with self.step(news=news) as session:
            if not shift.is_open(self.now) or shift.live_of(entry.who):
                with pytest.raises(Refusal):
                    operations.accept(session, entry.id, now=self.now)
                return
            state, moved = shift.arrive(entry.party, self.now)
            entry.state = state
            news += moved
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
        self.cancel_one(*self.pick(number, "placed", "waiting", "pending", "offered", "held"))

    @rule(number=NUMBERS)
    def cancel_what_has_a_place(self, number: int) -> None:
        self.cancel_one(*self.pick(number, "placed"))

    @rule(number=NUMBERS)
    def cancel_again(self, number: int) -> None:
        self.cancel_one(*self.pick(number, "cancelled", "closed", "declined", "lapsed"))

    @rule(passed=TIMES)
    def let_time_pass(self, passed: timedelta) -> None:
        self.let_pass(passed)

    def let_pass(self, passed: timedelta) -> None:
        # The links work for a week after the end.
        self.sweep_at(min(self.now + passed, STARTS + timedelta(days=3)))

    @rule(number=NUMBERS)
    def let_an_hour_strike(self, number: int) -> None:
        """Go to the very second in which an offer or a hold ends."""
        _shift, entry = self.pick(number, "offered", "held")
        if entry is not None and entry.until is not None and entry.until > self.now:
            self.sweep_at(entry.until - timedelta(seconds=1))

    def sweep_at(self, moment: datetime) -> None:
        self.now = moment
        news: News = []
        with self.step(news=news) as session:
            for shift in self.shifts.values():
                news += shift.sweep(self.now)
            operations.fill_all(session, self.now)

    @rule(number=NUMBERS, wish=WISHES)
    def wish(self, number: int, wish: str) -> None:
        shift, entry = self.pick(number, "waiting")
        if entry is None:
            return
        with self.press(shift, entry) as (session, token, news):
            operations.keep_wish(session, token, wish, now=self.now)
            if entry.state == "waiting":
                entry.wish = wish
                news += shift.fill(self.now)

    @rule(number=NUMBERS)
    def prove(self, number: int) -> None:
        shift, entry = self.pick(number, "held", "waiting")
        if entry is not None:
            with self.press(shift, entry) as (session, token, _news):
                operations.confirm(session, token, now=self.now)

    @rule(shift_id=SHIFTS, passed=TIMES)
    def have_all_mails_come_back(self, shift_id: int, passed: timedelta) -> None:
        with self.step(news=[]) as session:
            for entry in self.shifts[shift_id].live():
                if entry.state != "held":
                    operations.doubt_address(session, entry.id, now=self.now)
                    entry.doubted = entry.doubted or not entry.proven
        self.let_pass(passed)

    @rule(number=NUMBERS)
    def answer_yes(self, number: int) -> None:
        shift, entry = self.pick(number, "offered", "lapsed", "held")
        if entry is None:
            return
        came_back = entry.state == "lapsed" and shift.live_of(entry.who)
        with self.press(shift, entry) as (session, token, news):
            is_kept = entry.state == "offered" and entry.until > self.now
            if came_back or not (entry.state == "placed" or is_kept or shift.is_open(self.now)):
                self.refused(session, news, partial(operations.accept_offer, session, token))
                return
            operations.accept_offer(session, token, now=self.now)
            news += shift.accept(entry, self.now)

    @rule(number=NUMBERS)
    def answer_no(self, number: int) -> None:
        shift, entry = self.pick(number, "offered", "placed", "held")
        if entry is None or self.now >= shift.starts_at:
            return
        with self.press(shift, entry) as (session, token, news):
            operations.decline_offer(session, token, now=self.now)
            news += shift.decline(entry, self.now)

    @rule(number=NUMBERS)
    def take_a_place_late(self, number: int) -> None:
        shift, entry = self.pick(number, "waiting")
        if entry is None:
            return
        with self.press(shift, entry) as (session, token, news):
            late = shift.is_open(self.now) and shift.mode(self.now) == "late"
            fits = late and entry.state == "waiting" and entry.party <= shift.free
            if entry.state != "placed" and not fits:
                self.refused(session, news, partial(operations.take_place, session, token))
                return
            operations.take_place(session, token, now=self.now)
            news += shift.take(entry, self.now)

    @rule(number=NUMBERS)
    def come_with_fewer(self, number: int) -> None:
        shift, entry = self.pick(number, "placed", "waiting", "offered", "held")
        if entry is None or entry.party == 1 or self.now >= shift.starts_at:
            return
        with self.press(shift, entry) as (session, token, news):
            operations.shrink_party(session, token, entry.party - 1, now=self.now)
            news += shift.shrink(entry, entry.party - 1, self.now)

    @rule(number=NUMBERS)
    def switch(self, number: int) -> None:
        self.switch_one(*self.pick(number, *LIVE, *ENDED))

    @rule(number=NUMBERS)
    def switch_what_has_a_place(self, number: int) -> None:
        self.switch_one(*self.pick(number, "placed"))

    def switch_one(self, shift: ModelShift, entry: Entry | None) -> None:
        if entry is None:
            return
        there = self.shifts[3 - shift.id]
        with self.press(shift, entry) as (session, token, news):
            known = there.live_of(entry.who)
            if known is None and there.refuses(entry.party, self.now):
                switch = partial(operations.switch, session, token, there.id)
                self.refused(session, news, switch)
                return
            switched = operations.switch(session, token, there.id, now=self.now)
            if known is not None:
                assert switched.id == known.id
                return
            state, moved = there.arrive(entry.party, self.now)
            new = self.add(session, there, entry.who, entry.party, state)
            new.wish, new.proven = entry.wish, True
            new.replaces = (shift, entry) if entry.state in LIVE else None
            news += [*moved, (TOLD[state], new.id, state)]
            news += release(new, self.now) if state == "placed" else []

    @rule(number=NUMBERS, who=PEOPLE)
    def transfer(self, number: int, who: str) -> None:
        shift, entry = self.pick(number, "placed")
        if entry is None:
            return
        with self.press(shift, entry) as (session, token, news):
            if self.now >= shift.starts_at + SHIFT_LASTS:
                self.refused(session, news, partial(operations.open_transfer, session, token))
                return
            operations.open_transfer(session, token, now=self.now)
            number = session.get_one(Signup, entry.id).transfer_number
            claim = links.claim_link(session, entry.id, number).rsplit("/", 1)[1]
            known = shift.live_of(who)
            receipt = operations.claim_place(session, claim, details(who), now=self.now)
            assert receipt == operations.Receipt("placed", 0, shift.id, entry.party)
            if known is not None:
                news.append(("SignupRepeated", known.id, known.shown))
                return
            entry.state = "transferred"
            new = self.add(session, shift, who, entry.party, "placed")
            news.append(("SignupTransferred", entry.id, "transferred"))
            news.append(("SignupPlaced", new.id, "placed"))

    @rule(number=NUMBERS)
    def give_by_hand(self, number: int) -> None:
        self.give_one(*self.pick(number, "waiting", "offered", "lapsed", "declined"))

    @rule(number=NUMBERS)
    def give_by_hand_to_who_waits(self, number: int) -> None:
        self.give_one(*self.pick(number, "waiting"))

    def give_one(self, shift: ModelShift, entry: Entry | None) -> None:
        if entry is None:
            return
        ended = entry.state == "declined" or (entry.state == "lapsed" and shift.live_of(entry.who))
        news: News = []
        self.given_by_hand = entry.party
        with self.step(news=news) as session:
            give = partial(operations.give_by_hand, reason="She drives the van", now=self.now)
            if ended or shift.cancelled or self.now >= shift.starts_at + SHIFT_LASTS:
                with pytest.raises((NotThere, Refusal)):
                    give(session, entry.id)
                return
            give(session, entry.id)
            news += shift.place(entry, self.now)

    @rule(shift_id=SHIFTS, capacity=CAPACITIES)
    def change_capacity(self, shift_id: int, capacity: int | None) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled:
            return
        shift.capacity = capacity
        self.hear(self.with_shift(shift_id, capacity=capacity), news=lambda: shift.fill(self.now))

    @rule(shift_id=SHIFTS)
    def make_room_for_all(self, shift_id: int) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled or shift.capacity is None:
            return
        waiting = sum(entry.party for entry in shift.live() if entry.state == "waiting")
        shift.capacity = max(shift.capacity, shift.taken + waiting)
        self.hear(
            self.with_shift(shift_id, capacity=shift.capacity), news=lambda: shift.fill(self.now)
        )

    @rule(shift_id=SHIFTS)
    def move(self, shift_id: int) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled:
            return
        place = f"Meeting point {self.steps}"
        is_over = self.now >= shift.starts_at + SHIFT_LASTS - timedelta(seconds=1)
        self.hear(self.with_shift(shift_id, place=place), news=[] if is_over else shift.move())

    @rule(shift_id=SHIFTS)
    def close_or_open_again(self, shift_id: int) -> None:
        shift = self.shifts[shift_id]
        if shift.cancelled:
            return
        shift.closed = not shift.closed
        closes_at = NOW - timedelta(hours=1) if shift.closed else STARTS
        self.hear(self.with_shift(shift_id, closes_at=closes_at), news=lambda: shift.fill(self.now))

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
        with self.press(shift, entry) as (session, token, news):
            if entry.state in LIVE and self.now >= shift.starts_at + SHIFT_LASTS:
                self.refused(session, news, partial(operations.cancel_signup, session, token))
                return
            operations.cancel_signup(session, token, now=self.now)
            news += shift.cancel(entry, self.now)

    @contextmanager
    def press(self, shift: ModelShift, entry: Entry) -> Iterator[tuple[Session, str, News]]:
        """Press a button of somebody's mail in one step, and so prove that they read it."""
        news: News = []
        self.before = self.shifts if entry.proven else deepcopy(self.shifts)
        with self.step(news=news) as session:
            token = token_of(session, session.get_one(Signup, entry.id))
            news += shift.prove(entry, self.now)
            yield session, token, news

    def refused(self, session: Session, news: News, button: Callable[..., Any]) -> None:
        """See a button refused; nothing comes of it, not even the proof."""
        with pytest.raises(Refusal), session.begin_nested():
            button(now=self.now)
        self.shifts = self.before
        news.clear()

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
        shift.entries.append(Entry(number, who, party, state, since=self.now))
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

    def hear(self, facts: EventFacts, *, news: Expected) -> None:
        """Let the service hear of the event, and keep the newest snapshot."""
        before = {shift.id: shift for shift in self.facts.shifts}
        with self.step(news=news, before=before) as session:
            operations.keep_event(session, facts, reason="A storm", now=self.now)
        if facts.revision >= self.facts.revision:
            self.facts = facts
