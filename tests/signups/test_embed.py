"""The sign-up form on other sites: framed, sent by a form of theirs, sent by a script of theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from services.signups.models import Consent, Signup
from shared.database import Database
from shared.messages import QuestionFacts
from tests.signups import making
from tests.signups.visiting import Look, headline, token_in

SITE, OTHER, FOREIGN = "https://lincoln.example", "https://leeds.example", "https://evil.example"
OWN = "http://muster.example"
ABOUT_ADA = {"name": "Ada Example", "email": "ada@mail.example", "consent": "yes"}
VAN = QuestionFacts(id="q1", label="A van?", help="", kind="yes_no", options=(), required=True)


@pytest.fixture
def look(db: Database) -> Look:
    """Return what stands in the database."""
    return Look(db)


def open_embedded(db: Database, *sites: str, **facts: Any) -> int:
    """Let the service hear of a shift whose group lists these sites."""
    questions = facts.pop("questions", ())
    with db.writing() as session:
        now = db.now(session)
        shift = making.shift_facts(starts_at=now + timedelta(days=14), **facts)
        group = making.group_facts(sites=sites)
        making.make_event(session, shift, now=now, group=group, questions=questions)
        return shift.id


def origin(site: str) -> dict[str, str]:
    return {"Origin": site}


def kept(db: Database) -> tuple[str, str, str]:
    """Return the source, the form and the origin that were kept."""
    with db.reading() as session:
        signup, consent = session.execute(
            select(Signup, Consent).join(Consent, Consent.signup_id == Signup.id)
        ).one()
        return signup.source, consent.form, consent.origin


def test_only_listed_sites_may_show_the_form(visitor: FlaskClient, db: Database) -> None:
    shift = open_embedded(db, SITE, OTHER)
    policy = visitor.get(f"/embed/sign-up/{shift}").headers["Content-Security-Policy"]
    assert f"frame-ancestors {SITE} {OTHER}" in policy
    assert "form-action 'self'" in policy


def test_without_a_listed_site_nobody_may_show_it(visitor: FlaskClient, db: Database) -> None:
    policy = visitor.get(f"/embed/sign-up/{open_embedded(db)}").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


def test_the_form_in_the_frame_signs_up_and_stays_in_the_frame(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_embedded(db, SITE, OTHER)
    address = f"/embed/sign-up/{shift}?site={OTHER}"
    page = visitor.get(address)
    assert "Set-Cookie" not in page.headers
    form = {**ABOUT_ADA, "form_token": token_in(page.text)}
    answer = visitor.post(address, data=form, headers=origin(OWN))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/embed/sign-up/receipt/")
    receipt = visitor.get(answer.headers["Location"])
    assert headline(receipt.text) == "You have a place"
    assert f"frame-ancestors {SITE} {OTHER}" in receipt.headers["Content-Security-Policy"]
    assert look.ranks(shift) == ["Ada placed"]
    assert kept(db) == ("embed", "embed", OTHER)


@pytest.mark.parametrize("said", ["", "https://evil.example"])
def test_a_site_that_is_not_listed_is_not_kept(
    visitor: FlaskClient, db: Database, said: str
) -> None:
    shift = open_embedded(db, SITE, OTHER)
    address = f"/embed/sign-up/{shift}?site={said}"
    form = {**ABOUT_ADA, "form_token": token_in(visitor.get(address).text)}
    visitor.post(address, data=form, headers=origin(OWN))
    assert kept(db) == ("", "embed", "")


def test_what_is_wrong_is_said_in_the_frame(visitor: FlaskClient, db: Database) -> None:
    shift = open_embedded(db, SITE)
    answer = visitor.post(f"/embed/sign-up/{shift}", data=ABOUT_ADA | {"email": "ada"})
    assert answer.status_code == 400
    assert "Enter an email address in the form name@example.org." in answer.text
    assert 'class="framed"' in answer.text


@pytest.mark.parametrize("said", [{}, {"Origin": "null"}, {"Origin": OWN}])
def test_a_frame_without_a_token_is_no_form_of_ours(
    visitor: FlaskClient, db: Database, look: Look, said: dict[str, str]
) -> None:
    shift = open_embedded(db, SITE)
    for path in ("", "/form.json"):
        address = f"/embed/sign-up/{shift}{path}"
        assert visitor.post(address, data=ABOUT_ADA, headers=said).status_code == 400
    assert look.ranks(shift) == []


def test_a_listed_site_may_send_a_form_of_its_own(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_embedded(db, SITE, OTHER)
    answer = visitor.post(f"/embed/sign-up/{shift}", data=ABOUT_ADA, headers=origin(OTHER))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-up/receipt/")
    assert look.ranks(shift) == ["Ada placed"]
    assert kept(db) == ("embed", "embed", OTHER)


def test_a_form_of_a_listed_site_with_a_mistake_is_mended_here(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_embedded(db, SITE)
    address = f"/embed/sign-up/{shift}"
    page = visitor.post(address, data=ABOUT_ADA | {"name": ""}, headers=origin(SITE))
    assert page.status_code == 400
    assert "Enter your name." in page.text
    assert 'class="framed"' not in page.text
    mended = {**ABOUT_ADA, "form_token": token_in(page.text)}
    assert visitor.post(address, data=mended, headers=origin(OWN)).status_code == 303
    assert look.ranks(shift) == ["Ada placed"]


@pytest.mark.parametrize("site", [FOREIGN, "https://lincoln.example.evil.example"])
def test_a_form_of_another_site_is_refused(
    visitor: FlaskClient, db: Database, look: Look, site: str
) -> None:
    shift = open_embedded(db, SITE)
    for path in ("", "/form.json"):
        address = f"/embed/sign-up/{shift}{path}"
        answer = visitor.post(address, data=ABOUT_ADA, headers=origin(site))
        assert answer.status_code == 403
        assert "has not listed that site" in answer.text
        assert "Access-Control-Allow-Origin" not in answer.headers
    described = visitor.get(f"/embed/sign-up/{shift}/form.json", headers=origin(site))
    assert described.status_code == 403
    assert look.ranks(shift) == []


def test_a_hidden_field_filled_in_waits_for_a_review_here_too(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_embedded(db, SITE)
    form = {**ABOUT_ADA, "website": "spam"}
    assert (
        visitor.post(f"/embed/sign-up/{shift}", data=form, headers=origin(SITE)).status_code == 303
    )
    assert look.ranks(shift) == ["Ada pending"]


def test_a_script_learns_what_to_ask_and_sends_it(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_embedded(db, SITE, questions=(VAN,))
    address = f"/embed/sign-up/{shift}/form.json"
    described = visitor.get(address, headers=origin(SITE))
    assert described.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in described.headers["Vary"]
    told = described.get_json()
    assert told["foreseen"] == "placed"
    assert "Fosse Neighbours may use what I typed here" in told["consents"]["taking part"]
    (asked,) = told["questions"]
    assert (asked["label"], asked["field"]) == ("A van?", "question_q1")
    form = {**ABOUT_ADA, "form_token": told["form_token"], asked["field"]: "yes"}
    for _ in range(2):
        answer = visitor.post(address, data=form, headers=origin(SITE))
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert answer.get_json() == {"state": "placed", "ahead": 0, "shift_id": shift, "party": 1}
    assert look.news() == ["SignupPlaced ada"]


def test_a_script_is_told_which_fields_are_wrong(visitor: FlaskClient, db: Database) -> None:
    shift = open_embedded(db, SITE, questions=(VAN,))
    answer = visitor.post(
        f"/embed/sign-up/{shift}/form.json", data={"name": "Ada"}, headers=origin(SITE)
    )
    assert answer.status_code == 400
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert set(answer.get_json()["errors"]) == {"email", "consent", "question_q1"}


def test_a_script_is_told_when_a_shift_takes_nobody(visitor: FlaskClient, db: Database) -> None:
    shift = open_embedded(db, SITE, cancelled=True)
    address = f"/embed/sign-up/{shift}/form.json"
    assert visitor.get(address, headers=origin(SITE)).get_json()["is_open"] is False
    answer = visitor.post(address, data=ABOUT_ADA, headers=origin(SITE))
    assert answer.status_code == 409
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.get_json()["detail"] == "This shift was cancelled."


def test_a_receipt_of_nothing_is_not_there(visitor: FlaskClient) -> None:
    assert visitor.get("/embed/sign-up/receipt/bent").status_code == 404
    assert visitor.get("/embed/sign-up/4711").status_code == 404
    assert visitor.get("/embed/sign-up/4711/form.json").status_code == 404
