"""What the public sees, through the web application on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer

from services.signups import links, rules
from services.signups.app import create_app
from services.signups.pages.asking import CHANGED, STALE
from shared.database import Database
from tests.apps import app_on
from tests.signups import making
from tests.signups.visiting import (
    Look,
    field_error,
    filled_in,
    form_token,
    headline,
    my_path,
    open_shift,
    receipt_of,
    signs_up,
    token_in,
)

NOT_THERE = ["/sign-up/4711", "/sign-up/99999999999999999999", "/sign-up/x", "/my/x", "/my/a.b"]


@pytest.fixture
def look(db: Database) -> Look:
    """Return what stands in the database."""
    return Look(db)


def configured(db: Database, **typed: Any) -> FlaskClient:
    """Return a visitor of an application with other settings."""
    db.info["settings"] = making.make_settings(db.url, **typed)
    return app_on(create_app, db.info["settings"], db).test_client()


def change(db: Database, shift: int, **facts: Any) -> None:
    with db.writing() as session:
        making.change_shift(session, shift, now=db.now(session), **facts)


def test_the_form_shows_what_one_signs_up_for(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    page = visitor.get(f"/sign-up/{shift}")
    assert page.status_code == 200
    for words in (
        *("Out in Lincoln", "Castle Square", "By the castle gate", "Fosse Neighbours may use"),
        *("political opinions", "https://fosse.example/privacy", "sam@fosse.example"),
    ):
        assert words in page.text
    assert "waiting list" not in page.text


def test_the_box_is_never_ticked_beforehand(visitor: FlaskClient, db: Database) -> None:
    assert " checked" not in visitor.get(f"/sign-up/{open_shift(db)}").text


def test_the_form_of_a_full_shift_offers_the_waiting_list(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_shift(db, capacity=1)
    signs_up(visitor, shift)
    page = visitor.get(f"/sign-up/{shift}").text
    assert "This shift is full just now." in page
    assert "Join the waiting list" in page


def test_looking_at_the_form_writes_nothing(visitor: FlaskClient, db: Database, look: Look) -> None:
    shift = open_shift(db)
    visitor.get(f"/sign-up/{shift}")
    assert look.ranks(shift) == []


def test_a_sign_up_ends_with_a_receipt(visitor: FlaskClient, db: Database, look: Look) -> None:
    shift = open_shift(db)
    page = receipt_of(visitor, signs_up(visitor, shift, party="2"))
    assert headline(page) == "You have 2 places"
    assert look.ranks(shift) == ["Ada placed"]
    assert look.totals(shift) == (2, 0)
    assert look.news() == ["SignupPlaced ada"]


def test_the_receipt_of_somebody_who_waits_says_how_many_are_before_them(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_shift(db, capacity=1)
    names = ["Ada", "Ben", "Cleo"]
    pages = [
        receipt_of(visitor, signs_up(visitor, shift, name=name, email=f"{name}@mail.example"))
        for name in names
    ]
    assert headline(pages[1]) == headline(pages[2]) == "You are on the waiting list"
    assert "You are next in line." in pages[1]
    assert "About 1 sign-up is ahead of you." in pages[2]


def test_the_receipt_never_carries_a_link_to_the_sign_up(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_shift(db)
    answer = signs_up(visitor, shift)
    page = receipt_of(visitor, answer)
    mine = my_path(db, shift)
    for shown in (page, answer.headers["Location"], answer.text):
        assert mine not in shown
        assert mine.removeprefix("/my/") not in shown
    assert "/my/" not in page.replace("/my/privacy", "")


def test_the_receipt_says_nothing_of_the_person(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    answer = signs_up(visitor, shift)
    serializer = URLSafeSerializer("any")
    _, said = serializer.loads_unsafe(answer.headers["Location"].rsplit("/", 1)[1])
    assert set(said) == {"state", "ahead", "shift_id", "party"}
    assert "ada.example@mail.example" not in receipt_of(visitor, answer)


def test_reloading_the_receipt_sends_nothing_again(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db)
    answer = signs_up(visitor, shift)
    assert receipt_of(visitor, answer) == receipt_of(visitor, answer)
    assert look.news() == ["SignupPlaced ada"]


def test_an_empty_form_names_every_problem_beside_its_field(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db)
    empty = dict.fromkeys(("name", "email", "party", "consent"), "")
    answer = signs_up(visitor, shift, **empty)
    assert answer.status_code == 400
    assert field_error(answer.text, "name") == "Enter your name."
    assert field_error(answer.text, "email") == "Enter your email address."
    assert field_error(answer.text, "consent").startswith("Tick the box if you agree")
    assert "There is a problem" in answer.text
    assert look.ranks(shift) == []


@pytest.mark.parametrize(
    "field, typed",
    [
        ("name", "x" * 81),
        ("name", "Buy now www.shop.example"),
        ("name", "Ada https://shop.example"),
        ("name", "ada@shop.example"),
        ("name", "<b>Ada</b>"),
        ("name", "Ada\x00"),
        ("name", "Ada\nBcc: all"),
        ("email", "ada"),
        ("email", "ada@"),
        ("email", "ada@mail.example, ben@mail.example"),
        ("email", "ada@mail.example\nBcc: ben@mail.example"),
        ("email", "x" * 250 + "@mail.example"),
        ("phone", "call me"),
        ("phone", "12"),
        ("party", "0"),
        ("party", "-1"),
        ("party", "21"),
        ("party", "two"),
        ("party", "1.5"),
        ("party", "9" * 400),
        ("postcode", "x" * 21),
        ("consent", "no"),
        ("consent", "perhaps"),
    ],
)
def test_a_wrong_field_is_named_and_the_form_stays_filled_in(
    visitor: FlaskClient, db: Database, look: Look, field: str, typed: str
) -> None:
    shift = open_shift(db)
    answer = signs_up(visitor, shift, **{"name": "Ada Lovelace", field: typed})
    assert answer.status_code == 400
    assert field_error(answer.text, field)
    assert look.ranks(shift) == []
    if field != "name":
        assert 'value="Ada Lovelace"' in answer.text
    assert token_in(answer.text)


def test_what_was_typed_cannot_become_a_script(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    attack = '"><script>alert(1)</script>'
    answer = signs_up(visitor, shift, name=attack, email=attack, postcode=attack, website=attack)
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text


def test_telephone_and_postcode_are_kept_in_their_usual_form(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_shift(db)
    receipt_of(visitor, signs_up(visitor, shift, phone="020 7946 0018", postcode="ln13aa"))
    with db.reading() as session:
        signup = making.signup_of(session, shift, "Ada Example")
    assert (signup.phone, signup.postcode) == ("+442079460018", "LN1 3AA")


def test_a_name_in_any_script_is_taken(visitor: FlaskClient, db: Database, look: Look) -> None:
    shift = open_shift(db)
    for number, name in enumerate(("Zoë O’Brien-Ślęzak", "李小龍", "محمد علي")):
        email = f"person{number}@mail.example"
        receipt_of(visitor, signs_up(visitor, shift, name=name, email=email))
    assert look.totals(shift) == (2, 1)


def test_a_party_too_large_for_the_shift_is_told_how_many_can_come(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=2)
    answer = signs_up(visitor, shift, party="3")
    assert answer.status_code == 400
    assert "only 2 places in all" in field_error(answer.text, "party")
    assert 'value="Ada Example"' in answer.text
    assert look.ranks(shift) == []
    again = filled_in(visitor, shift, party="2", form_token=token_in(answer.text))
    receipt_of(visitor, visitor.post(f"/sign-up/{shift}", data=again))


def test_a_form_sent_twice_is_one_sign_up_with_the_first_answer(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    form = filled_in(visitor, shift)
    first, second = (visitor.post(f"/sign-up/{shift}", data=form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert look.news() == ["SignupPlaced ada"]


def test_a_form_sent_again_with_other_words_asks_once_more(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db)
    form = filled_in(visitor, shift)
    visitor.post(f"/sign-up/{shift}", data=form)
    other = visitor.post(f"/sign-up/{shift}", data={**form, "name": "Ben Example"})
    assert other.status_code == 400
    assert CHANGED in other.text
    assert 'value="Ben Example"' in other.text
    assert look.ranks(shift) == ["Ada placed"]


@pytest.mark.parametrize("capacity, state", [(2, "placed"), (1, "waiting")])
def test_a_known_address_gets_the_answer_of_a_new_one(
    visitor: FlaskClient, db: Database, look: Look, capacity: int, state: str
) -> None:
    shift = open_shift(db, capacity=capacity)
    receipt_of(visitor, signs_up(visitor, shift))
    known = receipt_of(visitor, signs_up(visitor, shift))
    new = receipt_of(visitor, signs_up(visitor, shift, name="Ben", email="ben@mail.example"))
    assert known == new
    assert look.ranks(shift) == ["Ada placed", f"Ben {state}"]
    assert look.news()[1] == "SignupRepeated ada"


@pytest.mark.parametrize("token", ["none", "bent", "other shift", "other purpose", "stale"])
def test_a_form_whose_token_does_not_hold_is_shown_again_filled_in(
    visitor: FlaskClient, db: Database, look: Look, token: str
) -> None:
    shift, other = open_shift(db), open_shift(db)
    with db.reading() as session:
        now = db.now(session)
        tokens = {
            "none": "",
            "bent": links.sign_form(session, shift, now=now)[:-2],
            "other shift": links.sign_form(session, other, now=now),
            "other purpose": links.sign_receipt(session, {"shift_id": shift}),
            "stale": links.sign_form(
                session, shift, now=now - rules.FORM_LASTS - timedelta(seconds=1)
            ),
        }
    answer = signs_up(visitor, shift, name="Ada Lovelace", form_token=tokens[token])
    assert answer.status_code == 400
    assert 'value="Ada Lovelace"' in answer.text
    assert "There is a problem" in answer.text
    assert STALE in answer.text or token == "none"
    assert look.ranks(shift) == []
    again = filled_in(visitor, shift, name="Ada Lovelace", form_token=token_in(answer.text))
    receipt_of(visitor, visitor.post(f"/sign-up/{shift}", data=again))


def test_a_form_of_nearly_two_hours_is_taken(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    with db.reading() as session:
        shown_at = db.now(session) - rules.FORM_LASTS + timedelta(minutes=1)
        token = links.sign_form(session, shift, now=shown_at)
    receipt_of(visitor, signs_up(visitor, shift, form_token=token))


def test_what_fills_in_the_hidden_field_looks_successful_and_waits_for_a_review(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db)
    caught = receipt_of(visitor, signs_up(visitor, shift, website="https://shop.example"))
    person = receipt_of(visitor, signs_up(visitor, shift, name="Ben", email="b@mail.example"))
    assert caught == person
    assert look.ranks(shift) == ["Ada pending", "Ben placed"]
    assert look.news() == ["SignupPlaced b"]
    assert look.review(shift) == "the hidden field was filled in"


def test_a_form_filled_in_too_fast_looks_successful_and_waits_for_a_review(
    db: Database, look: Look
) -> None:
    visitor = configured(db, form_seconds=60)
    shift = open_shift(db)
    assert headline(receipt_of(visitor, signs_up(visitor, shift))) == "You have a place"
    assert look.ranks(shift) == ["Ada pending"]
    assert look.news() == []
    assert look.review(shift) == "filled in faster than a person can"


def test_a_form_filled_in_at_a_persons_pace_is_taken(db: Database, look: Look) -> None:
    visitor = configured(db, form_seconds=60)
    shift = open_shift(db)
    with db.reading() as session:
        token = links.sign_form(session, shift, now=db.now(session) - timedelta(seconds=61))
    receipt_of(visitor, signs_up(visitor, shift, form_token=token))
    assert look.ranks(shift) == ["Ada placed"]


def test_many_sign_ups_for_one_address_look_successful_and_wait_for_a_review(
    db: Database, look: Look
) -> None:
    visitor = configured(db, signups_per_email_hour=2, signups_per_email_day=2)
    shifts = [open_shift(db) for _ in range(3)]
    pages = [receipt_of(visitor, signs_up(visitor, shift)) for shift in shifts]
    assert [headline(page) for page in pages] == ["You have a place"] * 3
    assert look.ranks(shifts[2]) == ["Ada pending"]
    assert look.news() == ["SignupPlaced ada"] * 2


def test_many_forms_from_one_network_address_wait_for_a_review(db: Database, look: Look) -> None:
    visitor = configured(db, signups_per_ip_hour=2)
    shift = open_shift(db, capacity=9)
    for name in ("Ada", "Ben", "Cleo"):
        receipt_of(visitor, signs_up(visitor, shift, name=name, email=f"{name}@mail.example"))
    visitor.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    receipt_of(visitor, signs_up(visitor, shift, name="Dev", email="dev@mail.example"))
    assert look.ranks(shift) == ["Ada placed", "Ben placed", "Cleo pending", "Dev placed"]


@pytest.mark.parametrize("limit", ["signups_per_ip_hour", "signups_per_email_hour"])
def test_a_flood_is_refused_in_plain_words_rather_than_lost(
    db: Database, look: Look, limit: str
) -> None:
    visitor = configured(db, **{limit: 1})
    shifts = [open_shift(db) for _ in range(7)]
    for shift in shifts[:5]:
        receipt_of(visitor, signs_up(visitor, shift))
    refused = [signs_up(visitor, shift) for shift in shifts[5:]]
    assert [answer.status_code for answer in refused] == [429, 429]
    assert "too many requests" in refused[0].text
    kept = [look.ranks(shift) for shift in shifts]
    assert kept == [["Ada placed"], *[["Ada pending"]] * 4, [], []]


def close(db: Database, shift: int) -> str:
    change(db, shift, closes_at=making.NOW - timedelta(days=3000))
    return "Sign-up for this shift has closed."


def start(db: Database, shift: int) -> str:
    with db.writing() as session:
        now = db.now(session)
        hour = timedelta(hours=1)
        facts = {"starts_at": now - hour, "ends_at": now + hour, "closes_at": now - hour}
        making.change_shift(session, shift, now=now, **facts)
    return "Sign-up for this shift has closed."


def call_off(db: Database, shift: int) -> str:
    change(db, shift, cancelled=True)
    return "This shift was cancelled."


@pytest.mark.parametrize("happening", [close, start, call_off])
def test_a_shift_that_takes_no_sign_ups_says_why(
    visitor: FlaskClient, db: Database, look: Look, happening: Any
) -> None:
    shift = open_shift(db)
    form = filled_in(visitor, shift)
    sentence = happening(db, shift)
    for answer in (visitor.get(f"/sign-up/{shift}"), visitor.post(f"/sign-up/{shift}", data=form)):
        assert answer.status_code == 409
        assert sentence in answer.text
    assert look.ranks(shift) == []


def test_a_shift_not_known_yet_is_tried_again_by_the_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/sign-up/4711")
    assert answer.status_code == 404
    assert "/static/again.js" in answer.text
    assert "asks again by itself" in answer.text
    assert "Try again" in answer.text


def test_a_form_sent_for_an_unknown_shift_is_not_there(visitor: FlaskClient, db: Database) -> None:
    with db.reading() as session:
        token = links.sign_form(session, 4711, now=db.now(session))
    form = filled_in(visitor, open_shift(db), form_token=token)
    assert visitor.post("/sign-up/4711", data=form).status_code == 404
    assert visitor.post("/sign-up/4711", data={}).status_code == 404


@pytest.mark.parametrize("path", NOT_THERE)
def test_what_is_not_there_is_404(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_more_than_64_kib_are_refused(visitor: FlaskClient, db: Database) -> None:
    answer = signs_up(visitor, open_shift(db), name="x" * 70_000)
    assert answer.status_code == 413


def test_the_link_of_the_mail_shows_the_sign_up_and_changes_nothing(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    page = visitor.get(my_path(db, shift))
    assert page.status_code == 200
    assert headline(page.text) == "You have a place"
    assert "Cancel my sign-up" in page.text
    assert look.ranks(shift) == ["Ada placed"]


def test_cancelling_by_the_button_says_so_and_may_be_pressed_twice(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    signs_up(visitor, shift)
    signs_up(visitor, shift, name="Ben", email="ben@mail.example")
    mine = my_path(db, shift)
    for _ in range(2):
        answer = visitor.post(f"{mine}/cancel")
        assert (answer.status_code, answer.headers["Location"]) == (303, mine)
        assert headline(visitor.get(mine).text) == "You cancelled this sign-up"
    assert look.ranks(shift) == ["Ada cancelled", "Ben placed"]
    assert look.news()[2:] == ["SignupCancelled ada", "SignupPromoted ben"]
    assert look.violations() == []


def test_who_cancelled_is_not_said_to_come_and_knows_for_how_many_one_tap_signs_up(
    visitor: FlaskClient, db: Database
) -> None:
    shift, _other = open_shift(db, capacity=8), open_shift(db, capacity=8)
    signs_up(visitor, shift, party="8")
    mine = my_path(db, shift)
    assert "<dt>Coming</dt><dd>8 people" in visitor.get(mine).text
    visitor.post(f"{mine}/cancel")

    page = visitor.get(mine).text

    assert "<dt>Coming</dt>" not in page
    assert "One tap signs all 8 of you up" in page


def test_looking_never_cancels(visitor: FlaskClient, db: Database, look: Look) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    assert visitor.get(f"{my_path(db, shift)}/cancel").status_code == 303
    assert look.ranks(shift) == ["Ada placed"]


def test_a_bent_link_leads_nowhere(visitor: FlaskClient, db: Database, look: Look) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    mine = my_path(db, shift)
    for bent in (mine[:-1], f"{mine}x", mine.swapcase().replace("/MY/", "/my/"), "/my/4711"):
        assert visitor.get(bent).status_code == 404
        assert visitor.post(f"{bent}/cancel").status_code == 404
    assert look.ranks(shift) == ["Ada placed"]


def test_an_old_link_says_that_it_has_ended(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    mine = my_path(db, shift)
    long_ago = making.NOW - timedelta(days=3000)
    change(db, shift, starts_at=long_ago, ends_at=long_ago, closes_at=long_ago)
    for answer in (visitor.get(mine), visitor.post(f"{mine}/cancel")):
        assert answer.status_code == 409
        assert "This link no longer works." in answer.text


@pytest.mark.parametrize(
    "happening, heading",
    [
        ("waiting", "You are on the waiting list"),
        ("closed", "This was called off"),
        ("party", "You have 2 places"),
    ],
)
def test_my_sign_up_is_shown_in_words_of_its_state(
    visitor: FlaskClient, db: Database, happening: str, heading: str
) -> None:
    shift = open_shift(db, capacity=2)
    if happening == "waiting":
        signs_up(visitor, shift, name="Ben", email="ben@mail.example", party="2")
    signs_up(visitor, shift, party="2" if happening == "party" else "1")
    if happening == "closed":
        change(db, shift, cancelled=True)
    assert headline(visitor.get(my_path(db, shift)).text) == heading


def test_a_lost_link_has_the_same_answer_for_every_address(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    signs_up(visitor, open_shift(db))
    pages = {
        visitor.post("/my", data={"email": address}).text.replace(address, "")
        for address in ("ada.example@mail.example", "nobody@mail.example")
    }
    assert len(pages) == 1
    assert look.news() == ["SignupPlaced ada", "LinkRequested ada"]


def test_a_lost_link_is_mailed_three_times_an_hour_with_the_same_answer(
    visitor: FlaskClient, db: Database, look: Look
) -> None:
    signs_up(visitor, open_shift(db))
    answers = [visitor.post("/my", data={"email": "ada.example@mail.example"}) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    # Six requests fall into one hour of the clock, or into two.
    assert look.news().count("LinkRequested ada") < 6


def test_a_lost_link_needs_an_address(visitor: FlaskClient) -> None:
    assert visitor.get("/my").status_code == 200
    for typed in ("", "ada"):
        answer = visitor.post("/my", data={"email": typed})
        assert answer.status_code == 400
        assert field_error(answer.text, "email")


def test_nothing_here_is_kept_by_caches_or_told_to_other_sites(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_shift(db)
    answer = signs_up(visitor, shift)
    for path in (f"/sign-up/{shift}", answer.headers["Location"], my_path(db, shift)):
        headers = visitor.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_each_form_shown_has_a_token_of_its_own(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    assert form_token(visitor, shift) != form_token(visitor, shift)
