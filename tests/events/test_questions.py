"""What an event's sign-up form asks besides: typed on one page, told with the event."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from services.events.models import Event, Organiser
from services.events.schemas.events import EventChanges
from services.events.schemas.questions import QuestionForm
from shared.database import Database
from shared.messages import EventChanged
from tests.entering import SignedInClient, signed_in
from tests.events.making import NOW, forget_told, make_event, make_group, told, typed_shift

VAN = {
    "id": "aa11",
    "label": "A van?",
    "help": "",
    "kind": "yes_no",
    "options": [],
    "required": True,
}
TEA = {**VAN, "id": "bb22", "label": "Tea?", "required": False}


@pytest.fixture
def organiser(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of somebody who plans in group 1."""
    with db.writing() as session:
        make_group(session)
        session.add(Organiser(id=1, email="robin@fosse.example", name="Robin", created_at=NOW))
        far = typed_shift(starts_at="2031-05-03T10:00", ends_at="2031-05-03T12:00")
        make_event(session, now=db.now(session), group_id=1, shifts=[far], questions=[VAN, TEA])
        forget_told(session)
    return signed_in(app, db, (1, "organiser"))


@pytest.fixture
def save(organiser: SignedInClient) -> Callable[..., Any]:
    """Return a function that sends the page as it is shown, with a few fields changed."""

    def save(**changes: str) -> Any:
        page = organiser.get("/organise/events/1/questions").text
        seen = unescape(re.findall(r'name="seen" value="([^"]*)"', page)[0])
        typed = {"seen": seen}
        for number, question in ((1, VAN), (2, TEA)):
            typed |= {
                f"{name}-{number}": str(question[name]) for name in ("id", "label", "help", "kind")
            }
            if question["required"]:
                typed[f"required-{number}"] = "yes"
        fields = {name.replace("_", "-"): text for name, text in changes.items()}
        return organiser.post("/organise/events/1/questions", data={**typed, **fields})

    return save


def stored(db: Database) -> list[dict[str, Any]]:
    with db.reading() as session:
        return session.get_one(Event, 1).questions


def labels(db: Database) -> list[str]:
    return [question["label"] for question in stored(db)]


def test_a_new_question_is_stored_with_an_id_of_its_own_and_told(
    save: Callable[..., Any], db: Database
) -> None:
    answer = save(label_3="What can you do?", kind_3="choice", options_3="Talk\nWrite\n\n")
    assert answer.status_code == 303
    assert labels(db) == ["A van?", "Tea?", "What can you do?"]
    new = stored(db)[2]
    assert new["options"] == ["Talk", "Write"]
    assert new["id"] not in ("", "aa11", "bb22")
    assert stored(db)[:2] == [VAN, TEA]
    with db.reading() as session:
        (message,) = told(session)
        assert isinstance(message, EventChanged)
    assert [question.label for question in message.event.questions] == labels(db)
    assert message.event.questions[2].options == ("Talk", "Write")


def test_a_question_is_taken_out(save: Callable[..., Any], db: Database) -> None:
    assert save(remove_1="yes").status_code == 303
    assert stored(db) == [TEA]


def test_a_question_moves_up_and_keeps_its_id(save: Callable[..., Any], db: Database) -> None:
    assert save(up="2").status_code == 303
    assert stored(db) == [TEA, VAN]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    save: Callable[..., Any], db: Database
) -> None:
    answer = save(label_1="", label_3="Which?", kind_3="choice", options_3="One")
    assert answer.status_code == 400
    page = unescape(answer.text)
    assert 'href="#field-label-1">Write down the question, or leave it out.' in page
    assert 'href="#field-options-3">Enter at least two lines to choose from.' in page
    assert 'value="Which?"' in page
    assert stored(db) == [VAN, TEA]


def test_who_saves_what_somebody_else_changed_meanwhile_is_told(
    save: Callable[..., Any], db: Database
) -> None:
    answer = save(seen="[]", label_1="A lorry?")
    assert answer.status_code == 409
    assert "Somebody else changed the questions meanwhile." in answer.text
    assert "A lorry?" not in answer.text
    assert stored(db) == [VAN, TEA]


def test_a_viewer_cannot_change_questions(app: Flask, db: Database, save: Any) -> None:
    viewer = signed_in(app, db, (1, "viewer"))
    assert viewer.get("/organise/events/1/questions").status_code == 403


def test_options_of_a_question_that_is_not_chosen_are_dropped() -> None:
    typed = {"label-1": "Why?", "kind-1": "text", "options-1": "One\nTwo"}
    assert QuestionForm(1).load(typed)["options"] == []


@pytest.mark.parametrize(
    "questions",
    [
        [VAN, {**TEA, "id": "aa11"}],
        [{**VAN, "id": str(number)} for number in range(9)],
        [{**VAN, "kind": "essay"}],
        [{**VAN, "id": "Ä"}],
        [{**VAN, "label": " "}],
    ],
    ids=["two of one id", "nine", "an unknown kind", "a strange id", "no words"],
)
def test_programs_are_told_what_is_wrong_with_questions(questions: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        EventChanges().load({"questions": questions})
