"""What organisers can say of an event, programs can say too."""

from __future__ import annotations

from flask.testing import FlaskClient

from shared.database import Database
from tests.events.making import make_group, typed_event, typed_shift

WORDS = {
    "bring": "A pen",
    "accessibility": "No steps.",
    "mode": "both",
    "online_url": "https://meet.example/1",
    "address_shown": "signed_up",
}
OF_SHIFT = {
    "work": "training",
    "needs": "First aid",
    "lead_name": "Kim Example",
    "lead_email": "kim@fosse.example",
}


def test_an_event_has_all_its_words_in_the_api(program: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        group_id = make_group(session).id
    body = typed_event(group_id=group_id, shifts=[typed_shift(**OF_SHIFT)], **WORDS)
    made = program.post("/api/events", json=body)
    assert made.status_code == 201
    event = made.json
    assert event is not None
    assert {name: event[name] for name in WORDS} == WORDS
    assert {name: event["shifts"][0][name] for name in OF_SHIFT} == OF_SHIFT
    changed = program.patch(f"/api/events/{event['id']}", json={"mode": "online"})
    assert changed.json is not None
    assert (changed.json["mode"], changed.json["bring"]) == ("online", "A pen")


def test_a_link_that_is_none_and_an_unknown_mode_are_refused(
    program: FlaskClient, db: Database
) -> None:
    with db.writing() as session:
        group_id = make_group(session).id
    body = typed_event(group_id=group_id, mode="by post", online_url="javascript:alert(1)")
    answer = program.post("/api/events", json=body)
    assert answer.status_code == 400
    assert answer.json is not None
    assert {error["pointer"] for error in answer.json["errors"]} == {"/mode", "/online_url"}
