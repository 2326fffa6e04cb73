"""The grid of shifts in the browser: added to, changed, emptied, and saved in one post."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from services.events.models import Event, Organiser, Shift
from shared.database import Database
from shared.messages import EventChanged
from tests.entering import SignedInClient, signed_in
from tests.events.making import (
    NOW,
    forget_told,
    make_draft,
    make_event,
    make_group,
    told,
    typed_shift,
)

FAR = "2031-05-03"
Fields = dict[str, str]


@pytest.fixture
def organiser(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of somebody who plans in group 1."""
    with db.writing() as session:
        make_group(session)
        session.add(Organiser(id=1, email="robin@fosse.example", name="Robin", created_at=NOW))
    return signed_in(app, db, (1, "organiser"))


@pytest.fixture
def make(db: Database) -> Callable[..., int]:
    """Return a function that makes a draft, or with `published` an event, of group 1."""

    def make(*shifts: dict[str, Any], published: bool = False, **typed: Any) -> int:
        ready = [
            typed_shift(starts_at=f"{FAR}T10:00", ends_at=f"{FAR}T12:00") | shift
            for shift in shifts
        ]
        with db.writing() as session:
            now = db.now(session)
            maker = make_event if published else make_draft
            event_id = maker(session, now=now, group_id=1, shifts=ready, **typed).id
            forget_told(session)
            return event_id

    return make


def fields_of(page: str) -> Fields:
    """Return what a browser without JavaScript would send of the grid's form."""
    form = page[page.index('class="grid-form"') :]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") != "checkbox":
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        found[name] = (chosen or re.findall(r'<option value="([^"]*)"', options))[0]
    return found


def opened(organiser: SignedInClient, event_id: int) -> Fields:
    page = organiser.get(f"/organise/events/{event_id}/shifts")
    assert page.status_code == 200
    return fields_of(page.text)


def press(organiser: SignedInClient, event_id: int, fields: Fields, button: str) -> Fields:
    answer = organiser.post(f"/organise/events/{event_id}/shifts", data={**fields, "do": button})
    assert answer.status_code == 200
    return fields_of(answer.text)


def save(organiser: SignedInClient, event_id: int, fields: Fields, **more: Any) -> Any:
    return organiser.post(
        f"/organise/events/{event_id}/shifts", data={**fields, "do": "save", **more}
    )


def stored(db: Database, event_id: int) -> list[tuple[str, str, int | None, bool]]:
    with db.reading() as session:
        shifts = session.scalars(
            select(Shift).where(Shift.event_id == event_id).order_by(Shift.starts_at, Shift.id)
        )
        return [(s.place, f"{s.starts_at:%H:%M}", s.capacity, s.cancelled) for s in shifts]


def test_an_empty_draft_begins_with_the_hours_of_its_kind(
    organiser: SignedInClient, make: Callable[..., int]
) -> None:
    fields = opened(organiser, make(kind="action_day"))
    assert (fields["rows"], fields["columns"]) == ("2", "1")
    assert (fields["row-0-starts"], fields["row-1-ends"]) == ("10:00", "15:00")
    assert fields["cell-0-0"] == "12"


def test_six_places_times_four_hours_are_saved_in_one_post_and_told_once(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, published=True)
    fields = opened(organiser, event_id)
    for _ in range(5):
        fields = press(organiser, event_id, fields, "add-column")
    for _ in range(3):
        fields = press(organiser, event_id, fields, "add-row")
    for column in range(6):
        fields[f"column-{column}-place"] = f"Square {column}"
        fields[f"column-{column}-constituency"] = f"Anytown {column}"
    assert fields["row-3-starts"] == "16:00"
    answer = save(organiser, event_id, fields)
    assert answer.status_code == 303
    assert len(stored(db, event_id)) == 24
    assert {capacity for _, _, capacity, _ in stored(db, event_id)} == {10}
    with db.writing() as session:
        (message,) = told(session)
        assert isinstance(message, EventChanged)
        assert len(message.event.shifts) == 24


def test_a_changed_cell_changes_its_shift_only(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"})
    fields = opened(organiser, event_id)
    assert save(organiser, event_id, {**fields, "cell-0-1": "No limit"}).status_code == 303
    assert stored(db, event_id) == [
        ("Castle Square", "09:00", 10, False),
        ("Hall", "09:00", None, False),
    ]


def test_an_emptied_cell_of_a_draft_is_gone(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"})
    fields = opened(organiser, event_id)
    save(organiser, event_id, {**fields, "cell-0-0": ""})
    assert [place for place, *_ in stored(db, event_id)] == ["Hall"]


def test_an_emptied_cell_of_a_published_event_is_cancelled(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"}, published=True)
    fields = opened(organiser, event_id)
    assert save(organiser, event_id, {**fields, "cell-0-0": ""}).status_code == 303
    assert [cancelled for *_, cancelled in stored(db, event_id)] == [True, False]
    assert "Castle Square" in organiser.get(f"/organise/events/{event_id}/shifts").text


def test_a_shift_that_people_signed_up_for_is_cancelled_only_when_it_is_said_twice(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"}, published=True)
    with db.writing() as session:
        shift = session.get_one(Event, event_id).shifts[0]
        shift.taken, shift_id = 4, shift.id
    fields = {**opened(organiser, event_id), "cell-0-0": ""}
    asked = save(organiser, event_id, fields)
    assert asked.status_code == 400
    assert "4 coming" in asked.text
    assert [cancelled for *_, cancelled in stored(db, event_id)] == [False, False]
    assert save(organiser, event_id, fields, confirmed=str(shift_id)).status_code == 303
    assert [cancelled for *_, cancelled in stored(db, event_id)] == [True, False]


def test_a_renamed_place_and_moved_hours_reach_all_their_shifts(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"})
    fields = opened(organiser, event_id)
    fields |= {"column-1-place": "Market", "row-0-starts": "11:00", "row-0-ends": "13:30"}
    save(organiser, event_id, fields)
    assert [(place, start) for place, start, *_ in stored(db, event_id)] == [
        ("Castle Square", "10:00"),
        ("Market", "10:00"),
    ]


def test_a_shift_with_hours_of_its_own_stays_in_its_row_and_moves_with_it(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    own = {"place": "Yard", "starts_at": f"{FAR}T10:15", "ends_at": f"{FAR}T12:15"}
    event_id = make({}, {"place": "Hall"}, own)
    fields = opened(organiser, event_id)
    assert (fields["rows"], fields["columns"]) == ("1", "3")
    save(organiser, event_id, {**fields, "row-0-starts": "11:00", "row-0-ends": "13:00"})
    assert [(place, start) for place, start, *_ in stored(db, event_id)] == [
        ("Castle Square", "10:00"),
        ("Hall", "10:00"),
        ("Yard", "10:15"),
    ]


def test_many_cells_are_filled_at_once_and_nothing_is_saved_by_it(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"})
    fields = opened(organiser, event_id)
    fields = press(organiser, event_id, {**fields, "where": "column-1", "places": "25"}, "fill")
    assert (fields["cell-0-0"], fields["cell-0-1"]) == ("10", "25")
    assert [capacity for _, _, capacity, _ in stored(db, event_id)] == [10, 10]


def test_all_times_move_by_minutes(organiser: SignedInClient, make: Callable[..., int]) -> None:
    event_id = make({}, {"starts_at": f"{FAR}T14:00", "ends_at": f"{FAR}T15:00"})
    fields = opened(organiser, event_id)
    fields = press(organiser, event_id, {**fields, "where": "all", "minutes": "-30"}, "shift")
    assert [fields[f"row-{row}-starts"] for row in (0, 1)] == ["09:30", "13:30"]


def test_a_new_column_can_be_taken_out_again(
    organiser: SignedInClient, make: Callable[..., int]
) -> None:
    event_id = make({})
    fields = press(organiser, event_id, opened(organiser, event_id), "add-column")
    fields = press(organiser, event_id, fields, "add-column")
    fields["column-2-place"] = "Hall"
    fields = press(organiser, event_id, fields, "remove-column-1")
    assert (fields["columns"], fields["column-1-place"]) == ("2", "Hall")
    fields = press(organiser, event_id, fields, "remove-column-0")
    assert (fields["columns"], fields["cell-0-0"], fields["cell-0-1"]) == ("2", "", "10")


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"cell-0-0": "many"}, "Type how many can come"),
        ({"cell-0-0": "0"}, "Type how many can come"),
        ({"row-0-day": "soon"}, "Give the day as a date."),
        ({"row-0-starts": ""}, "Give the start."),
        ({"row-0-ends": "09:00"}, "A shift must end after it starts."),
        ({"row-0-day": "2027-03-28", "row-0-starts": "01:30"}, "The clocks go forward then"),
        ({"row-0-day": "2020-03-28"}, "A shift of a published event must lie in the future."),
        ({"column-0-place": ""}, "Say where people meet."),
        ({"column-0-place": "x" * 201}, "This is too long"),
    ],
)
def test_each_problem_stands_beside_its_field_and_in_the_summary(
    organiser: SignedInClient, make: Callable[..., int], wrong: Fields, sentence: str
) -> None:
    event_id = make({}, published=True)
    answer = save(organiser, event_id, {**opened(organiser, event_id), **wrong})
    assert answer.status_code == 400
    assert answer.text.count(sentence) == 2


def test_a_place_without_any_shift_is_not_lost_silently(
    organiser: SignedInClient, make: Callable[..., int]
) -> None:
    event_id = make({})
    fields = press(organiser, event_id, opened(organiser, event_id), "add-column")
    fields |= {"column-1-place": "Hall", "cell-0-1": ""}
    answer = save(organiser, event_id, fields)
    assert "Say for at least one time how many can come here." in answer.text


def test_two_columns_are_two_places(organiser: SignedInClient, make: Callable[..., int]) -> None:
    event_id = make({"place": "Hall", "address": "", "postcode": "", "constituency": ""})
    fields = press(organiser, event_id, opened(organiser, event_id), "add-column")
    answer = save(organiser, event_id, {**fields, "column-1-place": "Hall"})
    assert answer.status_code == 400
    assert answer.text.count("Another column has the same meeting point.") == 2
    assert save(organiser, event_id, fields).status_code == 303


def test_two_organisers_in_one_grid_are_combined(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"})
    mine = theirs = opened(organiser, event_id)
    save(organiser, event_id, {**theirs, "cell-0-0": "20", "column-1-place": "Great Hall"})
    assert save(organiser, event_id, {**mine, "cell-0-1": "7"}).status_code == 303
    assert stored(db, event_id) == [
        ("Castle Square", "09:00", 20, False),
        ("Great Hall", "09:00", 7, False),
    ]


def test_what_both_organisers_changed_is_shown_before_it_is_overwritten(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"})
    mine = theirs = opened(organiser, event_id)
    save(organiser, event_id, {**theirs, "cell-0-0": "20", "column-1-place": "Great Hall"})
    answer = save(organiser, event_id, {**mine, "cell-0-0": "7", "cell-0-1": "8"})
    assert answer.status_code == 400
    assert "Somebody else saved this: 20 at Castle Square" in answer.text
    again = fields_of(answer.text)
    assert (again["cell-0-0"], again["cell-0-1"]) == ("7", "8")
    assert again["column-1-place"] == "Great Hall"
    assert save(organiser, event_id, again).status_code == 303
    assert stored(db, event_id) == [
        ("Castle Square", "09:00", 7, False),
        ("Great Hall", "09:00", 8, False),
    ]


def test_a_shift_that_somebody_else_took_out_can_be_put_back(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, {"place": "Hall"})
    mine = theirs = opened(organiser, event_id)
    save(organiser, event_id, {**theirs, "cell-0-0": ""})
    answer = save(organiser, event_id, {**mine, "cell-0-0": "7"})
    assert "Somebody else took this shift out." in answer.text
    assert save(organiser, event_id, fields_of(answer.text)).status_code == 303
    assert sorted(stored(db, event_id)) == [
        ("Castle Square", "09:00", 7, False),
        ("Hall", "09:00", 10, False),
    ]


def test_a_grid_that_lost_its_memory_is_shown_afresh(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({})
    answer = save(organiser, event_id, {**opened(organiser, event_id), "seen": "?"})
    assert answer.status_code == 400
    assert "too old to be saved" in answer.text


def test_a_full_grid_fits_into_one_request(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    shifts = [
        {
            "place": f"Square number {column} of the town",
            "address": "By the fountain in the middle of the square",
            "constituency": "Burton and Uttoxeter",
            "starts_at": f"2031-05-{1 + row:02}T10:00",
            "ends_at": f"2031-05-{1 + row:02}T12:00",
        }
        for row in range(20)
        for column in range(10)
    ]
    event_id = make(*shifts)
    fields = opened(organiser, event_id)
    assert save(organiser, event_id, {**fields, "cell-0-0": "3"}).status_code == 303
    assert len(stored(db, event_id)) == 200


def test_lowering_the_capacity_says_how_many_are_over(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({}, published=True)
    with db.writing() as session:
        session.get_one(Event, event_id).shifts[0].taken = 8
    fields = opened(organiser, event_id)
    assert save(organiser, event_id, {**fields, "cell-0-0": "5"}).status_code == 303
    assert "over by 3" in organiser.get(f"/organise/events/{event_id}/shifts").text
    assert "over by 3" in organiser.get(f"/organise/events/{event_id}").text


def test_a_shift_s_own_page_changes_hours_work_and_lead(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({})
    with db.reading() as session:
        shift_id = session.get_one(Event, event_id).shifts[0].id
    path = f"/organise/events/{event_id}/shifts/{shift_id}"
    page = organiser.get(path).text
    seen = unescape(re.findall(r'name="seen" value="([^"]*)"', page)[0])
    form = {
        "seen": seen,
        "place": "Castle Square",
        "address": "By the castle gate",
        "postcode": "LN1 3AA",
        "constituency": "Lincoln",
        "starts_at": f"{FAR}T10:15",
        "ends_at": f"{FAR}T12:30",
        "capacity": "no limit",
        "work": "training",
        "needs": "First aid",
        "lead_name": "Kim Example",
        "lead_email": "kim@fosse.example",
    }
    assert organiser.post(path, data=form).status_code == 303
    with db.reading() as session:
        shift = session.get_one(Shift, shift_id)
        assert f"{shift.starts_at:%H:%M}" == "09:15"
        assert (shift.capacity, shift.work, shift.needs) == (None, "training", "First aid")
        assert (shift.lead_name, shift.lead_email) == ("Kim Example", "kim@fosse.example")
    both = organiser.post(path, data={**form, "lead_name": "Alex Example"})
    assert both.status_code == 400
    assert "They wrote:" in both.text
    assert "Kim Example" in both.text


def test_conversations_are_reported_once_a_shift_has_begun(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make({})
    with db.reading() as session:
        shift_id = session.get_one(Event, event_id).shifts[0].id
    path = f"/organise/events/{event_id}/shifts/{shift_id}/conversations"
    assert organiser.post(path, data={"conversations": "30"}).status_code == 409
    past = make(
        {"starts_at": "2026-05-02T10:00", "ends_at": "2026-05-02T12:00"},
    )
    with db.reading() as session:
        shift_id = session.get_one(Event, past).shifts[0].id
    path = f"/organise/events/{past}/shifts/{shift_id}/conversations"
    assert organiser.post(path, data={"conversations": "many"}).status_code == 400
    assert organiser.post(path, data={"conversations": "30"}).status_code == 303
    with db.reading() as session:
        assert session.get_one(Shift, shift_id).conversations == 30


@pytest.mark.parametrize("path", ["shifts", "shifts/1"])
def test_other_groups_shifts_are_not_there(
    app: Flask, db: Database, organiser: SignedInClient, make: Callable[..., int], path: str
) -> None:
    event_id = make({})
    foreign = signed_in(app, db, (99, "owner"), organiser_id=2)
    assert foreign.get(f"/organise/events/{event_id}/{path}").status_code == 404
    assert foreign.post(f"/organise/events/{event_id}/{path}", data={}).status_code == 404
    assert organiser.get(f"/organise/events/{event_id}/shifts/4711").status_code == 404
