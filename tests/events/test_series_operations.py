"""Events that repeat: made ahead, changed one by one or together, ended; on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events import operations, rules
from services.events.models import AuditEntry, CoHost, Event, Series, Shift
from services.events.operations import series as running
from services.events.operations.details import EventDetails, ShiftDetails
from services.events.operations.series_changes import changing_series
from services.events.operations.series_events import expand_all
from services.events.operations.shifts import ShiftPlan, carry_out
from services.events.rules import series as series_rules
from shared import times
from shared.messages import EventCancelled, EventChanged, EventPublished
from shared.refusals import NotThere
from tests.events.making import (
    NOW,
    details_of_shift,
    forget_told,
    make_draft,
    make_event,
    make_group,
    told,
    typed_shift,
)

TUESDAY = date(2026, 12, 8)
WEEKLY = "FREQ=WEEKLY;BYDAY=TU"
MONTHLY = "FREQ=MONTHLY;BYDAY=2TU"


def class_on(day: date = TUESDAY, **typed: Any) -> dict[str, Any]:
    """Return a lesson in the evening of a day, as it is typed."""
    return typed_shift(
        **{
            "place": "Library",
            "starts_at": f"{day}T18:00",
            "ends_at": f"{day}T19:30",
            "closes_at": f"{day - timedelta(days=1)}T20:00",
            **typed,
        }
    )


def start(session: Session, rule: str = WEEKLY, *, published: bool = True, **typed: Any) -> Series:
    """Let a new event repeat, and forget what was told of it."""
    make = make_event if published else make_draft
    event = make(session, **{"kind": "lesson", "shifts": [class_on()], **typed})
    return running.start_series(session, event.id, series_rules.read_rule(rule), now=NOW)


def events_of(session: Session, series: Series) -> list[Event]:
    """Return the series' events by day."""
    return list(reversed(running.list_series_events(session, series.id)))


def days_of(session: Session, series: Series) -> list[str]:
    return [f"{event.series_day:%d.%m.%y}" for event in events_of(session, series)]


def clocks(event: Event) -> list[str]:
    """Return when the event's shifts are, as clocks show it."""
    return [
        f"{times.local(shift.starts_at, shift.zone):%d.%m. %H:%M}"
        f"-{times.local(shift.ends_at, shift.zone):%H:%M}"
        for shift in event.shifts
    ]


def test_a_series_makes_its_events_eight_weeks_ahead(session: Session) -> None:
    series = start(session)
    assert days_of(session, series) == [
        *("08.12.26", "15.12.26", "22.12.26", "29.12.26", "05.01.27", "12.01.27")
    ]
    assert series.rule == WEEKLY
    assert series.first_day == TUESDAY


def test_a_rare_series_makes_its_next_two_events(session: Session) -> None:
    assert days_of(session, start(session, "FREQ=YEARLY")) == ["08.12.26", "08.12.27"]
    assert days_of(session, start(session, MONTHLY)) == ["08.12.26", "12.01.27"]


def test_a_series_with_an_end_makes_no_more_than_that(session: Session) -> None:
    series = start(session, f"{WEEKLY};COUNT=3")
    assert days_of(session, series) == ["08.12.26", "15.12.26", "22.12.26"]
    expand_all(session, NOW + timedelta(weeks=20))
    assert len(days_of(session, series)) == 3


def test_running_twice_changes_nothing(session: Session) -> None:
    series = start(session)
    before = [(event.id, event.revision) for event in events_of(session, series)]
    forget_told(session)
    expand_all(session, NOW)
    expand_all(session, NOW)
    assert [(event.id, event.revision) for event in events_of(session, series)] == before
    assert told(session) == []


def test_the_window_rolls_on(session: Session) -> None:
    series = start(session)
    expand_all(session, NOW + timedelta(weeks=1))
    assert days_of(session, series)[-1] == "19.01.27"


def test_days_that_are_over_are_not_made_up_for(session: Session) -> None:
    series = start(session)
    later = datetime(2027, 6, 8, 17, 30, tzinfo=UTC)
    expand_all(session, later)
    made = days_of(session, series)[6:]
    assert made[0] == "15.06.27"
    assert made[-1] == "03.08.27"


def test_a_new_event_is_like_the_newest_unchanged_one(session: Session) -> None:
    shifts = [
        class_on(capacity=12, lead_name="Kim Lead", lead_email="kim@fosse.example"),
        class_on(place="Hall", starts_at=f"{TUESDAY}T20:00", ends_at=f"{TUESDAY}T21:00"),
        class_on(
            place="Outing",
            starts_at="2026-12-09T09:00",
            ends_at="2026-12-09T12:00",
            closes_at=None,
        ),
    ]
    series = start(session, shifts=shifts, bring="A pen", online_url="https://example.org/class")
    first, second, *_ = events_of(session, series)
    alike = ("title", "description", "bring", "online_url", "kind", "status", "contact_email")
    for name in alike:
        assert getattr(second, name) == getattr(first, name)
    assert clocks(second) == ["15.12. 18:00-19:30", "15.12. 20:00-21:00", "16.12. 09:00-12:00"]
    assert [shift.slot for shift in second.shifts] == [1, 2, 3]
    assert (second.shifts[0].capacity, second.shifts[0].lead_name) == (12, "Kim Lead")
    closes = times.local(second.shifts[0].closes_at, "Europe/London")
    assert f"{closes:%d.%m. %H:%M}" == "14.12. 20:00"
    assert second.published_at == NOW


def test_a_new_event_starts_with_nobody_in_it(session: Session) -> None:
    series = start(session)
    newest = events_of(session, series)[-1]
    shift = newest.shifts[0]
    shift.taken, shift.waiting, shift.places_revision, shift.conversations = 5, 2, 9, 40
    session.flush()
    expand_all(session, NOW + timedelta(weeks=1))
    made = events_of(session, series)[-1].shifts[0]
    assert (made.taken, made.waiting, made.places_revision, made.conversations) == (0, 0, 0, None)


def test_a_new_event_is_told_of_like_any(session: Session) -> None:
    series = start(session)
    published = [message for message in told(session) if isinstance(message, EventPublished)]
    assert [message.event.id for message in published] == [
        event.id for event in events_of(session, series)[1:]
    ]
    assert published[0].event.shifts[0].starts_at == datetime(2026, 12, 15, 18, tzinfo=UTC)


def test_the_events_of_a_draft_are_drafts_told_to_nobody(session: Session) -> None:
    group = make_group(session)
    forget_told(session)
    series = start(session, published=False, group_id=group.id)
    assert {event.status for event in events_of(session, series)} == {"draft"}
    assert told(session) == []


def test_the_drafts_of_a_series_are_published_together(session: Session) -> None:
    series = start(session, published=False)
    assert running.publish_series(session, series.id, now=NOW) == 6
    assert {event.status for event in events_of(session, series)} == {"published"}
    expand_all(session, NOW + timedelta(weeks=1))
    assert events_of(session, series)[-1].status == "published"


def test_a_co_host_holds_the_new_events_too(session: Session) -> None:
    event = make_event(session, shifts=[class_on()])
    other, asked = make_group(session, name="Others"), make_group(session, name="Asked")
    event.co_hosts = [
        CoHost(group=other, state="accepted", asked_at=NOW),
        CoHost(group=asked, state="asked", asked_at=NOW),
    ]
    series = running.start_series(session, event.id, series_rules.read_rule(WEEKLY), now=NOW)
    newest = events_of(session, series)[-1]
    assert [(held.group_id, held.state) for held in newest.co_hosts] == [(other.id, "accepted")]


@pytest.mark.parametrize("fate", ["cancelled", "archived"])
def test_an_event_that_is_gone_is_not_made_again(session: Session, fate: str) -> None:
    series = start(session)
    gone = events_of(session, series)[2]
    if fate == "cancelled":
        operations.cancel_event(session, gone.id, reason="Snow", now=NOW)
    else:
        gone.archived_at = NOW
        session.flush()
    expand_all(session, NOW)
    assert len(events_of(session, series)) == 6


def test_what_was_changed_by_itself_is_no_pattern(session: Session) -> None:
    series = start(session)
    newest = events_of(session, series)[-1]
    operations.change_event(session, newest.id, {"title": "A party instead"}, now=NOW)
    assert newest.series_changed
    expand_all(session, NOW + timedelta(weeks=1))
    assert events_of(session, series)[-1].title == "Out in Lincoln"


def test_a_cancelled_shift_is_not_made_again_where_nothing_else_is_left(session: Session) -> None:
    series = start(session)
    for event in events_of(session, series):
        operations.cancel_shift(session, event.id, event.shifts[0].id, now=NOW)
    expand_all(session, NOW + timedelta(weeks=2))
    assert len(events_of(session, series)) == 6


# The hours of the clocks.


def test_clocks_show_the_same_in_march_july_and_october(session: Session) -> None:
    sunday = date(2027, 3, 14)
    typed = class_on(sunday, starts_at=f"{sunday}T10:00", ends_at=f"{sunday}T12:00")
    now = datetime(2027, 3, 1, tzinfo=UTC)
    event = make_event(session, shifts=[typed], now=now)
    series = running.start_series(
        session, event.id, series_rules.read_rule("FREQ=WEEKLY;BYDAY=SU"), now=now
    )
    for week in range(36):
        expand_all(session, now + timedelta(weeks=week))
    made = {event.series_day: event for event in events_of(session, series)}
    assert {clock[7:] for event in made.values() for clock in clocks(event)} == {"10:00-12:00"}
    starts = {day: event.shifts[0].starts_at.hour for day, event in made.items()}
    assert starts[date(2027, 3, 21)] == 10
    assert starts[date(2027, 3, 28)] == starts[date(2027, 7, 4)] == 9
    assert starts[date(2027, 10, 24)] == 9
    assert starts[date(2027, 10, 31)] == 10


def test_an_hour_that_does_not_exist_gives_way_that_day_only_and_is_noted(session: Session) -> None:
    sunday = date(2027, 3, 14)
    night = class_on(sunday, starts_at=f"{sunday}T01:30", ends_at=f"{sunday}T04:00")
    now = datetime(2027, 2, 2, tzinfo=UTC)
    event = make_event(session, shifts=[night], now=now)
    rule = series_rules.read_rule("FREQ=WEEKLY;BYDAY=SU")
    # Eight weeks from now the window ends with the very day on which the clocks change.
    series = running.start_series(session, event.id, rule, now=now)
    leap = events_of(session, series)[-1]
    assert clocks(leap) == ["28.03. 02:00-04:00"]
    assert leap.series_adjusted
    notes = select(AuditEntry.details).where(AuditEntry.object_id == str(leap.id))
    assert "Its hours do not exist that day: it is later." in session.scalars(notes).all()
    expand_all(session, now + timedelta(weeks=1))
    assert clocks(events_of(session, series)[-1]) == ["04.04. 01:30-04:00"]


def test_hours_that_exist_again_are_those_of_the_series(session: Session) -> None:
    sunday = date(2027, 3, 21)
    night = class_on(sunday, starts_at=f"{sunday}T01:30", ends_at=f"{sunday}T04:00")
    now = datetime(2027, 3, 1, tzinfo=UTC)
    event = make_event(session, shifts=[night], now=now)
    rule = series_rules.read_rule("FREQ=WEEKLY;BYDAY=SU;COUNT=3")
    series = running.start_series(session, event.id, rule, now=now)
    leap = events_of(session, series)[1]
    assert leap.series_adjusted
    for hour, shown, adjusted in ((3, "03:30-04:00", False), (1, "02:00-04:00", True)):
        moved: ShiftDetails = {"starts_at": datetime(2027, 3, 21, hour, 30)}
        with changing_series(session, event.id, which="all", now=now):
            carry_out(session, event.id, ShiftPlan(change={event.shifts[0].id: moved}), now=now)
        assert clocks(leap) == [f"28.03. {shown}"]
        assert leap.series_adjusted == adjusted


# Changes: this one, this and later ones, all.


def change(session: Session, event: Event, which: str, details: EventDetails) -> None:
    with changing_series(session, event.id, which=which, now=NOW):
        operations.change_event(session, event.id, details, now=NOW)


def plan(session: Session, event: Event, which: str, **planned: Any) -> None:
    with changing_series(session, event.id, which=which, now=NOW):
        carry_out(session, event.id, ShiftPlan(**planned), now=NOW)


def titles(session: Session, series: Series) -> str:
    return "".join("n" if e.title == "New" else "o" for e in events_of(session, series))


@pytest.mark.parametrize(
    "which,changed",
    [("this", "oonooo"), ("later", "oonnnn"), ("all", "nnnnnn")],
)
def test_a_change_reaches_as_far_as_it_was_meant(
    session: Session, which: str, changed: str
) -> None:
    series = start(session)
    third = events_of(session, series)[2]
    change(session, third, which, {"title": "New"})
    assert titles(session, series) == changed
    apart = [event for event in events_of(session, series) if event.series_changed]
    assert apart == ([third] if which == "this" else [])


def test_a_change_of_all_leaves_those_changed_cancelled_and_begun_alone(session: Session) -> None:
    series = start(session)
    _, begun, apart, called_off, third, _ = events_of(session, series)
    change(session, apart, "this", {"description": "Bring a cake."})
    operations.cancel_event(session, called_off.id, reason="", now=NOW)
    later = begun.shifts[0].starts_at + timedelta(minutes=1)
    with changing_series(session, third.id, which="all", now=later):
        operations.change_event(session, third.id, {"title": "New"}, now=later)
    assert titles(session, series) == "oooonn"


def test_new_events_follow_what_was_changed_for_later_ones(session: Session) -> None:
    series = start(session)
    change(session, events_of(session, series)[1], "later", {"title": "New"})
    expand_all(session, NOW + timedelta(weeks=2))
    assert titles(session, series) == "onnnnnnn"


def test_a_change_of_all_from_one_that_was_changed_before_keeps_it_apart(session: Session) -> None:
    series = start(session)
    apart = events_of(session, series)[1]
    change(session, apart, "this", {"description": "Bring a cake."})
    change(session, apart, "all", {"title": "New"})
    assert titles(session, series) == "nnnnnn"
    assert apart.series_changed
    assert "cake" not in events_of(session, series)[3].description


def test_without_any_change_an_event_stays_unchanged(session: Session) -> None:
    series = start(session)
    third = events_of(session, series)[2]
    change(session, third, "this", {"title": third.title})
    assert not third.series_changed


def test_everybody_who_signed_up_is_told_of_a_change_of_all(session: Session) -> None:
    series = start(session)
    made = events_of(session, series)
    forget_told(session)
    change(session, made[0], "all", {"title": "New"})
    messages = told(session)
    assert {type(message) for message in messages} == {EventChanged}
    assert [message.event.id for message in messages] == [event.id for event in made]
    revisions = {message.event.id: message.event.revision for message in messages}
    assert revisions == {event.id: event.revision for event in made}


def test_hours_change_by_the_clock_and_by_the_slot(session: Session) -> None:
    evening = class_on(place="Hall", starts_at=f"{TUESDAY}T20:00", ends_at=f"{TUESDAY}T21:00")
    series = start(session, shifts=[class_on(), evening])
    second = events_of(session, series)[1]
    later: ShiftDetails = {
        "starts_at": datetime(2026, 12, 15, 18, 30),
        "ends_at": datetime(2026, 12, 15, 20, 0),
        "capacity": 20,
    }
    plan(session, second, "all", change={second.shifts[0].id: later})
    made = events_of(session, series)
    assert clocks(made[0]) == ["08.12. 18:30-20:00", "08.12. 20:00-21:00"]
    assert clocks(made[5]) == ["12.01. 18:30-20:00", "12.01. 20:00-21:00"]
    assert [shift.capacity for shift in made[5].shifts] == [20, 10]
    assert {f"{times.local(e.shifts[0].closes_at, 'Europe/London'):%a %H:%M}" for e in made} == {
        "Mon 20:30"
    }


def test_an_event_moved_to_another_weekday_moves_the_others_with_it(session: Session) -> None:
    series = start(session)
    second = events_of(session, series)[1]
    with changing_series(session, second.id, which="later", now=NOW):
        operations.move_event(session, second.id, timedelta(days=1), now=NOW)
    made = events_of(session, series)
    assert [clocks(event)[0][:6] for event in made] == [
        *("08.12.", "16.12.", "23.12.", "30.12.", "06.01.", "13.01.")
    ]
    # Its day of the series stays, so that nothing is made twice.
    assert days_of(session, series)[1] == "15.12.26"
    expand_all(session, NOW + timedelta(weeks=1))
    assert clocks(events_of(session, series)[-1]) == ["20.01. 18:00-19:30"]


def test_a_shift_added_to_all_comes_with_the_next_ones_too(session: Session) -> None:
    series = start(session)
    first = events_of(session, series)[0]
    added = details_of_shift(
        **class_on(place="Hall", starts_at=f"{TUESDAY}T20:00", ends_at=f"{TUESDAY}T21:00")
    )
    plan(session, first, "all", add=[added])
    expand_all(session, NOW + timedelta(weeks=1))
    for event in events_of(session, series):
        assert [(shift.slot, shift.place) for shift in event.shifts] == [
            (1, "Library"),
            (2, "Hall"),
        ]
    assert clocks(events_of(session, series)[-1])[1] == "19.01. 20:00-21:00"


def test_shifts_added_to_one_event_alone_never_share_a_slot_with_others(session: Session) -> None:
    series = start(session)
    first, second, third, *_ = events_of(session, series)
    plan(session, first, "this", add=[details_of_shift(**class_on(place="Only here"))])
    plan(
        session, second, "all", add=[details_of_shift(**class_on(date(2026, 12, 15), place="All"))]
    )
    assert [shift.slot for shift in sorted(first.shifts, key=lambda s: s.id)] == [1, 2]
    assert [shift.slot for shift in sorted(third.shifts, key=lambda s: s.id)] == [1, 3]


@pytest.mark.parametrize("published", [True, False])
def test_a_shift_removed_from_all_is_gone_from_all(session: Session, *, published: bool) -> None:
    evening = class_on(place="Hall", starts_at=f"{TUESDAY}T20:00", ends_at=f"{TUESDAY}T21:00")
    series = start(session, shifts=[class_on(), evening], published=published)
    first = events_of(session, series)[0]
    plan(session, first, "all", remove=[first.shifts[1].id])
    for event in events_of(session, series):
        assert [s.place for s in event.shifts if not s.cancelled] == ["Library"]
        assert len(event.shifts) == (2 if published else 1)
    expand_all(session, NOW + timedelta(weeks=1))
    assert [shift.place for shift in events_of(session, series)[-1].shifts] == ["Library"]


def test_an_event_that_would_have_begun_already_stays_apart(session: Session) -> None:
    series = start(session)
    first, second, *_ = events_of(session, series)
    shortly_before = first.shifts[0].starts_at - timedelta(hours=1)
    earlier: ShiftDetails = {"starts_at": datetime(2026, 12, 15, 16, 0)}
    with changing_series(session, second.id, which="all", now=shortly_before):
        carry_out(
            session,
            second.id,
            ShiftPlan(change={second.shifts[0].id: earlier}),
            now=shortly_before,
        )
    assert clocks(first) == ["08.12. 18:00-19:30"]
    assert first.series_changed
    assert clocks(events_of(session, series)[2]) == ["22.12. 16:00-19:30"]


def test_a_change_for_all_that_is_refused_changes_nothing(session: Session) -> None:
    series = start(session)
    first = events_of(session, series)[0]
    backwards: ShiftDetails = {"ends_at": datetime(2026, 12, 8, 17, 0)}
    with pytest.raises(rules.ShiftEndsTooEarly):
        plan(session, first, "all", change={first.shifts[0].id: backwards})
    assert clocks(events_of(session, series)[3]) == ["29.12. 18:00-19:30"]


def test_an_event_without_a_series_changes_alone(session: Session) -> None:
    event = make_event(session)
    change(session, event, "all", {"title": "New"})
    assert (event.title, event.series_changed) == ("New", False)


# Ending, going on, another rule.


def test_an_ended_series_makes_no_more_and_goes_on_again(session: Session) -> None:
    series = start(session)
    running.end_series(session, series.id, reason=None, now=NOW)
    expand_all(session, NOW + timedelta(weeks=1))
    assert len(events_of(session, series)) == 6
    assert {event.status for event in events_of(session, series)} == {"published"}
    running.resume_series(session, series.id, now=NOW + timedelta(weeks=1))
    assert len(events_of(session, series)) == 7


def test_a_series_can_end_together_with_its_coming_events(session: Session) -> None:
    series = start(session)
    apart = events_of(session, series)[3]
    change(session, apart, "this", {"title": "A party"})
    forget_told(session)
    running.end_series(session, series.id, reason="The library closes.", now=NOW)
    cancelled = [message for message in told(session) if isinstance(message, EventCancelled)]
    assert {message.reason for message in cancelled} == {"The library closes."}
    assert len(cancelled) == 5
    assert apart.status == "published"
    with pytest.raises(series_rules.SeriesEventsWereCancelled):
        running.resume_series(session, series.id, now=NOW)


def test_what_has_ended_ends_once_and_what_goes_on_is_not_taken_up(session: Session) -> None:
    series = start(session)
    with pytest.raises(series_rules.SeriesGoesOn):
        running.resume_series(session, series.id, now=NOW)
    running.end_series(session, series.id, reason=None, now=NOW)
    with pytest.raises(series_rules.SeriesHasEnded):
        running.end_series(session, series.id, reason=None, now=NOW)


@pytest.mark.parametrize("reason", ["Thursdays suit more of us.", None])
def test_a_new_rule_cancels_what_does_not_fit_or_keeps_it(
    session: Session, reason: str | None
) -> None:
    series = start(session)
    rule = series_rules.read_rule("FREQ=WEEKLY;BYDAY=TH")
    begins = date(2026, 12, 16)
    new = running.plan_new_rule(session, series.id, rule, begins=begins, now=NOW)
    assert new.first == date(2026, 12, 17)
    assert [f"{event.series_day:%d.%m.}" for event in new.misfits] == [
        *("22.12.", "29.12.", "05.01.", "12.01.")
    ]
    running.change_rule(session, series.id, new, reason=reason, now=NOW)
    made = events_of(session, series)
    standing = [f"{e.series_day:%d.%m.}" for e in made if e.status == "published"]
    thursdays = ["17.12.", "24.12.", "31.12.", "07.01.", "14.01."]
    kept = [] if reason else ["22.12.", "29.12.", "05.01.", "12.01."]
    assert sorted(standing) == sorted(["08.12.", "15.12.", *thursdays, *kept])
    assert {clocks(e)[0][7:] for e in made} == {"18:00-19:30"}
    assert {e.cancel_reason for e in made if e.status == "cancelled"} == (
        {reason} if reason else set()
    )


@pytest.mark.parametrize(
    "rule,begins,refusal",
    [
        ("FREQ=WEEKLY;BYDAY=TH", date(2026, 11, 19), series_rules.NewRuleBeginsTooLate),
        ("FREQ=WEEKLY;BYDAY=TH", date(2027, 3, 1), series_rules.NewRuleBeginsTooLate),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20261201", date(2026, 12, 4), series_rules.RuleNamesNoDay),
        ("FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2", date(2026, 12, 4), series_rules.RuleNamesNoDay),
    ],
)
def test_a_new_rule_begins_soon_and_names_a_day(
    session: Session, rule: str, begins: date, refusal: type[Exception]
) -> None:
    series = start(session)
    with pytest.raises(refusal):
        running.plan_new_rule(
            session, series.id, series_rules.read_rule(rule), begins=begins, now=NOW
        )


def test_an_event_repeats_once_and_needs_a_shift_and_a_future(session: Session) -> None:
    rule = series_rules.read_rule(WEEKLY)
    series = start(session)
    first = events_of(session, series)[0]
    with pytest.raises(series_rules.EventRepeatsAlready):
        running.start_series(session, first.id, rule, now=NOW)
    with pytest.raises(series_rules.EventHasNoShifts):
        running.start_series(session, make_draft(session, shifts=[]).id, rule, now=NOW)
    over = make_event(session, shifts=[class_on()])
    with pytest.raises(rules.EventIsOver):
        running.start_series(session, over.id, rule, now=NOW + timedelta(weeks=9))
    with pytest.raises(NotThere):
        running.find_series(session, 4711)


def test_each_step_of_a_series_stands_in_its_group_s_trail(session: Session) -> None:
    series = start(session)
    change(session, events_of(session, series)[0], "all", {"title": "New"})
    running.end_series(session, series.id, reason=None, now=NOW)
    running.resume_series(session, series.id, now=NOW)
    session.flush()
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_kind == "series", AuditEntry.object_id == str(series.id))
        .order_by(AuditEntry.id)
    ).all()
    assert [(entry.action, entry.object_name, entry.details) for entry in entries] == [
        ("series.started", "Out in Lincoln", "every Tuesday"),
        ("series.changed", "New", "5 more events"),
        ("series.ended", "New", ""),
        ("series.resumed", "New", ""),
    ]
    assert {entry.group_id for entry in entries} == {series.group_id}


def test_the_shifts_of_all_events_keep_to_their_constraints(session: Session) -> None:
    series = start(session)
    made = select(Shift).join(Shift.event).where(Event.series_id == series.id)
    for shift in session.scalars(made):
        assert shift.closes_at <= shift.starts_at < shift.ends_at
        assert shift.day == times.local(shift.starts_at, shift.zone).date()
