"""When those with a place are reminded: chosen on one page, told with the event."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from services.events.models import Event, Organiser
from services.events.operations import copy_event, create_event
from services.events.rules import reminders as rules
from services.events.schemas.events import EventChanges, EventSchema
from shared.database import Database
from shared.messages import EventChanged, ReminderFacts
from shared.messages.from_events import USUAL_REMINDERS
from tests.entering import SignedInClient, signed_in
from tests.events.making import NOW, forget_told, make_event, make_group, told, typed_shift

WHEN = {"when-1": "1", "at-1": "18:00", "when-2": "0", "at-2": "08:00", "when-3": "", "at-3": ""}
"""The page as it stands for an event that reminds as usual."""


@pytest.fixture
def organiser(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of somebody who plans in group 1."""
    with db.writing() as session:
        make_group(session)
        session.add(Organiser(id=1, email="robin@fosse.example", name="Robin", created_at=NOW))
        far = typed_shift(starts_at="2031-05-03T10:00", ends_at="2031-05-03T12:00")
        make_event(session, now=db.now(session), group_id=1, shifts=[far])
        forget_told(session)
    return signed_in(app, db, (1, "organiser"))


@pytest.fixture
def save(organiser: SignedInClient) -> Callable[..., Any]:
    """Return a function that sends the page as it is shown, with a few fields changed."""

    def save(**changes: str) -> Any:
        page = organiser.get("/organise/events/1/reminders").text
        seen = unescape(re.findall(r'name="seen" value="([^"]*)"', page)[0])
        fields = {name.replace("_", "-"): text for name, text in changes.items()}
        return organiser.post("/organise/events/1/reminders", data={"seen": seen, **WHEN, **fields})

    return save


def stored(db: Database) -> list[dict[str, Any]]:
    with db.reading() as session:
        return session.get_one(Event, 1).reminders


def test_an_event_reminds_the_day_before_and_on_the_day_unless_told_otherwise(
    organiser: SignedInClient, db: Database
) -> None:
    assert stored(db) == rules.usual()
    assert tuple(ReminderFacts(**rule) for rule in rules.USUAL) == USUAL_REMINDERS
    page = organiser.get("/organise/events/1/reminders").text
    assert '<option value="1" selected>The day before</option>' in page
    assert 'name="at-2" value="08:00"' in page
    assert "the day before at 18:00; on the day at 08:00" in page


def test_what_is_chosen_is_stored_and_told(save: Callable[..., Any], db: Database) -> None:
    assert save(when_1="3", at_1="19:30", when_3="120m").status_code == 303
    assert stored(db) == [rules.on_day(3, "19:30"), rules.on_day(0, "08:00"), rules.ahead(120)]
    with db.reading() as session:
        (message,) = told(session)
    assert isinstance(message, EventChanged)
    assert message.event.reminders[0] == ReminderFacts(days_before=3, at="19:30")
    assert message.event.reminders[2] == ReminderFacts(minutes_before=120)


def test_reminders_can_be_turned_off(
    save: Callable[..., Any], organiser: SignedInClient, db: Database
) -> None:
    assert save(when_1="", when_2="").status_code == 303
    assert stored(db) == []
    assert "Reminders (none)" in organiser.get("/organise/events/1").text


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"at_1": ""}, "at-1"),
        ({"at_1": "07:59"}, "at-1"),
        ({"at_1": "20:31"}, "at-1"),
        ({"at_1": "evening"}, "at-1"),
        ({"when_1": "99"}, "when-1"),
        ({"when_1": "²"}, "when-1"),
        ({"when_2": "1", "at_2": "18:00"}, "when-2"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    save: Callable[..., Any], db: Database, changes: dict[str, str], field: str
) -> None:
    answer = save(**changes)
    assert answer.status_code == 400
    assert f'href="#field-{field}"' in answer.text
    assert stored(db) == rules.usual()


def test_who_saves_what_somebody_else_changed_meanwhile_is_told(
    save: Callable[..., Any], db: Database
) -> None:
    answer = save(seen="{}", when_1="7")
    assert answer.status_code == 409
    assert "Somebody else changed the reminders meanwhile." in answer.text
    assert stored(db) == rules.usual()


def test_a_rule_of_another_program_is_shown_and_can_stay(
    save: Callable[..., Any], organiser: SignedInClient, db: Database
) -> None:
    with db.writing() as session:
        session.get_one(Event, 1).reminders = [rules.on_day(5, "12:00"), rules.ahead(45)]
    page = organiser.get("/organise/events/1/reminders").text
    assert '<option value="5" selected>5 days before</option>' in page
    assert '<option value="45m" selected>45 minutes before</option>' in page
    assert save(when_1="5", at_1="12:00", when_2="45m").status_code == 303
    assert stored(db) == [rules.on_day(5, "12:00"), rules.ahead(45)]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"days_before": 1},
        {"at": "18:00"},
        {"days_before": 1, "at": "18:00", "minutes_before": 60},
        {"days_before": 15, "at": "18:00"},
        {"days_before": 1, "at": "21:00"},
        {"minutes_before": 10},
        {"minutes_before": 4321},
    ],
)
def test_a_program_cannot_make_a_rule_that_means_nothing(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EventChanges().load({"reminders": [rule]})


def test_a_program_gives_up_to_three_rules_none_of_them_twice() -> None:
    rule = {"days_before": 1, "at": "18:00"}
    assert EventChanges().load({"reminders": [rule, {"minutes_before": 60}]})["reminders"] == [
        rules.on_day(1, "18:00"),
        rules.ahead(60),
    ]
    with pytest.raises(ValidationError, match="already"):
        EventChanges().load({"reminders": [rule, rule]})
    with pytest.raises(ValidationError, match="3 reminders"):
        EventChanges().load({"reminders": [{"minutes_before": 60 + n} for n in range(4)]})
    assert "reminders" not in EventChanges().load({})


def test_a_copy_reminds_as_its_pattern_does(db: Database) -> None:
    with db.writing() as session:
        make_group(session)
        far = typed_shift(starts_at="2031-05-03T10:00", ends_at="2031-05-03T12:00")
        pattern = make_event(session, group_id=1, shifts=[far], reminders=[rules.ahead(60)])
        day = pattern.shifts[0].day.replace(month=6)
        copied = copy_event(session, pattern.id, first_day=day, now=NOW)
        assert copied.reminders == [rules.ahead(60)]


def test_a_new_event_of_a_program_begins_as_usual(db: Database) -> None:
    typed = {"group_id": 1, "kind": "training", "title": "Ladders", "shifts": []}
    with db.writing() as session:
        make_group(session)
        event = create_event(session, EventSchema().load(typed), now=NOW)
        assert event.reminders == rules.usual()
