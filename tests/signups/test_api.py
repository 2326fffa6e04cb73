"""What programs can do: another site's web form sends its sign-ups on."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.database import Database
from tests.entering import TOKEN, with_token
from tests.signups import making
from tests.signups.visiting import Look, open_shift

_keys = itertools.count(1)
ABOUT_ADA = {"name": "Ada Example", "email": "ada@mail.example", "party": 1, "consent": True}


@pytest.fixture
def look(db: Database) -> Look:
    """Return what stands in the database."""
    return Look(db)


def post(program: FlaskClient, shift: int, *, key: str | None = "", **asked: Any) -> TestResponse:
    """Send a sign-up; an empty key stands for a new one, None for none."""
    headers = {} if key is None else {"Idempotency-Key": key or f"key-number-{next(_keys)}"}
    body = {"shift_id": shift, **ABOUT_ADA, **asked}
    sent = {name: value for name, value in body.items() if value != "left out"}
    return program.post("/api/signups", json=sent, headers=headers)


def problems(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    return {error["pointer"]: error["detail"] for error in answer.json["errors"]}


def refusal(answer: TestResponse, status: int = 409) -> str:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    return str(answer.json["detail"])


def test_a_sign_up_is_answered_with_a_place_and_without_a_link(
    program: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=2)
    answer = post(program, shift, party=2)
    assert answer.status_code == 201
    assert answer.json == {"state": "placed", "ahead": 0, "shift_id": shift, "party": 2}
    assert look.totals(shift) == (2, 0)
    assert look.news() == ["SignupPlaced ada"]


def test_a_sign_up_for_a_full_shift_is_answered_with_a_rank(
    program: FlaskClient, db: Database
) -> None:
    shift = open_shift(db, capacity=1)
    people = [(name, f"{name}@mail.example") for name in ("Ada", "Ben", "Cleo")]
    answers = [post(program, shift, name=name, email=email).json for name, email in people]
    assert [(answer["state"], answer["ahead"]) for answer in answers if answer] == [
        *(("placed", 0), ("waiting", 0), ("waiting", 1))
    ]


def test_only_what_must_be_known_is_asked(program: FlaskClient, db: Database, look: Look) -> None:
    shift = open_shift(db)
    assert post(program, shift, party="left out").status_code == 201
    assert look.totals(shift) == (1, 0)


def test_nothing_is_answered_without_the_token(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    assert refusal(post(visitor, shift), 401)
    wrong = {"Authorization": f"Bearer {TOKEN}x", "Idempotency-Key": "key-number-0"}
    assert visitor.post("/api/signups", json=ABOUT_ADA, headers=wrong).status_code == 401


@pytest.mark.parametrize("key", [None, "short", "x" * 201])
def test_a_key_that_tells_repeated_requests_is_needed(
    program: FlaskClient, db: Database, key: str | None
) -> None:
    assert "/Idempotency-Key" in problems(post(program, open_shift(db), key=key))


def test_the_same_request_again_gets_the_first_answer(
    program: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    first = post(program, shift, key="the-same-key")
    post(program, shift, name="Ben", email="ben@mail.example")
    again = post(program, shift, key="the-same-key")
    assert (again.status_code, again.json) == (201, first.json)
    assert look.ranks(shift) == ["Ada placed", "Ben waiting"]
    assert look.news() == ["SignupPlaced ada", "SignupWaitlisted ben"]


def test_another_request_under_the_same_key_is_refused(
    program: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db)
    post(program, shift, key="the-same-key")
    answer = post(program, shift, key="the-same-key", party=2)
    assert "another body" in refusal(answer, 422)
    assert look.totals(shift) == (1, 0)


def test_fifty_equal_requests_at_once_are_one_sign_up_with_one_answer(
    app: Flask, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=3)

    def send(_: int) -> Any:
        client = with_token(app)
        while True:
            answer = post(client, shift, key="the-same-key")
            # Whoever waits too long for the first is asked to try again.
            if answer.status_code == 201 or "Retry-After" not in answer.headers:
                return answer.status_code, answer.json

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(send, range(50)))
    placed = {"state": "placed", "ahead": 0, "shift_id": shift, "party": 1}
    assert answers == [(201, placed)] * 50
    assert look.ranks(shift) == ["Ada placed"]
    assert look.news() == ["SignupPlaced ada"]


def test_a_refused_request_may_be_sent_again_under_its_key(
    program: FlaskClient, db: Database
) -> None:
    assert post(program, 1, key="the-same-key").status_code == 404
    shift = open_shift(db)
    assert shift == 1
    assert post(program, shift, key="the-same-key").status_code == 201


def test_a_known_person_gets_the_answer_of_a_new_one(
    program: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    post(program, shift)
    known = post(program, shift)
    new = post(program, shift, name="Ben", email="ben@mail.example")
    assert (known.status_code, known.json) == (new.status_code, new.json)
    assert look.news() == ["SignupPlaced ada", "SignupRepeated ada", "SignupWaitlisted ben"]


@pytest.mark.parametrize(
    "field, value",
    [
        *[
            ("name", wrong)
            for wrong in ("left out", "", " ", 7, None, "x" * 81, "see www.x.example")
        ],
        *[("email", wrong) for wrong in ("left out", "", "ada", 7, None, "a@b@c.example")],
        *[("party", wrong) for wrong in (0, -1, 21, "two", 1.5, None, True, [], 10**30)],
        *[("consent", wrong) for wrong in ("left out", False, "yes", None)],
        *[("shift_id", wrong) for wrong in ("left out", 0, -1, "one", 1.5, None)],
        *[("phone", wrong) for wrong in ("call me", 7)],
        ("postcode", ["LN1 3AA"]),
        ("is_admin", True),
    ],
)
def test_every_wrong_field_is_named(
    program: FlaskClient, db: Database, look: Look, field: str, value: Any
) -> None:
    shift = open_shift(db)
    assert f"/{field}" in problems(post(program, shift, **{field: value}))
    assert look.ranks(shift) == []


def test_all_problems_are_named_together(program: FlaskClient, db: Database) -> None:
    found = problems(post(program, open_shift(db), name="", email="x", party=0, consent=False))
    assert set(found) == {"/name", "/email", "/party", "/consent"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 20_000])
def test_what_is_no_json_object_is_refused(program: FlaskClient, body: bytes) -> None:
    headers = {"Idempotency-Key": "key-number-0", "Content-Type": "application/json"}
    answer = program.post("/api/signups", data=body, headers=headers)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_more_than_64_kib_are_refused(program: FlaskClient, db: Database) -> None:
    assert refusal(post(program, open_shift(db), name="x" * 70_000), 413)


@pytest.mark.parametrize("shift", [4711, 10**18, 10**30])
def test_a_shift_that_nobody_knows_is_not_there(program: FlaskClient, shift: int) -> None:
    assert refusal(post(program, shift), 404)


@pytest.mark.parametrize(
    "facts, sentence",
    [
        ({"closes_at": making.NOW - timedelta(days=999)}, "Sign-up for this shift has closed."),
        ({"cancelled": True}, "This shift was cancelled."),
        ({"capacity": 1}, "This shift has only one place in all. Please sign up for fewer."),
    ],
)
def test_a_shift_that_takes_no_such_sign_up_says_why(
    program: FlaskClient, db: Database, look: Look, facts: dict[str, Any], sentence: str
) -> None:
    shift = open_shift(db, **facts)
    assert refusal(post(program, shift, party=2)) == sentence
    assert look.ranks(shift) == []


def test_a_program_is_not_limited_by_its_network_address(db: Database, app: Flask) -> None:
    db.info["settings"] = making.make_settings(db.url, signups_per_ip_hour=1)
    shift = open_shift(db, capacity=9)
    program = with_token(app)
    for name in ("Ada", "Ben", "Cleo"):
        post(program, shift, name=name, email=f"{name}@mail.example")
    assert Look(db).ranks(shift) == ["Ada placed", "Ben placed", "Cleo placed"]


def test_the_api_describes_itself(visitor: FlaskClient) -> None:
    described = visitor.get("/api/signups/openapi.json").json
    assert described is not None
    operation = described["paths"]["/api/signups"]["post"]
    assert [p["name"] for p in operation["parameters"]] == ["Idempotency-Key"]
    assert set(operation["responses"]) >= {"201"}
