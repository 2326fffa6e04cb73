"""Planning without a browser: moving, copying, leads, places on the map, what is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.events import operations, rules
from services.events.models import CoHost, PlaceName
from services.events.operations import leads, mapping
from shared.messages import EventChanged
from shared.times import NoSuchHour
from tests.events.making import (
    LATER,
    NOW,
    details_of_shift,
    forget_told,
    make_draft,
    make_event,
    make_group,
    make_shift,
    told,
    typed_shift,
)


def shift_at(day: str, starts: str, ends: str, **typed: Any) -> dict[str, Any]:
    return typed_shift(starts_at=f"{day}T{starts}", ends_at=f"{day}T{ends}", **typed)


@pytest.mark.parametrize(
    "before, days, expected",
    [
        ("2027-03-27", 1, datetime(2027, 3, 28, 9, tzinfo=UTC)),
        ("2027-03-28", -1, datetime(2027, 3, 27, 10, tzinfo=UTC)),
        ("2027-10-30", 1, datetime(2027, 10, 31, 10, tzinfo=UTC)),
        ("2027-10-31", -1, datetime(2027, 10, 30, 9, tzinfo=UTC)),
    ],
)
def test_a_shift_at_ten_stays_at_ten_when_the_clocks_change(
    session: Session, before: str, days: int, expected: datetime
) -> None:
    shift = shift_at(before, "10:00", "12:00", closes_at=f"{before}T08:00")
    event = make_event(session, shifts=[shift])
    operations.move_event(session, event.id, timedelta(days=days), now=LATER)
    (moved,) = event.shifts
    assert moved.starts_at == expected
    assert moved.ends_at == expected + timedelta(hours=2)
    assert moved.closes_at == expected - timedelta(hours=2)
    assert moved.day == expected.date()


def test_a_move_into_the_hour_that_is_left_out_moves_nothing(session: Session) -> None:
    event = make_event(session, shifts=[shift_at("2027-03-27", "01:30", "04:00")])
    with pytest.raises(NoSuchHour):
        operations.move_event(session, event.id, timedelta(days=1), now=LATER)
    assert told(session) == []


def test_what_is_cancelled_or_has_begun_stays_where_it_is(session: Session) -> None:
    event = make_event(
        session,
        shifts=[
            shift_at("2026-11-20", "09:29", "12:00"),
            shift_at("2026-12-05", "10:00", "12:00"),
            shift_at("2026-12-06", "10:00", "12:00"),
        ],
    )
    begun, cancelled, coming = event.shifts
    cancelled.cancelled = True
    operations.move_event(session, event.id, timedelta(days=2), now=LATER)
    assert [shift.day.day for shift in (begun, cancelled, coming)] == [20, 5, 8]
    (message,) = told(session)
    assert isinstance(message, EventChanged)


def test_a_copy_keeps_the_days_between_its_shifts(session: Session) -> None:
    event = make_event(
        session,
        shifts=[
            shift_at("2026-12-05", "10:00", "12:00", lead_name="Kim", capacity=7),
            shift_at("2026-12-07", "18:00", "20:00"),
        ],
    )
    copy = operations.copy_event(
        session, event.id, first_day=datetime(2027, 7, 3, tzinfo=UTC).date(), now=LATER
    )
    assert [f"{shift.starts_at:%d %H:%M}" for shift in copy.shifts] == ["03 09:00", "05 17:00"]
    assert (copy.shifts[0].capacity, copy.shifts[0].lead_name) == (7, "")
    assert (copy.status, copy.id != event.id) == ("draft", True)
    assert told(session) == []


def test_many_changes_of_shifts_are_told_once_or_not_at_all(session: Session) -> None:
    event = make_event(session, shifts=[typed_shift(), typed_shift(place="Hall")])
    one, other = event.shifts
    added = details_of_shift(place="Yard")
    plan = operations.ShiftPlan(add=[added], change={one.id: {"capacity": 3}}, remove=[other.id])
    operations.carry_out(session, event.id, plan, now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    facts = [(shift.place, shift.capacity, shift.cancelled) for shift in message.event.shifts]
    assert facts == [("Castle Square", 3, False), ("Hall", 10, True), ("Yard", 10, False)]


def test_a_shift_taken_out_of_a_draft_is_gone(session: Session) -> None:
    event = make_draft(session, shifts=[typed_shift(), typed_shift(place="Hall")])
    plan = operations.ShiftPlan(remove=[event.shifts[0].id])
    operations.carry_out(session, event.id, plan, now=LATER)
    session.expire(event)
    assert [shift.place for shift in event.shifts] == ["Hall"]


def test_who_leads_a_shift_is_told_to_nobody(session: Session) -> None:
    shift = make_shift(session)
    lead: Any = {"lead_name": "Kim Example", "lead_email": "kim@fosse.example"}
    operations.change_shift(session, shift.event_id, shift.id, lead, now=LATER)
    assert shift.lead_name == "Kim Example"
    assert told(session) == []


def test_leads_are_forgotten_90_days_after_their_shift(session: Session) -> None:
    shift = make_shift(session, lead_name="Kim Example", lead_email="kim@fosse.example")
    leads.erase_old_leads(session, shift.ends_at + timedelta(days=90))
    session.refresh(shift)
    assert shift.lead_name == "Kim Example"
    leads.erase_old_leads(session, shift.ends_at + timedelta(days=90, seconds=1))
    session.refresh(shift)
    assert (shift.lead_name, shift.lead_email) == ("", "")


def test_other_services_hear_all_they_need_of_an_event(session: Session) -> None:
    event = make_draft(
        session,
        kind="campaign_and_train",
        mode="both",
        online_url="https://meet.example/1",
        bring="A pen",
        shifts=[typed_shift(work="training"), typed_shift(work="campaigning", needs="First aid")],
    )
    other = make_group(session, name="Thames Neighbours")
    asked = make_group(session, name="Severn Neighbours")
    for group, state in ((other, "accepted"), (asked, "asked")):
        event.co_hosts.append(CoHost(group=group, group_id=group.id, state=state, asked_at=NOW))
    forget_told(session)
    operations.publish_event(session, event.id, now=LATER)
    (message,) = told(session)
    facts = message.event  # type: ignore[attr-defined]
    assert (facts.mode, facts.online_url, facts.bring) == (
        "both",
        "https://meet.example/1",
        "A pen",
    )
    assert facts.co_hosts == (other.id,)
    assert [(shift.work, shift.needs) for shift in facts.shifts] == [
        ("training", ""),
        ("campaigning", "First aid"),
    ]


def test_a_campaign_of_nobody_and_an_unknown_election_are_refused(session: Session) -> None:
    event = make_draft(session)
    with pytest.raises(rules.CampaignIsNotYours):
        operations.change_event(session, event.id, {"campaign_id": 4711}, now=LATER)
    with pytest.raises(rules.ElectionIsNotKnown):
        operations.change_event(session, event.id, {"election_id": "parl.x"}, now=LATER)


def test_a_postcode_puts_its_shift_on_the_map(session: Session) -> None:
    shift = make_shift(session, postcode="LN1 3AA")
    assert shift.latitude is not None
    assert 52 < shift.latitude < 54
    assert shift.located == "area"
    operations.change_shift(session, shift.event_id, shift.id, {"postcode": ""}, now=LATER)
    assert (shift.latitude, shift.located) == (None, "")


def test_a_constituency_gets_its_code_by_its_name(session: Session) -> None:
    session.add(PlaceName(code="E14001334", kind="constituency", name="Lincoln"))
    session.flush()
    assert mapping.code_of(session, "lincoln") == "E14001334"
    assert make_shift(session, constituency="Lincoln").constituency_code == "E14001334"
