"""Reminders: planned with the place, and planned anew with the shift."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import event as listening

from services.notifications.handlers import HANDLERS
from services.notifications.rules import reminding as rules
from shared import messages
from shared.database import Database
from shared.messages import EventFacts, Message, ReminderFacts
from shared.messages.from_events import USUAL_REMINDERS
from shared.refusals import NotKnownYet

from .making import (
    NOW,
    STARTS,
    cancelled,
    make_event,
    make_person,
    make_shift,
    make_signup,
    placed,
    promoted,
    receive,
    waitlisted,
)
from .reading import notices_in
from .reminding import EVENING, MORNING, WAIT, changed, ended, planned, send_due


def test_who_has_a_place_has_their_reminders_planned(reminds: Database) -> None:
    receive(reminds, placed(), placed())
    assert planned(reminds) == [EVENING, MORNING]


def test_who_waits_has_none_until_a_place_comes_free(reminds: Database) -> None:
    receive(reminds, waitlisted())
    assert planned(reminds) == []
    receive(reminds, promoted())
    assert planned(reminds) == [EVENING, MORNING]


def test_a_party_that_shrinks_keeps_its_reminders_as_they_are(reminds: Database) -> None:
    receive(reminds, placed(party=3))
    before = [(n.id, n.message_id) for n in notices_in(reminds, kind="reminder")]
    smaller = messages.SignupChanged(
        signup=make_signup(revision=2, party=2), person=make_person(), party_before=3
    )
    receive(reminds, smaller, now=NOW + timedelta(hours=1))
    assert [(n.id, n.message_id) for n in notices_in(reminds, kind="reminder")] == before


def test_who_cancels_is_reminded_of_nothing(reminds: Database) -> None:
    receive(reminds, placed(), cancelled())
    assert planned(reminds) == []
    assert ended(reminds) == ["The sign-up ended before this was sent."] * 2


@pytest.mark.parametrize("hours_before, left", [(6, 2), (5.9, 1), (0, 1), (-8, 1), (-8.1, 0)])
def test_who_joins_late_was_told_all_by_the_mail_about_their_place(
    reminds: Database, hours_before: float, left: int
) -> None:
    receive(reminds, placed(), now=EVENING - timedelta(hours=hours_before))
    assert planned(reminds) == [EVENING, MORNING][2 - left :]


def test_the_reminder_left_out_for_who_joins_late_says_why(reminds: Database) -> None:
    receive(reminds, placed(), now=EVENING - timedelta(hours=5))
    assert planned(reminds) == [MORNING]
    assert ended(reminds) == [rules.LATE_JOINER]


def test_other_hours_of_the_event_are_planned_for_all_at_once(reminds: Database) -> None:
    receive(reminds, placed(), placed(id=10))
    receive(reminds, changed(revision=3, reminders=(ReminderFacts(minutes_before=120),)))
    assert planned(reminds) == [MORNING, MORNING]
    assert ended(reminds) == [rules.NO_LONGER] * 2
    receive(reminds, changed(revision=4, reminders=()))
    assert planned(reminds) == []


def test_a_shift_that_moves_has_new_reminders_and_has_the_old_ones_back_when_it_returns(
    reminds: Database,
) -> None:
    day = timedelta(days=1)
    later = make_shift(revision=2, starts_at=STARTS + day, ends_at=STARTS + day * 1.1)
    receive(reminds, placed(), changed(later, revision=3))
    assert planned(reminds) == [EVENING + day, MORNING + day]
    receive(reminds, changed(make_shift(revision=3), revision=4))
    assert planned(reminds) == [EVENING, MORNING]


def test_an_hour_that_has_passed_is_not_planned_again(reminds: Database) -> None:
    receive(reminds, placed())
    assert send_due(reminds, EVENING) == ["confirmation 9", "reminder [9]"]
    receive(reminds, changed(make_shift(revision=2, place="Hall"), revision=3), now=EVENING + WAIT)
    assert planned(reminds) == [MORNING]
    late = make_shift(revision=3, starts_at=STARTS + timedelta(hours=4), ends_at=STARTS + WAIT * 40)
    receive(reminds, changed(late, revision=4), now=EVENING + WAIT)
    assert planned(reminds) == [MORNING]


def test_late_joiners_are_left_out_when_all_are_planned_anew(reminds: Database) -> None:
    joined = EVENING - timedelta(hours=5)
    receive(reminds, placed())
    receive(reminds, placed(id=10), now=joined)
    at_seven = (ReminderFacts(days_before=1, at="18:30"),)
    receive(reminds, changed(revision=3, reminders=at_seven), now=joined + WAIT)
    assert [n.signup_id for n in notices_in(reminds, kind="reminder", state="planned")] == [9]


def test_a_cancelled_shift_reminds_nobody(reminds: Database) -> None:
    receive(reminds, placed())
    receive(reminds, changed(make_shift(revision=2, cancelled=True), revision=3))
    assert planned(reminds) == []
    assert set(ended(reminds)) == {"The event was cancelled before this was sent."}


def test_an_older_event_changes_nothing(reminds: Database) -> None:
    receive(reminds, placed(), changed(revision=5, reminders=(ReminderFacts(minutes_before=60),)))
    hour = STARTS - timedelta(hours=1)
    receive(reminds, changed(revision=4))
    assert planned(reminds) == [hour]


def test_planning_anew_takes_as_many_statements_for_many_as_for_few(reminds: Database) -> None:
    def statements(revision: int, at: str) -> int:
        said: list[str] = []
        note = lambda *args: said.append(args[2])  # noqa: E731
        listening.listen(reminds.engine, "before_cursor_execute", note)
        rule = (ReminderFacts(days_before=1, at=at),)
        receive(reminds, changed(revision=revision, reminders=rule))
        listening.remove(reminds.engine, "before_cursor_execute", note)
        return len(said)

    receive(reminds, placed())
    few = statements(3, "17:00")
    receive(reminds, *[placed(id=number) for number in range(10, 60)])
    assert statements(4, "16:00") == few
    assert len(planned(reminds)) == 51


FIRST = make_event(reminders=USUAL_REMINDERS)
SECOND = make_event(
    make_shift(revision=2, starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(2)),
    revision=2,
    reminders=USUAL_REMINDERS,
)
THIRD = make_event(
    make_shift(revision=2, starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(2)),
    revision=3,
    reminders=(ReminderFacts(days_before=2, at="12:00"),),
)
STORY: tuple[Message, ...] = (
    messages.EventChanged(event=SECOND),
    messages.EventChanged(event=THIRD),
    placed(),
    placed(id=10, shift_revision=2),
    messages.SignupCancelled(
        signup=make_signup(id=10, revision=2, state="cancelled", shift_revision=2),
        person=make_person(),
    ),
    waitlisted(id=11),
    promoted(id=11, shift_revision=2),
)


@pytest.mark.timeout(300)
def test_messages_twice_and_in_any_order_leave_the_same_reminders(reminds: Database) -> None:
    noon = datetime(2026, 12, 4, 12, tzinfo=UTC)
    wanted = {(9, noon), (11, noon)}
    for number, order in enumerate(list(permutations(range(7)))[:: 5040 // 60]):
        shifted = [_elsewhere(STORY[index], number) for index in order]
        receive(reminds, messages.EventPublished(event=_event_elsewhere(FIRST, number)))
        _receive_until_all_are_known(reminds, [*shifted, *shifted[::2]])
        found = {
            ((n.signup_id or 0) - 100 * number - 1000, n.due_at)
            for n in notices_in(reminds, kind="reminder", state="planned")
            if (n.signup_id or 0) // 100 == number + 10
        }
        assert found == wanted, order


def _elsewhere(message: Any, number: int) -> Any:
    """Return the message as if it were of another event, shift and person."""
    if isinstance(message, messages.EventMessage):
        return replace(message, event=_event_elsewhere(message.event, number))
    signup = message.signup
    ids = {"event_id": 1000 + number, "shift_id": 1000 + number}
    own = replace(signup, id=1000 + 100 * number + signup.id, **ids)
    return replace(message, signup=own)


def _event_elsewhere(facts: EventFacts, number: int) -> EventFacts:
    shifts = tuple(replace(shift, id=1000 + number) for shift in facts.shifts)
    return replace(facts, id=1000 + number, shifts=shifts)


def _receive_until_all_are_known(db: Database, told: Sequence[Message]) -> None:
    """Let the handlers work, and give them again what rests on something yet unheard."""
    while told:
        held = []
        for message in told:
            try:
                receive(db, message)
            except NotKnownYet:
                held.append(message)
        assert len(held) < len(told)
        told = held


def test_who_signs_up_while_a_shift_is_moved_is_reminded_of_where_it_went(
    reminds: Database,
) -> None:
    day = timedelta(days=1)
    later = make_shift(revision=2, starts_at=STARTS + day, ends_at=STARTS + day * 1.1)
    signs_up = threading.Thread(target=receive, args=(reminds, placed()))
    with reminds.writing() as session:
        HANDLERS[messages.EventChanged](session, changed(later, revision=3), NOW)
        signs_up.start()
        signs_up.join(0.5)
        assert signs_up.is_alive(), "nobody plans by hours that are being changed"
    signs_up.join(20)
    assert planned(reminds) == [EVENING + day, MORNING + day]
