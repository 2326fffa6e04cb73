"""What a form asks besides name and address, and what is kept of where somebody came from."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from services.signups.models import Consent, Signup
from services.signups.rules import LONGEST_UTM
from services.signups.rules.consents import CONSENTS, words_agreed_to
from shared.database import Database
from shared.messages import QuestionFacts
from tests.signups import making
from tests.signups.test_api import post, problems
from tests.signups.visiting import (
    Look,
    field_error,
    filled_in,
    my_path,
    open_shift,
    receipt_of,
    signs_up,
)

SEVEN = tuple(f"Way {number}" for number in range(7))


def question(number: str, kind: str = "text", *options: str, **facts: Any) -> QuestionFacts:
    """Return a question as a message tells it."""
    told = {"label": f"Question {number}?", "help": "", "required": False, **facts}
    return QuestionFacts(id=number, kind=kind, options=options, **told)


def open_asking(db: Database, *questions: QuestionFacts, **facts: Any) -> int:
    """Let the service hear of a shift whose event asks these questions."""
    with db.writing() as session:
        now = db.now(session)
        shift = making.shift_facts(starts_at=now + timedelta(days=14), **facts)
        making.make_event(session, shift, now=now, questions=questions)
        return shift.id


def signup(db: Database, shift: int, name: str = "Ada Example") -> Signup:
    with db.reading() as session:
        found = making.signup_of(session, shift, name)
        session.expunge_all()
        return found


def consents(db: Database) -> list[Consent]:
    with db.reading() as session:
        found = session.scalars(select(Consent).order_by(Consent.id)).all()
        session.expunge_all()
        return list(found)


def test_answers_are_kept_with_the_words_of_their_questions(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_asking(
        db,
        question("q1", help="A van helps most."),
        question("q2", "choice", "Talk", "Write"),
        question("q3", "yes_no"),
        question("q4"),
    )
    page = html.unescape(visitor.get(f"/sign-up/{shift}").text)
    assert "A van helps most." in page
    answer = signs_up(visitor, shift, question_q1=" A van ", question_q2="Write", question_q3="no")
    assert answer.status_code == 303
    assert signup(db, shift).answers == [
        {"id": "q1", "question": "Question q1?", "answer": "A van"},
        {"id": "q2", "question": "Question q2?", "answer": "Write"},
        {"id": "q3", "question": "Question q3?", "answer": "No"},
    ]


@pytest.mark.parametrize(
    "asked, typed, said",
    [
        (question("q", required=True), "", "Please answer “Question q?”"),
        (question("q", "yes_no", required=True), None, "Please answer “Question q?”"),
        (question("q", "choice", "A", "B", required=True), "", "Please answer “Question q?”"),
        (question("q", "choice", "A", "B"), "C", "Choose one of these."),
        (question("q", "choice", *SEVEN), "C", "Choose one of these."),
        (question("q", "yes_no"), "perhaps", "Choose one of these."),
        (question("q"), "x" * 501, "This is too long: 500 characters are the most."),
    ],
)
def test_a_wrong_answer_is_said_beside_its_question(
    visitor: FlaskClient, db: Database, asked: QuestionFacts, typed: str | None, said: str
) -> None:
    shift = open_asking(db, asked)
    answer = signs_up(visitor, shift, question_q=typed)
    assert answer.status_code == 400
    assert field_error(answer.text, "question_q") == said
    assert 'value="Ada Example"' in answer.text


def test_a_question_of_many_options_is_a_list_to_choose_from(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_asking(db, question("q", "choice", *SEVEN))
    assert '<option value="Way 6">' in visitor.get(f"/sign-up/{shift}").text
    assert signs_up(visitor, shift, question_q="Way 6").status_code == 303
    assert signup(db, shift).answers[0]["answer"] == "Way 6"


def test_a_program_answers_by_the_ids_of_the_questions(program: FlaskClient, db: Database) -> None:
    shift = open_asking(db, question("q1", "yes_no", required=True))
    assert post(program, shift, answers={"q1": "yes"}).status_code == 201
    assert signup(db, shift).answers == [{"id": "q1", "question": "Question q1?", "answer": "Yes"}]


@pytest.mark.parametrize(
    "answers, pointer",
    [({}, "/answers/q1"), ({"q1": "perhaps"}, "/answers/q1"), ({"q9": "x"}, "/answers")],
)
def test_a_program_is_told_which_answer_is_wrong(
    program: FlaskClient, db: Database, answers: dict[str, str], pointer: str
) -> None:
    shift = open_asking(db, question("q1", "yes_no", required=True))
    assert list(problems(post(program, shift, answers=answers))) == [pointer]


def test_each_box_that_was_ticked_is_kept_word_for_word(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    page = html.unescape(visitor.get(f"/sign-up/{shift}").text)
    for purpose in CONSENTS:
        assert words_agreed_to(purpose, "Fosse Neighbours") in page
    assert not re.search(r'type="checkbox"[^>]* checked', page)
    signs_up(visitor, shift, agree_mail="yes", agree_phone="yes", phone="020 7946 0018")
    kept = {each.purpose: each for each in consents(db)}
    assert list(kept) == ["taking part", "mail", "phone"]
    for purpose, consent in kept.items():
        assert consent.wording == words_agreed_to(purpose, "Fosse Neighbours")
        assert (consent.version, consent.form, consent.origin) == (1, "page", "")


def test_a_box_that_was_not_ticked_is_no_consent(visitor: FlaskClient, db: Database) -> None:
    signs_up(visitor, open_shift(db))
    assert [each.purpose for each in consents(db)] == ["taking part"]


@pytest.mark.parametrize("way", ["page", "frame", "claim"])
@pytest.mark.parametrize("agree_mail", [None, "yes"])
def test_who_ticked_hears_of_one_more_mail_and_who_did_not_may_ask_for_it(
    visitor: FlaskClient, db: Database, way: str, agree_mail: str | None
) -> None:
    shift = open_shift(db)
    path = {
        "page": f"/sign-up/{shift}",
        "frame": f"/embed/sign-up/{shift}",
        "claim": claim_path(visitor, db, shift) if way == "claim" else "",
    }[way]
    form = filled_in(visitor, shift, name="Ben Example", email="ben@mail.example")
    form |= {"agree_mail": agree_mail} if agree_mail else {}

    receipt = receipt_of(visitor, visitor.post(path, data=form))

    assert ("One more mail asks you to confirm that" in receipt) == bool(agree_mail)
    assert ("Hear once a week by mail" in receipt) != bool(agree_mail)


def claim_path(visitor: FlaskClient, db: Database, shift: int) -> str:
    """Let Ada sign up and pass her place on; return where the friend takes it over."""
    signs_up(visitor, shift)
    mine = my_path(db, shift)
    visitor.post(f"{mine}/transfer")
    found = re.search(r"/sign-up/claim/[^<\s]+", visitor.get(mine).text)
    assert found
    return found[0]


def test_who_wants_to_be_called_has_to_say_where(visitor: FlaskClient, db: Database) -> None:
    answer = signs_up(visitor, open_shift(db), agree_phone="yes")
    assert answer.status_code == 400
    assert field_error(answer.text, "phone") == (
        "Enter your phone number, or leave the box about calls empty."
    )


def test_a_program_tells_which_boxes_were_ticked(program: FlaskClient, db: Database) -> None:
    assert post(program, open_shift(db), agree_mail=True).status_code == 201
    assert [(each.purpose, each.form) for each in consents(db)] == [
        ("taking part", "api"),
        ("mail", "api"),
    ]


def test_what_a_link_says_of_itself_is_kept(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    said = {
        "utm_source": "leaflet",
        "utm_campaign": "x" * 300,
        "utm_term": "a\u202eb",
        "utm_else": "no",
    }
    form = filled_in(visitor, shift)
    assert visitor.post(f"/sign-up/{shift}", query_string=said, data=form).status_code == 303
    found = signup(db, shift)
    assert found.source == "leaflet"
    assert found.utm == {"source": "leaflet", "campaign": "x" * LONGEST_UTM, "term": "ab"}


def test_a_program_says_where_somebody_came_from(program: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    assert post(program, shift, utm={"source": "newsletter"}).status_code == 201
    assert (signup(db, shift).source, signup(db, shift).utm) == (
        "newsletter",
        {"source": "newsletter"},
    )
    assert list(problems(post(program, shift, utm={"colour": "red"}))) == ["/utm/colour/key"]


def friend_path(visitor: FlaskClient, db: Database, shift: int) -> str:
    """Return the path of the link that Ada sends to her friends."""
    page = visitor.get(my_path(db, shift)).text
    found = re.search(r"http://muster\.example(/sign-up/\d+\?friend=[^<\s]+)", page)
    assert found, page
    return found[1]


def test_a_friend_who_was_brought_is_known_to_be_one(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    path = friend_path(visitor, db, shift)
    assert "A friend would like you to come along." in visitor.get(path).text
    form = filled_in(visitor, shift, name="Ben Example", email="ben@mail.example")
    page = receipt_of(visitor, visitor.post(path, data=form))
    # As a word: the letters may stand in a token.
    assert not re.search(r"\bAda\b", page)
    friend = signup(db, shift, "Ben Example")
    assert (friend.source, friend.friend_of) == ("friend", signup(db, shift).id)


def test_a_bent_friend_link_is_a_link_to_the_form(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    path = friend_path(visitor, db, shift)
    for bent in (path[:-2], f"/sign-up/{shift}?friend=%00", f"/sign-up/{shift}?friend=x"):
        form = filled_in(visitor, shift, name="Ben Example", email="ben@mail.example")
        assert visitor.post(bent, data=form).status_code == 303
    assert signup(db, shift, "Ben Example").friend_of is None


def test_who_finds_a_shift_full_says_what_they_want(visitor: FlaskClient, db: Database) -> None:
    shift = open_shift(db, capacity=1)
    assert 'name="wish"' not in visitor.get(f"/sign-up/{shift}").text
    signs_up(visitor, shift)
    assert 'name="wish"' in visitor.get(f"/sign-up/{shift}").text
    signs_up(visitor, shift, name="Ben Example", email="ben@mail.example", wish="ask")
    assert signup(db, shift, "Ben Example").wish == "ask"


def test_one_form_signs_up_for_several_times_of_a_day(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        now = db.now(session)
        begins = now + timedelta(days=14)
        hours = {1: 0, 2: 1, 3: 3, 4: 6}
        making.make_event(
            session,
            *(
                making.shift_facts(id=number, starts_at=begins + timedelta(hours=after))
                for number, after in hours.items()
            ),
            now=now,
        )
    offered = re.findall(r'name="also" value="(\d+)"', visitor.get("/sign-up/1").text)
    assert offered == ["3", "4"], "the second overlaps with the first"
    page = receipt_of(visitor, signs_up(visitor, 1, also=["3", "4"]))
    assert page.count("You have a place") >= 3
    look = Look(db)
    ranks = {shift: look.ranks(shift) for shift in hours}
    assert ranks == {1: ["Ada placed"], 2: [], 3: ["Ada placed"], 4: ["Ada placed"]}


def test_a_friend_who_takes_over_answers_the_questions_too(
    visitor: FlaskClient, db: Database
) -> None:
    shift = open_asking(db, question("q", required=True))
    signs_up(visitor, shift, question_q="Mine")
    mine = my_path(db, shift)
    visitor.post(f"{mine}/transfer")
    found = re.search(r"(/sign-up/claim/[^<\s]+)", visitor.get(mine).text)
    assert found
    token = re.search(r'name="form_token" value="([^"]+)"', visitor.get(found[1]).text)
    assert token
    form = {
        **{"name": "Ben Example", "email": "ben@mail.example", "consent": "yes"},
        "form_token": html.unescape(token[1]),
    }
    assert field_error(visitor.post(found[1], data=form).text, "question_q")
    assert visitor.post(found[1], data={**form, "question_q": "His"}).status_code == 303
    assert signup(db, shift, "Ben Example").answers[0]["answer"] == "His"
    assert signup(db, shift, "Ben Example").source == "friend"
