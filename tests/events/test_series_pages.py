"""Pages on which organisers let events repeat, and what programs see of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.events import operations
from services.events.models import Event, Organiser
from services.events.operations import series as running
from services.events.rules import series as series_rules
from services.events.rules.series_rule import WEEKDAYS, read_rule
from services.events.schemas.series_rule import RepeatForm, shown_for
from shared.database import Database
from tests.entering import SignedInClient, signed_in
from tests.events.making import make_draft, make_event, make_group, typed_shift

TODAY = datetime.now(UTC)
FIRST = (TODAY + timedelta(days=10)).date()
WEEKLY = f"FREQ=WEEKLY;BYDAY={WEEKDAYS[FIRST.weekday()]}"
WEEKDAY = series_rules.WEEKDAY_NAMES[WEEKDAYS[FIRST.weekday()]]


@pytest.fixture
def organiser(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of an organiser of the group with the event below."""
    with db.writing() as session:
        group_id = make_group(session).id
        session.add(Organiser(email="robin@fosse.example", name="Robin Example", created_at=TODAY))
    return signed_in(app, db, (group_id, "organiser"))


def on(day: date, **typed: Any) -> dict[str, Any]:
    return typed_shift(starts_at=f"{day}T18:00", ends_at=f"{day}T19:30", **typed)


@pytest.fixture
def event_id(db: Database, organiser: SignedInClient) -> int:
    """Return a published lesson, ten days from now."""
    with db.writing() as session:
        return make_event(session, now=TODAY, group_id=1, shifts=[on(FIRST)], title="English").id


@pytest.fixture
def series_id(db: Database, event_id: int) -> int:
    with db.writing() as session:
        return running.start_series(session, event_id, read_rule(WEEKLY), now=TODAY).id


def words(response: TestResponse) -> str:
    return unescape(response.get_data(as_text=True))


def events_of(db: Database, series_id: int) -> list[Event]:
    with db.reading() as session:
        found = list(reversed(running.list_series_events(session, series_id)))
        for event in found:
            assert event.shifts
        session.expunge_all()
    return found


def test_the_form_begins_with_the_event_s_own_weekday(
    organiser: SignedInClient, event_id: int
) -> None:
    page = organiser.get(f"/organise/events/{event_id}/repeat")
    assert page.status_code == 200
    assert f"Repeats every {WEEKDAY}" in words(page)
    assert series_rules.long_day(FIRST + timedelta(weeks=5)) in words(page)
    assert "published at once" in words(page)


def test_the_days_are_shown_before_anything_is_saved(
    db: Database, organiser: SignedInClient, event_id: int
) -> None:
    number = (FIRST.day - 1) // 7 + 1
    asked = {
        "every": "month_weekday",
        "number": str(number),
        "weekday": WEEKDAYS[FIRST.weekday()],
        "ends": "times",
        "times": "3",
        "until": "",
        "rule": "nonsense that belongs to another choice",
    }
    page = organiser.get(f"/organise/events/{event_id}/repeat", query_string=asked)
    if number <= 5:
        assert page.status_code == 200
        assert f"{WEEKDAY} of the month, three times" in words(page)
    with db.reading() as session:
        assert operations.find_event(session, event_id).series_id is None


def test_saving_the_rule_makes_the_events(
    db: Database, organiser: SignedInClient, event_id: int
) -> None:
    answer = organiser.post(f"/organise/events/{event_id}/repeat", data={"rule": WEEKLY})
    assert answer.status_code == 303
    page = organiser.get(answer.location)
    assert f"Repeats every {WEEKDAY}." in words(page)
    assert len(events_of(db, 1)) == 7
    again = organiser.get(f"/organise/events/{event_id}/repeat")
    assert again.location == answer.location


@pytest.mark.parametrize(
    "asked,field,sentence",
    [
        ({"every": "sometimes"}, "every", "Choose how often it takes place."),
        ({"every": "week"}, "on_mo", "Tick one day at least."),
        ({"every": "month_day", "day_number": "32"}, "day_number", "Choose a day."),
        ({"every": "month_weekday"}, "weekday", "Choose a weekday."),
        ({"every": "typed"}, "rule", "Type a rule, such as FREQ=MONTHLY;BYDAY=2TU."),
        ({"every": "typed", "rule": "FREQ=HOURLY"}, "rule", "A series takes place once a day"),
        ({"every": "typed", "rule": "x" * 600}, "rule", "This is too long"),
        ({"every": "typed", "rule": WEEKLY, "ends": "until"}, "until", "Enter the last day."),
        (
            {"every": "typed", "rule": WEEKLY, "ends": "until", "until": "soon"},
            "until",
            "Enter a date, such as 2027-06-30.",
        ),
        (
            {"every": "typed", "rule": WEEKLY, "ends": "until", "until": "9999-01-01"},
            "until",
            "Enter an earlier day.",
        ),
        ({"every": "typed", "rule": WEEKLY, "ends": "times"}, "times", "Enter how many times."),
        (
            {"every": "typed", "rule": WEEKLY, "ends": "times", "times": "0"},
            "times",
            "Enter 2 to 1,000.",
        ),
        (
            {"every": "typed", "rule": WEEKLY, "ends": "times", "times": "1"},
            "every",
            "Besides its first day this rule names none within two years.",
        ),
        (
            {"every": "month_day", "day_number": str(FIRST.day % 28 + 1)},
            "every",
            "The rule must name the day of this event",
        ),
    ],
)
def test_what_cannot_be_stands_beside_its_field(
    organiser: SignedInClient, event_id: int, asked: dict[str, str], field: str, sentence: str
) -> None:
    page = organiser.get(f"/organise/events/{event_id}/repeat", query_string=asked)
    assert page.status_code == 400
    assert f'<a href="#field-{field}">' in words(page)
    assert words(page).count(sentence) >= 2
    assert "Repeat on these days" not in words(page)


def test_a_rule_that_was_tampered_with_is_refused(organiser: SignedInClient, event_id: int) -> None:
    path = f"/organise/events/{event_id}/repeat"
    assert organiser.post(path, data={"rule": "FREQ=HOURLY"}).status_code == 400
    assert organiser.post(path, data={}).status_code == 400
    assert organiser.post(path, data={"rule": "FREQ=YEARLY;INTERVAL=9"}).status_code == 409


@pytest.mark.parametrize(
    "rule,every",
    [
        ("FREQ=WEEKLY;BYDAY=MO,TH", "week"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "two_weeks"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=4", "month_weekday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "month_weekday"),
        ("FREQ=MONTHLY;BYMONTHDAY=8;UNTIL=20301231", "month_day"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "month_day"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "typed"),
        ("FREQ=MONTHLY;BYDAY=TU", "typed"),
        ("FREQ=MONTHLY;BYDAY=2TU,4TU", "typed"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO", "typed"),
        ("FREQ=DAILY;COUNT=5", "typed"),
    ],
)
def test_a_stored_rule_fills_the_form_and_comes_back_the_same(rule: str, every: str) -> None:
    shown = shown_for(read_rule(rule), FIRST)
    assert shown["every"] == every
    assert RepeatForm().load(shown)["rule"] == read_rule(rule)


def test_a_series_shows_what_became_of_its_events(
    db: Database, organiser: SignedInClient, series_id: int
) -> None:
    made = events_of(db, series_id)
    with db.writing() as session:
        operations.change_event(session, made[1].id, {"title": "A party"}, now=TODAY)
        operations.cancel_event(session, made[2].id, reason="Snow", now=TODAY)
        operations.find_event(session, made[3].id).series_adjusted = True
    page = words(organiser.get(f"/organise/series/{series_id}"))
    for said in (
        "Changed by itself",
        "Cancelled",
        "Its hour does not exist that day",
        "Made later",
    ):
        assert said in page
    assert WEEKLY in page


def test_drafts_of_a_series_are_published_by_one_button(
    db: Database, organiser: SignedInClient
) -> None:
    with db.writing() as session:
        draft = make_draft(session, now=TODAY, group_id=1, shifts=[on(FIRST)])
        series_id = running.start_series(session, draft.id, read_rule(WEEKLY), now=TODAY).id
    assert "Publish 7 drafts" in words(organiser.get(f"/organise/series/{series_id}"))
    assert organiser.post(f"/organise/series/{series_id}/publish").status_code == 303
    assert {event.status for event in events_of(db, series_id)} == {"published"}
    assert "drafts" not in words(organiser.get(f"/organise/series/{series_id}"))


def test_another_rule_shows_what_it_does_and_asks_what_becomes_of_the_rest(
    db: Database, organiser: SignedInClient, series_id: int
) -> None:
    path = f"/organise/series/{series_id}/rule"
    page = organiser.get(path)
    assert page.status_code == 200
    assert f"Now it repeats every {WEEKDAY}." in words(page)
    other = WEEKDAYS[(FIRST.weekday() + 1) % 7]
    begins = FIRST + timedelta(weeks=1)
    asked = {"every": "week", f"on_{other.lower()}": "yes", "ends": "never", "begins": begins}
    looked = words(organiser.get(path, query_string=asked))
    assert "Planned, but not on these days" in looked
    assert series_rules.long_day(begins) in looked
    sent = {"rule": f"FREQ=WEEKLY;BYDAY={other}", "begins": str(begins)}

    unanswered = organiser.post(path, data=sent)
    assert unanswered.status_code == 400
    assert "Choose what becomes of them." in words(unanswered)
    assert "Planned, but not on these days" in words(unanswered)

    chosen = {**sent, "misfits": "cancel", "reason": "The hall is taken."}
    assert organiser.post(path, data=chosen).status_code == 303
    made = {event.series_day: event for event in events_of(db, series_id)}
    assert made[FIRST].status == "published"
    assert made[begins].status == "cancelled"
    assert made[begins].cancel_reason == "The hall is taken."
    assert made[begins + timedelta(days=1)].status == "published"


def test_a_rule_that_all_events_fit_needs_no_answer(
    db: Database, organiser: SignedInClient, series_id: int
) -> None:
    path = f"/organise/series/{series_id}/rule"
    until = FIRST + timedelta(weeks=30)
    sent = {"rule": f"{WEEKLY};UNTIL={until:%Y%m%d}", "begins": str(FIRST)}
    assert organiser.post(path, data=sent).status_code == 303
    assert "until" in words(organiser.get(f"/organise/series/{series_id}"))
    assert {event.status for event in events_of(db, series_id)} == {"published"}


@pytest.mark.parametrize(
    "changed,sentence",
    [
        ({"begins": ""}, "Enter the day from which on this is so."),
        ({"begins": "2001-01-01"}, "The new rule must begin today"),
        ({"every": "month_day", "day_number": ""}, "Choose a day of the month."),
    ],
)
def test_what_is_wrong_with_another_rule_is_said(
    organiser: SignedInClient, series_id: int, changed: dict[str, str], sentence: str
) -> None:
    asked = {"every": "week", "on_mo": "yes", "ends": "never", "begins": str(FIRST), **changed}
    page = organiser.get(f"/organise/series/{series_id}/rule", query_string=asked)
    assert page.status_code == 400
    assert sentence in words(page)


def test_a_series_ends_and_goes_on(db: Database, organiser: SignedInClient, series_id: int) -> None:
    path = f"/organise/series/{series_id}"
    assert "7 are planned already" in words(organiser.get(f"{path}/end"))
    unanswered = organiser.post(f"{path}/end")
    assert unanswered.status_code == 400
    assert "Choose what becomes of the events that are planned." in words(unanswered)

    assert organiser.post(f"{path}/end", data={"events": "keep"}).status_code == 303
    assert "It ended on" in words(organiser.get(path))
    assert organiser.get(f"{path}/rule").status_code == 409
    assert organiser.post(f"{path}/resume").status_code == 303
    assert "It ended on" not in words(organiser.get(path))

    gone = {"events": "cancel", "reason": "No more rooms."}
    assert organiser.post(f"{path}/end", data=gone).status_code == 303
    assert {event.status for event in events_of(db, series_id)} == {"cancelled"}
    assert "It ended together with its events" in words(organiser.get(path))
    assert organiser.post(f"{path}/resume").status_code == 409


def test_viewers_look_and_others_find_nothing(
    app: Flask, db: Database, organiser: SignedInClient, series_id: int
) -> None:
    viewer = signed_in(app, db, (1, "viewer"), organiser_id=2)
    page = viewer.get(f"/organise/series/{series_id}")
    assert page.status_code == 200
    assert "End it" not in words(page)
    assert viewer.get(f"/organise/series/{series_id}/rule").status_code == 403
    with db.writing() as session:
        other_id = make_group(session, name="Others").id
    foreign = signed_in(app, db, (other_id, "owner"), organiser_id=3)
    for path in ("", "/rule", "/end"):
        assert foreign.get(f"/organise/series/{series_id}{path}").status_code == 404
    for path in ("/rule", "/end", "/resume", "/publish"):
        assert foreign.post(f"/organise/series/{series_id}{path}").status_code == 404
    assert organiser.get("/organise/series/4711").status_code == 404


@pytest.mark.parametrize("fate", ["cancelled", "without shifts"])
def test_what_cannot_repeat_says_so(
    db: Database, organiser: SignedInClient, event_id: int, fate: str
) -> None:
    with db.writing() as session:
        if fate == "cancelled":
            operations.cancel_event(session, event_id, reason="", now=TODAY)
        else:
            event_id = make_draft(session, now=TODAY, group_id=1, shifts=[]).id
    page = organiser.get(f"/organise/events/{event_id}/repeat")
    assert page.status_code == 409
    assert ("is cancelled" if fate == "cancelled" else "it has no shift") in words(page)


# Programs.


def test_programs_see_which_day_of_which_series_an_event_is(
    program: FlaskClient, series_id: int
) -> None:
    shown = program.get("/api/events/2").get_json()
    second = FIRST + timedelta(weeks=1)
    assert (shown["series_id"], shown["series_day"]) == (series_id, str(second))


def test_a_change_through_the_api_makes_an_event_stand_apart(
    db: Database, program: FlaskClient, series_id: int
) -> None:
    assert program.patch("/api/events/2", json={"title": "A party"}).status_code == 200
    assert [event.series_changed for event in events_of(db, series_id)][:3] == [False, True, False]


def test_a_group_s_events_name_what_repeats_and_when_next(
    db: Database, organiser: SignedInClient, series_id: int
) -> None:
    page = words(organiser.get("/organise/groups/1/events"))
    assert f'<a href="/organise/series/{series_id}">English</a>' in page
    assert f"Repeats every {WEEKDAY}" in page
    assert f"Next on {series_rules.long_day(FIRST)}" in page

    with db.writing() as session:
        running.end_series(session, series_id, reason="", now=TODAY)
    ended = words(organiser.get("/organise/groups/1/events"))
    assert '<span class="state">Ended</span>' in ended
    assert "Nothing planned" in ended


def test_a_group_s_events_say_nothing_of_others_series(
    db: Database, organiser: SignedInClient, series_id: int
) -> None:
    with db.writing() as session:
        other = make_group(session, name="Others").id
    administrator = signed_in(organiser.application, db)
    page = words(administrator.get(f"/organise/groups/{other}/events"))
    assert f"/organise/series/{series_id}" not in page
