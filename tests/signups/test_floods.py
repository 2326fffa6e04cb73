"""Many forms at once: browsers have to work for theirs, and only while it lasts."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from services.signups import operations
from services.signups.models import Shift, Signup
from shared import messages
from shared.database import Database
from tests.signups import making
from tests.signups.making import FREELY, make_settings, signup_of, told
from tests.signups.visiting import Look, filled_in, my_path, open_shift, signs_up, token_in


@pytest.fixture(autouse=True)
def soon_a_flood(db: Database) -> None:
    """Let ten sign-ups be a flood, or three that look like a machine's."""
    db.info["settings"] = make_settings(db.url, **FREELY, flood_signups=10, flood_suspects=3)


@pytest.fixture
def look(db: Database) -> Look:
    """Return what stands in the database."""
    return Look(db)


def come(db: Database, shift: int, people: int, **typed: Any) -> None:
    with db.writing() as session:
        for number in range(people):
            making.sign_up(session, shift, f"Person{number}", now=db.now(session), **typed)


def unproven_shift(db: Database) -> int:
    """Return a shift of an event that does not care about addresses."""
    with db.writing() as session:
        starts = db.now(session) + timedelta(days=14)
        facts = making.shift_facts(capacity=50, starts_at=starts)
        making.make_event(session, facts, now=db.now(session), verification="off")
    return 1


def watch(db: Database) -> None:
    with db.writing() as session:
        operations.watch_for_floods(session, db.now(session))


def is_flooded(db: Database, shift: int) -> bool:
    with db.reading() as session:
        until = session.get_one(Shift, shift).flood_until
        return until is not None and until > db.now(session)


def flooded(db: Database) -> int:
    """Return a shift for which very many forms come."""
    shift = open_shift(db, capacity=50)
    come(db, shift, 11)
    watch(db)
    return shift


def challenge_in(page: str) -> dict[str, Any]:
    found = re.search(r'data-challenge="([^"]+)"', page)
    assert found
    task: dict[str, Any] = json.loads(html.unescape(found[1]))
    return task


def solve(task: dict[str, Any], **bent: Any) -> str:
    """Do what the browser does."""
    salt = task["salt"] if task["salt"].endswith("&") else f"{task['salt']}&"
    number = next(
        n
        for n in range(task["maxNumber"] + 1)
        if hashlib.sha256(f"{salt}{n}".encode()).hexdigest() == task["challenge"]
    )
    solution = {name: task[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps({**solution, "number": number, **bent}).encode()).decode()


def test_as_many_as_usual_are_no_flood(db: Database, visitor: FlaskClient) -> None:
    shift = open_shift(db, capacity=50)
    come(db, shift, 10)
    watch(db)
    assert not is_flooded(db, shift)
    assert "data-challenge" not in visitor.get(f"/sign-up/{shift}").text


def test_many_at_once_are_a_flood_for_their_own_shift(db: Database) -> None:
    shift, other = flooded(db), open_shift(db)
    assert is_flooded(db, shift)
    assert not is_flooded(db, other)


def test_a_few_that_look_like_a_machine_s_are_a_flood_too(db: Database) -> None:
    shift = open_shift(db, capacity=50)
    come(db, shift, 4, suspicion="too fast")
    watch(db)
    assert is_flooded(db, shift)


@pytest.mark.parametrize("changed", ["created_at", "verified_at"])
def test_who_came_before_or_proved_the_address_is_no_flood(db: Database, changed: str) -> None:
    shift = open_shift(db, capacity=50)
    come(db, shift, 11)
    with db.writing() as session:
        earlier = db.now(session) - timedelta(minutes=11)
        session.execute(update(Signup).values({changed: earlier}))
    watch(db)
    assert not is_flooded(db, shift)


def asked_to_prove(db: Database) -> list[str]:
    with db.reading() as session:
        return [message.person.first_name for message in told(session, messages.SignupHeld)]


def sweep_after(db: Database, passed: timedelta) -> None:
    with db.writing() as session:
        operations.fill_all(session, db.now(session) + passed)


def test_who_came_before_the_flood_was_noticed_is_asked_once_to_prove_the_address(
    db: Database,
) -> None:
    flooded(db)
    watch(db)

    assert asked_to_prove(db) == [f"Person{number}" for number in range(11)]


def test_a_place_taken_in_a_flood_is_given_back_unless_the_address_is_proven(
    db: Database, visitor: FlaskClient, look: Look
) -> None:
    shift = open_shift(db, capacity=2)
    come(db, shift, 11)
    watch(db)
    page = visitor.get(my_path(db, shift, "Person0")).text
    visitor.post(f"{my_path(db, shift, 'Person0')}/confirm")

    sweep_after(db, timedelta(hours=47))
    before = look.ranks(shift)
    sweep_after(db, timedelta(hours=49))

    assert "We are not sure that this address is yours" in page
    assert before[:3] == ["Person0 placed", "Person1 placed", "Person2 waiting"]
    assert look.ranks(shift)[:3] == ["Person0 placed", "Person1 lapsed", "Person2 lapsed"]


def test_who_has_proven_the_address_before_is_not_doubted(db: Database, look: Look) -> None:
    earlier, shift = open_shift(db), open_shift(db, capacity=50)
    with db.writing() as session:
        making.sign_up(session, earlier, "Person3", now=db.now(session))
        token = making.token_of(session, signup_of(session, earlier, "Person3"))
        operations.confirm(session, token, now=db.now(session))
    come(db, shift, 11)
    watch(db)

    assert "Person3" not in asked_to_prove(db)
    assert len(asked_to_prove(db)) == 10


def test_shortly_before_the_end_of_sign_up_nobody_loses_a_place_unasked(
    db: Database, look: Look
) -> None:
    with db.reading() as session:
        soon = db.now(session) + timedelta(minutes=50)
    shift = open_shift(db, capacity=50, closes_at=soon)
    come(db, shift, 11)
    watch(db)
    sweep_after(db, timedelta(hours=1))

    assert is_flooded(db, shift)
    assert {name.split()[1] for name in look.ranks(shift)} == {"placed"}


def test_where_nobody_has_to_prove_an_address_nobody_is_asked(db: Database) -> None:
    shift = unproven_shift(db)
    come(db, shift, 11)
    watch(db)

    assert is_flooded(db, shift)
    assert asked_to_prove(db) == []


def test_a_flood_ends_by_itself(db: Database, visitor: FlaskClient) -> None:
    shift = flooded(db)
    with db.writing() as session:
        session.execute(update(Shift).values(flood_until=db.now(session)))
    assert "data-challenge" not in visitor.get(f"/sign-up/{shift}").text


def test_who_did_the_work_is_signed_up(visitor: FlaskClient, db: Database, look: Look) -> None:
    shift = flooded(db)
    page = visitor.get(f"/sign-up/{shift}").text
    form = filled_in(visitor, shift, form_token=token_in(page), altcha=solve(challenge_in(page)))
    assert visitor.post(f"/sign-up/{shift}", data=form).status_code == 303
    assert look.ranks(shift)[-1] == "Ada placed"


def test_who_did_not_sees_the_usual_answer_and_waits_for_a_review(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = flooded(db)
    answer = signs_up(visitor, shift)
    assert "You have a place" in visitor.get(answer.headers["Location"]).text
    assert look.ranks(shift)[-1] == "Ada pending"
    assert look.review(shift).startswith("many forms came at once")


def test_the_work_of_another_form_counts_for_nothing(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = flooded(db)
    work = solve(challenge_in(visitor.get(f"/sign-up/{shift}").text))
    signs_up(visitor, shift, altcha=work)
    assert look.ranks(shift)[-1] == "Ada pending"


@pytest.mark.parametrize(
    "bent",
    ["none", "", "e30=", "bnVsbA==", "W10=", "%%%", "x" * 5000],
)
def test_what_is_no_work_counts_for_nothing(
    visitor: FlaskClient, db: Database, look: Look, bent: str
) -> None:
    shift = flooded(db)
    assert signs_up(visitor, shift, altcha=bent).status_code == 303
    assert look.ranks(shift)[-1] == "Ada pending"


def test_a_wrong_number_or_signature_counts_for_nothing(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    for bent in ({"number": -1}, {"signature": "00"}, {"challenge": "00"}, {"number": None}):
        shift = flooded(db)
        page = visitor.get(f"/sign-up/{shift}").text
        work = solve(challenge_in(page), **bent)
        signs_up(visitor, shift, form_token=token_in(page), altcha=work)
        assert look.ranks(shift)[-1] == "Ada pending"
