"""What organisers see of sign-ups, and what they do by hand."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from services.signups import operations
from services.signups.models import Event, LedgerEntry, Signup
from services.signups.operations import people
from shared.database import Database
from tests.entering import SignedInClient, signed_in
from tests.signups import making
from tests.signups.visiting import Look, open_shift


@pytest.fixture
def look(db: Database) -> Look:
    """Return what stands in the database."""
    return Look(db)


@pytest.fixture
def organiser(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of somebody who organises in group 1."""
    return signed_in(app, db, (1, "organiser"))


@pytest.fixture
def viewer(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of somebody who may look in group 1."""
    return signed_in(app, db, (1, "viewer"))


def sign_up(db: Database, shift: int, *names: str, **typed: Any) -> None:
    with db.writing() as session:
        for name in names:
            making.sign_up(session, shift, name, now=db.now(session), **typed)


def number_of(db: Database, shift: int, name: str) -> int:
    with db.reading() as session:
        return making.signup_of(session, shift, name).id


def words_of(page: str) -> str:
    """Return what a page says, without its marks."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def shift_page(client: SignedInClient, shift: int) -> str:
    answer = client.get(f"/organise/sign-ups/shifts/{shift}")
    assert answer.status_code == 200
    return words_of(answer.text)


def promote(db: Database, how: str) -> None:
    with db.writing() as session:
        session.execute(update(Event).values(promotion=how))


def test_an_event_shows_how_many_come_and_wait(viewer: SignedInClient, db: Database) -> None:
    shift = open_shift(db, capacity=2)
    sign_up(db, shift, "Ada", party=2)
    sign_up(db, shift, "Ben", party=2)
    page = words_of(viewer.get("/organise/sign-ups/events/1").text)
    assert "2 of 2" in page
    assert "1 (2 people)" in page


def test_an_event_not_known_here_is_not_there(viewer: SignedInClient) -> None:
    assert viewer.get("/organise/sign-ups/events/4711").status_code == 404


def test_a_shift_shows_who_waits_in_order_and_why(viewer: SignedInClient, db: Database) -> None:
    shift = open_shift(db, capacity=3)
    sign_up(db, shift, "Ada", party=2)
    sign_up(db, shift, "Big", party=3)
    sign_up(db, shift, "Cleo")
    sign_up(db, shift, "Dev", wish="ask")
    page = shift_page(viewer, shift)
    assert page.index("big@mail.example") < page.index("dev@mail.example")
    assert "Was passed over once, since 3 places were not free." in page
    assert "Wants to be asked first." in page
    assert "If one place came free now Dev is asked first." in page


def test_who_has_not_completed_the_training_is_told_of(
    viewer: SignedInClient, db: Database
) -> None:
    shift = open_shift(db, needs="First aid")
    sign_up(db, shift, "Ada", "Ben")
    with db.writing() as session:
        ada = making.signup_of(session, shift, "Ada").person_id or 0
        people.mark_training(session, ada, "first AID", by="Robin", now=db.now(session))
    assert shift_page(viewer, shift).count("Has not completed “First aid” yet.") == 1


def test_what_would_happen_is_what_happens(viewer: SignedInClient, db: Database) -> None:
    shift = open_shift(db, capacity=2)
    sign_up(db, shift, "Ada")
    sign_up(db, shift, "Ben")
    sign_up(db, shift, "Pair", party=2)
    sign_up(db, shift, "Cleo")
    page = shift_page(viewer, shift)
    assert "If one place came free now Cleo is placed at once." in page
    assert "If 2 places came free now Pair is placed at once." in page
    with db.writing() as session:
        making.cancel(session, shift, "Ada", now=db.now(session))
    assert Look(db).ranks(shift)[3] == "Cleo placed"


def test_a_party_for_which_places_are_kept_is_named(viewer: SignedInClient, db: Database) -> None:
    shift = open_shift(db, capacity=2)
    sign_up(db, shift, "Ada")
    sign_up(db, shift, "Ben")
    sign_up(db, shift, "Pair", party=2)
    sign_up(db, shift, "Cleo")
    with db.writing() as session:
        session.execute(update(Signup).where(Signup.name == "Pair").values(skips=3))
    page = shift_page(viewer, shift)
    assert "If one place came free now Kept back for Pair and party, 2 people." in page
    assert "Comes first now: places are kept back until the party fits." in page


@pytest.mark.parametrize(
    "how, said",
    [
        ("by_hand", "Nobody gets a free place by itself: you give it below."),
        ("offers", "If one place came free now Ben is asked first."),
    ],
)
def test_the_way_of_the_event_is_said(
    viewer: SignedInClient, db: Database, how: str, said: str
) -> None:
    shift = open_shift(db, capacity=1)
    sign_up(db, shift, "Ada", "Ben")
    promote(db, how)
    assert said in shift_page(viewer, shift)


def test_a_place_is_given_by_hand_with_its_reason(
    organiser: SignedInClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    sign_up(db, shift, "Ada", "Ben", "Cleo")
    form = {"signup_id": str(number_of(db, shift, "Cleo")), "reason": "She drives the van"}
    answer = organiser.post(f"/organise/sign-ups/shifts/{shift}/give", data=form)
    assert answer.status_code == 303
    assert look.ranks(shift) == ["Ada placed", "Ben waiting", "Cleo placed"]
    assert "SignupPromoted cleo" in look.news()
    assert "Over by 1." in shift_page(organiser, shift)
    with db.reading() as session:
        (given,) = session.scalars(select(LedgerEntry).where(LedgerEntry.by_hand)).all()
    assert given.reason.endswith(": She drives the van")
    assert "She drives the van." in shift_page(organiser, shift)
    assert look.violations() == []


def test_the_sign_ups_of_an_event_are_a_list_to_take_along(
    viewer: SignedInClient, db: Database
) -> None:
    shift = open_shift(db, capacity=1)
    answer = {"id": "1", "question": "Lunch?", "answer": "=Yes"}
    sign_up(db, shift, "Ada", phone="+447700900123", answers=(answer,))
    sign_up(db, shift, "Ben", came=operations.Came(utm={"source": "leaflet"}))
    sign_up(db, shift, "Machine", suspicion="too fast")

    sent = viewer.get("/organise/sign-ups/events/1/sign-ups.csv")

    ada, ben = csv.DictReader(io.StringIO(sent.text.removeprefix("\ufeff")))
    assert [row["state"] for row in (ada, ben)] == ["placed", "waiting"]
    assert (ada["name"], ada["phone"], ada["Lunch?"]) == ("Ada", "'+447700900123", "'=Yes")
    assert (ben["came_from"], ben["Lunch?"]) == ("leaflet", "")


def test_without_a_reason_nothing_is_given(
    organiser: SignedInClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    sign_up(db, shift, "Ada", "Ben")
    form = {"signup_id": str(number_of(db, shift, "Ben")), "reason": " ", "do": "give"}
    answer = organiser.post(f"/organise/sign-ups/shifts/{shift}/give", data=form)
    assert answer.status_code == 400
    assert "Say why, for whoever asks later." in answer.text
    assert look.ranks(shift) == ["Ada placed", "Ben waiting"]


def test_who_called_is_cancelled_and_the_next_moves(
    organiser: SignedInClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    sign_up(db, shift, "Ada", "Ben")
    form = {"signup_id": str(number_of(db, shift, "Ada")), "reason": "Called, has a cold"}
    for _ in range(2):
        answer = organiser.post(f"/organise/sign-ups/shifts/{shift}/cancel", data=form)
        assert answer.status_code == 303
    assert look.ranks(shift) == ["Ada cancelled", "Ben placed"]
    assert look.news().count("SignupCancelled ada") == 1


def test_another_shift_s_sign_up_is_not_here(
    organiser: SignedInClient, db: Database, look: Look
) -> None:
    shift, other = open_shift(db, capacity=1), open_shift(db, capacity=1)
    sign_up(db, other, "Ada")
    form = {"signup_id": str(number_of(db, other, "Ada")), "reason": "Why not"}
    for action in ("give", "cancel"):
        answer = organiser.post(f"/organise/sign-ups/shifts/{shift}/{action}", data=form)
        assert answer.status_code == 404
    assert look.ranks(other) == ["Ada placed"]


def test_a_viewer_sees_no_buttons_and_may_not_press_them(
    viewer: SignedInClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=1)
    sign_up(db, shift, "Ada", "Ben")
    assert "Give a place" not in shift_page(viewer, shift)
    form = {"signup_id": str(number_of(db, shift, "Ben")), "reason": "Please"}
    answer = viewer.post(f"/organise/sign-ups/shifts/{shift}/give", data=form)
    assert answer.status_code == 403
    assert look.ranks(shift) == ["Ada placed", "Ben waiting"]


REVIEW = "/organise/sign-ups/groups/1/review"


def test_forms_that_look_like_a_machine_s_are_let_through_or_forgotten(
    organiser: SignedInClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=5)
    sign_up(db, shift, "Ada", "Bot", "Cleo", suspicion="too fast")
    assert "3 forms look" in words_of(organiser.get("/organise/sign-ups/events/1").text)
    page = words_of(organiser.get(REVIEW).text)
    assert "Ada" in page
    assert "Too fast" in page
    numbers = [str(number_of(db, shift, name)) for name in ("Ada", "Cleo")]
    answer = organiser.post(REVIEW, data={"do": "accept", "signup_ids": numbers})
    assert answer.status_code == 303
    assert "Let through: 2." in words_of(organiser.get(answer.headers["Location"]).text)
    assert look.ranks(shift) == ["Ada placed", "Bot pending", "Cleo placed"]
    bot = {"do": "drop", "signup_ids": [str(number_of(db, shift, "Bot"))]}
    assert organiser.post(REVIEW, data=bot).status_code == 303
    assert organiser.post(REVIEW, data={**bot, "signup_ids": numbers[:1]}).status_code == 303
    assert look.ranks(shift) == ["Ada placed", "Cleo placed"]
    assert "Nothing to look at" in organiser.get(REVIEW).text


def test_all_that_are_kept_for_one_reason_are_forgotten_at_once(
    organiser: SignedInClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=5)
    sign_up(db, shift, "Ada", "Bot", suspicion="too fast")
    sign_up(db, shift, "Cleo", suspicion="the hidden field was filled in")
    answer = organiser.post(f"{REVIEW}/clear", data={"why": "too fast"})
    assert answer.headers["Location"].endswith("?drop=2")
    assert look.ranks(shift) == ["Cleo pending"]


def test_what_cannot_be_let_through_is_said(
    organiser: SignedInClient, db: Database, look: Look
) -> None:
    shift = open_shift(db, capacity=5)
    sign_up(db, shift, "Ada", "Ben", suspicion="too fast")
    sign_up(db, shift, "Ada")
    numbers = []
    with db.reading() as session:
        numbers = [str(each) for each in session.scalars(select(Signup.id).order_by(Signup.id))]
    form = {"do": "accept", "signup_ids": numbers[:2]}
    page = words_of(organiser.post(REVIEW, data=form).text)
    assert "Let through: 1." in page
    assert "This person is signed up for this shift already" in page
    assert look.violations() == []


def test_nothing_ticked_is_said(organiser: SignedInClient, db: Database) -> None:
    sign_up(db, open_shift(db), "Ada", suspicion="too fast")
    answer = organiser.post(REVIEW, data={"do": "accept"})
    assert answer.status_code == 400
    assert "Tick at least one." in answer.text


def test_another_group_s_forms_stay_its_own(app: Flask, db: Database, look: Look) -> None:
    shift = open_shift(db)
    sign_up(db, shift, "Ada", suspicion="too fast")
    with db.writing() as session:
        making.make_event(session, making.shift_facts(id=50), id=9, group=making.group_facts(id=2))
    foreign = signed_in(app, db, (2, "owner"))
    form = {"do": "drop", "signup_ids": [str(number_of(db, shift, "Ada"))]}
    page = foreign.get("/organise/sign-ups/groups/2/review").text
    assert "Nothing to look at" in page
    assert foreign.post("/organise/sign-ups/groups/2/review", data=form).status_code == 404
    assert foreign.post("/organise/sign-ups/groups/2/review/clear", data={"why": "too fast"})
    assert look.ranks(shift) == ["Ada pending"]
