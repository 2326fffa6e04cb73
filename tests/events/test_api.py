"""What programs can do, through the web application on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.database import Database
from tests.entering import TOKEN
from tests.events.making import told, typed_event, typed_group, typed_shift

AHEAD = {"starts_at": "2090-12-05T10:00", "ends_at": "2090-12-05T12:00"}
EVERY_PATH = [
    ("GET", "/api/groups"),
    ("POST", "/api/groups"),
    ("GET", "/api/groups/1"),
    ("PATCH", "/api/groups/1"),
    ("GET", "/api/events"),
    ("POST", "/api/events"),
    ("GET", "/api/events/1"),
    ("PATCH", "/api/events/1"),
    ("POST", "/api/events/1/publish"),
    ("POST", "/api/events/1/cancel"),
    ("POST", "/api/events/1/shifts"),
    ("PATCH", "/api/events/1/shifts/1"),
    ("POST", "/api/events/1/shifts/1/cancel"),
]


def made(answer: TestResponse, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    return dict(answer.json)


def draft(program: FlaskClient, **typed: Any) -> dict[str, Any]:
    group = made(program.post("/api/groups", json=typed_group()))
    body = typed_event(group_id=group["id"], **{"shifts": [typed_shift(**AHEAD)], **typed})
    return made(program.post("/api/events", json=body))


def published(program: FlaskClient, **typed: Any) -> dict[str, Any]:
    event = draft(program, **typed)
    return made(program.post(f"/api/events/{event['id']}/publish"), 200)


def problems(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    return {error["pointer"]: error["detail"] for error in answer.json["errors"]}


def refusal(answer: TestResponse) -> str:
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    return str(answer.json["detail"])


@pytest.mark.parametrize("method, path", EVERY_PATH)
def test_nothing_is_answered_without_the_token(
    stranger: FlaskClient, method: str, path: str
) -> None:
    answer = stranger.open(path, method=method, json={})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_a_wrong_token_is_no_token(stranger: FlaskClient) -> None:
    answer = stranger.get("/api/events", headers={"Authorization": f"Bearer {TOKEN}x"})
    assert answer.status_code == 401


def test_the_paths_of_these_tests_are_all_there_are(careless: FlaskClient) -> None:
    served = {
        (method, rule.rule.replace("<int:", "").replace(">", ""))
        for rule in careless.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and not rule.rule.endswith(".json")
    }
    names = {
        "groups/1": "groups/group_id",
        "events/1": "events/event_id",
        "shifts/1": "shifts/shift_id",
    }
    tested = set()
    for method, path in EVERY_PATH:
        for number, name in names.items():
            path = path.replace(number, name)
        tested.add((method, path))
    assert served == tested


def test_a_group_can_be_made_seen_changed_and_listed(program: FlaskClient) -> None:
    group = made(program.post("/api/groups", json=typed_group()))
    assert group["signup_notices"] == "at_once"
    changed = program.patch(f"/api/groups/{group['id']}", json={"signup_notices": "daily"})
    assert made(changed, 200)["name"] == "Fosse Neighbours"
    assert made(program.get(f"/api/groups/{group['id']}"), 200)["signup_notices"] == "daily"
    assert [g["id"] for g in made(program.get("/api/groups"), 200)["groups"]] == [group["id"]]


def test_an_event_is_made_as_a_draft_with_its_shifts(program: FlaskClient) -> None:
    event = draft(program)
    assert event["status"] == "draft"
    assert event["published_at"] is None
    (shift,) = event["shifts"]
    assert shift["starts_at"] == "2090-12-05T10:00:00+00:00"
    assert shift["closes_at"] == shift["starts_at"]
    assert (shift["zone"], shift["capacity"], shift["taken"]) == ("Europe/London", 10, 0)
    assert made(program.get(f"/api/events/{event['id']}"), 200) == event


def test_a_summer_time_is_read_as_local_and_answered_in_utc(program: FlaskClient) -> None:
    shift = typed_shift(starts_at="2090-07-01T10:00", ends_at="2090-07-01T12:00")
    event = draft(program, shifts=[shift])
    assert event["shifts"][0]["starts_at"] == "2090-07-01T09:00:00+00:00"


def test_publishing_makes_an_event_public_and_tells_of_it(
    program: FlaskClient, visitor: FlaskClient, db: Database
) -> None:
    event = published(program)
    assert event["status"] == "published"
    assert visitor.get(f"/events/{event['id']}").status_code == 200
    with db.reading() as session:
        assert [m.NAME for m in told(session)] == ["group.changed.v1", "event.published.v1"]


def test_an_event_without_a_shift_cannot_be_published(program: FlaskClient, db: Database) -> None:
    event = draft(program, shifts=[])
    answer = program.post(f"/api/events/{event['id']}/publish")
    assert refusal(answer) == "This event cannot be published yet: it has no shift."
    with db.reading() as session:
        assert [m.NAME for m in told(session)] == ["group.changed.v1"]


def test_cancelling_twice_is_refused_with_a_sentence(program: FlaskClient) -> None:
    event = published(program)
    path = f"/api/events/{event['id']}/cancel"
    cancelled = made(program.post(path, json={"reason": "A storm"}), 200)
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "A storm")
    assert refusal(program.post(path)) == "This event was already cancelled."


def test_a_change_names_only_what_changes(program: FlaskClient) -> None:
    event = published(program)
    changed = made(program.patch(f"/api/events/{event['id']}", json={"title": "Renamed"}), 200)
    assert changed["revision"] > event["revision"]
    assert changed == {**event, "title": "Renamed", "revision": changed["revision"]}
    unchanged = made(program.patch(f"/api/events/{event['id']}", json={}), 200)
    assert unchanged == changed


def test_a_question_is_changed_as_a_whole(program: FlaskClient) -> None:
    event = published(program)
    asked = [{"label": "What do you eat?"}]
    changed = made(program.patch(f"/api/events/{event['id']}", json={"questions": asked}), 200)
    (question,) = changed["questions"]
    assert (question["kind"], question["required"], question["options"]) == ("text", False, [])
    answer = program.patch(f"/api/events/{event['id']}", json={"questions": [{"help": "?"}]})
    assert answer.status_code == 400
    assert "Write down the question" in answer.text


def test_a_shift_can_be_added_changed_and_cancelled(program: FlaskClient) -> None:
    event = published(program)
    path = f"/api/events/{event['id']}/shifts"
    shift = made(program.post(path, json=typed_shift(**AHEAD, place="Hall", capacity=None)))
    assert (shift["event_id"], shift["capacity"]) == (event["id"], None)
    changed = program.patch(f"{path}/{shift['id']}", json={"starts_at": "2090-12-05T11:00"})
    assert made(changed, 200)["starts_at"] == "2090-12-05T11:00:00+00:00"
    cancelled = made(program.post(f"{path}/{shift['id']}/cancel"), 200)
    assert cancelled["cancelled"] is True
    sentence = refusal(program.post(f"{path}/{shift['id']}/cancel"))
    assert sentence == "This shift was already cancelled."


def test_a_change_that_the_stored_shift_forbids_is_refused(program: FlaskClient) -> None:
    event = published(program)
    path = f"/api/events/{event['id']}/shifts/{event['shifts'][0]['id']}"
    answer = program.patch(path, json={"ends_at": "2090-12-05T09:00"})
    assert refusal(answer) == "A shift must end after it starts."


def test_every_problem_of_an_event_is_named(careless: FlaskClient) -> None:
    body = {
        "group_id": "one",
        "kind": "party",
        "title": " ",
        "contact_email": "nobody",
        "colour": "blue",
        "shifts": [
            typed_shift(capacity=0, zone="Europe/Mercia"),
            typed_shift(starts_at="2027-03-28T01:30", place="", ends_at="2027-03-28T03:00"),
            typed_shift(ends_at="2026-12-05T09:00", sponsor="x"),
            typed_shift(closes_at="2026-12-05T11:00"),
            typed_shift(starts_at="soon", ends_at=7),
        ],
    }
    assert set(problems(careless.post("/api/events", json=body))) == {
        *("/group_id", "/kind", "/title", "/contact_email", "/colour"),
        *("/shifts/0/capacity", "/shifts/0/zone"),
        *("/shifts/1/starts_at", "/shifts/1/place"),
        *("/shifts/2/ends_at", "/shifts/2/sponsor"),
        "/shifts/3/closes_at",
        *("/shifts/4/starts_at", "/shifts/4/ends_at"),
    }


def test_an_hour_that_the_clocks_skip_is_named_with_the_reason(careless: FlaskClient) -> None:
    shift = typed_shift(starts_at="2027-03-28T01:30", ends_at="2027-03-28T03:00")
    answer = careless.post("/api/events", json=typed_event(shifts=[shift]))
    assert "clocks go forward" in problems(answer)["/shifts/0/starts_at"]


def test_every_problem_of_a_group_is_named(careless: FlaskClient) -> None:
    body = {"contact_email": "x", "privacy_url": "javascript:alert(1)", "signup_notices": "never"}
    assert set(problems(careless.post("/api/groups", json=body))) == {
        *("/name", "/contact_name", "/contact_email", "/privacy_url", "/signup_notices"),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": None},
        {"title": "a\x00b"},
        {"title": "\ud800"},
        {"status": "published"},
        {"shifts": []},
        {"group_id": 2},
        {"contact_email": None},
        {"description": "x" * 10_001},
        {"kind": 3},
    ],
)
def test_a_change_that_cannot_be_is_refused(program: FlaskClient, changes: dict[str, Any]) -> None:
    event = draft(program)
    (pointer,) = problems(program.patch(f"/api/events/{event['id']}", json=changes))
    assert pointer == f"/{next(iter(changes))}"


@pytest.mark.parametrize("capacity", [0, -1, 1.5, "ten", 100_001, 2**40, True])
def test_a_capacity_that_cannot_be_is_refused(program: FlaskClient, capacity: object) -> None:
    event = draft(program)
    answer = program.post(f"/api/events/{event['id']}/shifts", json=typed_shift(capacity=capacity))
    assert set(problems(answer)) == {"/capacity"}


@pytest.mark.parametrize(
    "query", ["after=-1", "after=99999999999999999999", "limit=0", "limit=201", "status=lost"]
)
def test_a_list_that_cannot_be_is_refused(careless: FlaskClient, query: str) -> None:
    (pointer,) = problems(careless.get(f"/api/events?{query}"))
    assert pointer == "/" + query.partition("=")[0]


def test_a_list_can_be_narrowed_and_goes_on(program: FlaskClient) -> None:
    first, second = draft(program), published(program, kind="training")
    found = made(program.get("/api/events?limit=1"), 200)["events"]
    assert [event["id"] for event in found] == [first["id"]]
    for query in (
        f"after={first['id']}",
        "status=published",
        "kind=training",
        f"group_id={second['group_id']}",
    ):
        found = made(program.get(f"/api/events?{query}"), 200)["events"]
        assert [event["id"] for event in found] == [second["id"]]


def test_an_event_of_an_unknown_group_is_404(careless: FlaskClient) -> None:
    assert careless.post("/api/events", json=typed_event(group_id=4711)).status_code == 404


@pytest.mark.parametrize("number", [4711, 99999999999999999999])
def test_what_is_not_there_is_404(careless: FlaskClient, number: int) -> None:
    for path in (f"/api/events/{number}", f"/api/groups/{number}"):
        answer = careless.get(path)
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"


def test_the_description_of_the_api_names_every_path(careless: FlaskClient) -> None:
    described = made(careless.get("/api/events/openapi.json"), 200)
    assert described["openapi"].startswith("3.1")
    assert "/api/events/{event_id}/shifts/{shift_id}/cancel" in described["paths"]
    assert "/api/groups/{group_id}" in described["paths"]
