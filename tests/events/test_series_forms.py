"""The forms of an event, when it is one of a series: they ask which of its events to change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.events.models import Event, Organiser
from services.events.operations import series as running
from services.events.rules.series_rule import read_rule
from shared import times
from shared.database import Database
from tests.entering import SignedInClient, signed_in
from tests.events.making import make_event, typed_shift

TODAY = datetime.now(UTC)
FIRST = (TODAY + timedelta(days=10)).date()
EVERY_DAY = "FREQ=DAILY;COUNT=4"
SCOPES = [("this", "oxoo"), ("later", "oxxx"), ("all", "xxxx")]


class Form(HTMLParser):
    """What a browser would send of the first form that posts to `action`."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._inside, self._area, self._select = action, False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("action", "").endswith(self._action)
        elif self._inside and tag == "input":
            self._take(given)
        elif self._inside and tag == "textarea":
            self._area = given["name"]
            self.fields[self._area] = ""
        elif self._inside and tag == "select":
            self._select = given["name"]
        elif self._inside and tag == "option":
            self._choose(given)

    def _choose(self, given: dict[str, str]) -> None:
        if "selected" in given or self._select not in self.fields:
            self.fields[self._select] = given.get("value", "")

    def _take(self, given: dict[str, str]) -> None:
        if given.get("type") not in ("radio", "checkbox") or "checked" in given:
            self.fields[given.get("name", "")] = given.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._inside and self._area:
            self.fields[self._area] += data


@pytest.fixture
def series_id(db: Database) -> int:
    """Return a series of four lessons on four days."""
    with db.writing() as session:
        session.add(Organiser(email="robin@fosse.example", name="Robin Example", created_at=TODAY))
        typed = typed_shift(starts_at=f"{FIRST}T18:00", ends_at=f"{FIRST}T19:30")
        event = make_event(session, now=TODAY, shifts=[typed], title="English", kind="lesson")
        return running.start_series(session, event.id, read_rule(EVERY_DAY), now=TODAY).id


@pytest.fixture
def organiser(app: Flask, db: Database, series_id: int) -> SignedInClient:
    return signed_in(app, db, (1, "organiser"))


def events_of(db: Database, series_id: int) -> list[Event]:
    with db.reading() as session:
        found = list(reversed(running.list_series_events(session, series_id)))
        assert all(event.shifts for event in found)
        session.expunge_all()
    return found


def send(browser: FlaskClient, page: str, changed: dict[str, str]) -> None:
    """Fill in the form of a page as somebody who changes only these fields."""
    shown = browser.get(page)
    assert "Change which of these events?" in shown.text
    fields = Form(shown.text, page).fields
    missing = changed.keys() - fields.keys() - {"which"}
    assert not missing, (missing, fields)
    answer = browser.post(page, data={**fields, **changed})
    assert answer.status_code == 303, answer.text


def hours(event: Event) -> str:
    shift = event.shifts[0]
    return f"{times.clock(shift.starts_at, shift.zone)}-{times.clock(shift.ends_at, shift.zone)}"


@pytest.mark.parametrize("which,reached", SCOPES)
def test_words_change_as_far_as_was_chosen(
    db: Database, organiser: SignedInClient, series_id: int, which: str, reached: str
) -> None:
    send(organiser, "/organise/events/2/details", {"title": "French", "which": which})
    titles = [event.title for event in events_of(db, series_id)]
    assert "".join("x" if title == "French" else "o" for title in titles) == reached


@pytest.mark.parametrize("which,reached", SCOPES)
def test_a_shift_changes_as_far_as_was_chosen(
    db: Database, organiser: SignedInClient, series_id: int, which: str, reached: str
) -> None:
    page = "/organise/events/2/shifts/2"
    send(organiser, page, {"place": "Town hall", "which": which})
    places = [event.shifts[0].place for event in events_of(db, series_id)]
    assert "".join("x" if place == "Town hall" else "o" for place in places) == reached


@pytest.mark.parametrize("which,reached", SCOPES)
def test_all_days_move_as_far_as_was_chosen(
    db: Database, organiser: SignedInClient, series_id: int, which: str, reached: str
) -> None:
    send(organiser, "/organise/events/2/move", {"minutes": "60", "which": which})
    moved = [hours(event) == "19:00-20:30" for event in events_of(db, series_id)]
    assert "".join("x" if one else "o" for one in moved) == reached


def test_the_first_choice_is_to_change_only_this_one(
    organiser: SignedInClient, series_id: int
) -> None:
    page = "/organise/events/2/details"
    assert Form(organiser.get(page).text, page).fields["which"] == "this"


def test_an_event_without_a_series_is_not_asked_about(
    db: Database, organiser: SignedInClient
) -> None:
    with db.writing() as session:
        hours = {"starts_at": f"{FIRST}T10:00", "ends_at": f"{FIRST}T12:00"}
        alone = make_event(session, now=TODAY, group_id=1, shifts=[typed_shift(**hours)])
    page = organiser.get(f"/organise/events/{alone.id}/details")
    assert "Change which of these events?" not in page.text


def test_the_public_page_says_how_often_until_the_series_ends(
    db: Database, visitor: FlaskClient, series_id: int
) -> None:
    assert "Every day, four times" in visitor.get("/events/2").text
    with db.writing() as session:
        running.end_series(session, series_id, reason=None, now=TODAY)
    assert "Every day" not in visitor.get("/events/2").text


@pytest.mark.parametrize("which,reached", SCOPES)
def test_the_grid_changes_as_far_as_was_chosen(
    db: Database, organiser: SignedInClient, series_id: int, which: str, reached: str
) -> None:
    changed = {"row-0-starts": "17:15", "cell-0-0": "25", "which": which}
    send(organiser, "/organise/events/2/shifts", changed)
    made = events_of(db, series_id)
    changed_ones = [(hours(e), e.shifts[0].capacity) == ("17:15-19:30", 25) for e in made]
    assert "".join("x" if one else "o" for one in changed_ones) == reached
