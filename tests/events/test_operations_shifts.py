"""Adding, moving and cancelling shifts, and their totals, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.events import operations, rules
from services.events.schemas import ShiftChanges
from shared.messages import EventChanged
from shared.refusals import NotThere
from shared.times import NoSuchHour
from tests.events.making import (
    LATER,
    NOW,
    details_of_shift,
    forget_told,
    make_draft,
    make_event,
    make_shift,
    told,
    typed_shift,
)


def change(session: Session, shift: Any, **typed: Any) -> Any:
    changes = ShiftChanges().load(typed)
    return operations.change_shift(session, shift.event_id, shift.id, changes, now=LATER)


def test_a_shift_keeps_its_instant_and_its_day_in_its_zone(session: Session) -> None:
    shift = make_shift(
        session, starts_at="2027-07-04T00:30", ends_at="2027-07-04T02:00", zone="Europe/London"
    )
    assert shift.starts_at == datetime(2027, 7, 3, 23, 30, tzinfo=UTC)
    assert shift.day == date(2027, 7, 4)


def test_of_an_hour_that_comes_twice_the_first_is_meant(session: Session) -> None:
    shift = make_shift(session, starts_at="2027-10-31T01:30", ends_at="2027-10-31T03:00")
    assert shift.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert shift.ends_at == datetime(2027, 10, 31, 3, 0, tzinfo=UTC)


def test_a_shift_moved_into_the_hour_that_is_left_out_is_refused(session: Session) -> None:
    shift = make_shift(session, starts_at="2027-03-28T00:30", ends_at="2027-03-28T04:00")
    with pytest.raises(NoSuchHour):
        change(session, shift, starts_at="2027-03-28T01:30")


def test_an_added_shift_of_a_published_event_is_told_of(session: Session) -> None:
    event = make_event(session)
    added = operations.add_shift(session, event.id, details_of_shift(place="Hall"), now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    assert [shift.place for shift in message.event.shifts] == ["Castle Square", "Hall"]
    assert message.event.shifts[1].id == added.id
    assert message.event.revision == int(LATER.timestamp() * 1000)


def test_an_added_shift_of_a_draft_is_told_to_nobody(session: Session) -> None:
    event = make_draft(session)
    forget_told(session)
    operations.add_shift(session, event.id, details_of_shift(), now=LATER)
    assert len(event.shifts) == 2
    assert told(session) == []


def test_a_published_event_gets_no_shift_in_the_past(session: Session) -> None:
    event = make_event(session)
    past = details_of_shift(starts_at="2026-11-01T10:00", ends_at="2026-11-01T12:00")
    with pytest.raises(rules.ShiftIsInThePast):
        operations.add_shift(session, event.id, past, now=NOW)


def test_only_the_changed_shift_and_the_event_get_new_revisions(session: Session) -> None:
    event = make_event(session, shifts=[typed_shift(), typed_shift(place="Hall")])
    one, other = event.shifts
    change(session, one, place="Market Place")
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    newest = int(LATER.timestamp() * 1000)
    assert message.event.revision == newest
    assert [shift.revision for shift in message.event.shifts] == [newest, other.revision]
    assert other.revision == int(NOW.timestamp() * 1000)


def test_a_moved_shift_takes_its_closing_time_along(session: Session) -> None:
    shift = make_shift(session, closes_at="2026-12-04T18:00")
    change(session, shift, starts_at="2026-12-06T10:00", ends_at="2026-12-06T12:00")
    assert shift.closes_at == datetime(2026, 12, 5, 18, tzinfo=UTC)
    assert shift.day == date(2026, 12, 6)


def test_a_closing_time_of_null_is_the_start(session: Session) -> None:
    shift = make_shift(session, closes_at="2026-12-04T18:00")
    change(session, shift, closes_at=None)
    assert shift.closes_at == shift.starts_at


def test_a_shift_cannot_be_moved_to_end_before_it_starts(session: Session) -> None:
    shift = make_shift(session)
    with pytest.raises(rules.ShiftEndsTooEarly):
        change(session, shift, ends_at="2026-12-05T09:00")


def test_a_shift_cannot_be_moved_into_the_past(session: Session) -> None:
    shift = make_shift(session)
    with pytest.raises(rules.ShiftIsInThePast):
        change(session, shift, starts_at="2026-11-19T10:00", ends_at="2026-11-19T12:00")


def test_a_corrected_zone_keeps_what_the_clocks_show(session: Session) -> None:
    shift = make_shift(session, zone="Europe/London")
    change(session, shift, zone="Europe/Lisbon")
    assert shift.starts_at == datetime(2026, 12, 5, 10, tzinfo=UTC)
    change(session, shift, zone="Europe/Madrid")
    assert shift.starts_at == datetime(2026, 12, 5, 9, tzinfo=UTC)
    assert shift.closes_at == shift.starts_at


def test_the_capacity_may_fall_below_what_is_taken(session: Session) -> None:
    shift = make_shift(session, capacity=10)
    shift.taken = 8
    change(session, shift, capacity=5)
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    assert message.event.shifts[0].capacity == 5
    assert shift.taken == 8


def test_a_shift_can_become_unlimited(session: Session) -> None:
    shift = make_shift(session, capacity=10)
    change(session, shift, capacity=None)
    assert shift.capacity is None


def test_a_change_that_changes_nothing_is_not_told_of(session: Session) -> None:
    shift = make_shift(session)
    before = shift.revision
    change(session, shift, place=shift.place, starts_at="2026-12-05T10:00")
    assert told(session) == []
    assert shift.revision == before


def test_a_cancelled_shift_is_told_of_and_the_others_go_on(session: Session) -> None:
    event = make_event(session, shifts=[typed_shift(), typed_shift(place="Hall")])
    one, _ = event.shifts
    operations.cancel_shift(session, event.id, one.id, now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    assert [shift.cancelled for shift in message.event.shifts] == [True, False]
    assert message.event.status == "published"
    assert message.event.shifts[0].revision == int(LATER.timestamp() * 1000)


def test_cancelling_a_shift_twice_tells_once(session: Session) -> None:
    shift = make_shift(session)
    operations.cancel_shift(session, shift.event_id, shift.id, now=LATER)
    with pytest.raises(rules.ShiftWasAlreadyCancelled):
        operations.cancel_shift(session, shift.event_id, shift.id, now=LATER)
    assert len(told(session)) == 1


def test_a_cancelled_shift_cannot_be_changed(session: Session) -> None:
    shift = make_shift(session)
    operations.cancel_shift(session, shift.event_id, shift.id, now=LATER)
    with pytest.raises(rules.ShiftIsCancelled):
        change(session, shift, place="Hall")


def test_the_shift_of_another_event_is_not_there(session: Session) -> None:
    event, other = make_event(session), make_event(session)
    with pytest.raises(NotThere):
        operations.cancel_shift(session, event.id, other.shifts[0].id, now=LATER)
