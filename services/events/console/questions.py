"""The questions of an event's sign-up form, all on one page, with one more to fill in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from shared import access

from .. import operations, rules
from ..models import Event
from ..schemas.questions import QuestionForm
from .scope import changing

CONSOLE = Blueprint("console_questions", __name__)
MEANWHILE = "Somebody else changed the questions meanwhile. They are shown as they are now."
Errors = Mapping[str, Sequence[str]]


@CONSOLE.get("/organise/events/<int:event_id>/questions")
@access.needs("organiser", group=operations.host_of_event)
def edit_questions(event_id: int) -> str:
    """The questions as they are stored, and an empty one."""
    return questions_page(operations.find_event(g.session, event_id))


@CONSOLE.post("/organise/events/<int:event_id>/questions")
@access.needs("organiser", group=operations.host_of_event)
def change_questions(event_id: int) -> ResponseReturnValue:
    """Save all of them, moved up or taken out as was asked."""
    event = operations.find_event(g.session, event_id, lock=True)
    if request.form.get("seen", "") != seen_of(event):
        return questions_page(event, errors={"": [MEANWHILE]}), 409
    questions, errors = read_questions()
    if errors:
        return questions_page(event, errors=errors, typed=request.form), 400
    with changing(event_id):
        operations.change_event(g.session, event_id, {"questions": questions}, now=g.now)
    return redirect(url_for(".edit_questions", event_id=event_id, saved=1), code=303)


def read_questions() -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Return the questions as the page has them now, and what is wrong with them."""
    found: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for number in range(1, rules.MOST_QUESTIONS + 1):
        is_stored = bool(request.form.get(f"id-{number}"))
        is_empty = not (request.form.get(f"label-{number}") or "").strip()
        if request.form.get(f"remove-{number}") or (is_empty and not is_stored):
            continue
        try:
            question = QuestionForm(number).load(request.form.to_dict())
        except ValidationError as error:
            errors |= {name: list(each) for name, each in error.messages_dict.items()}
            continue
        found.append(question)
        if request.form.get("up") == str(number) and len(found) > 1:
            found[-2:] = reversed(found[-2:])
    return found, errors


def questions_page(event: Event, errors: Errors | None = None, typed: Any = None) -> str:
    """Return the page; what was typed stands there again when something is wrong with it."""
    stored = typed if typed is not None else as_typed(event.questions)
    last = min(len(event.questions) + 1, rules.MOST_QUESTIONS)
    return render_template(
        "events/console/questions.html",
        event=event,
        group=event.group,
        tab="events",
        forms=[QuestionForm(number) for number in range(1, last + 1)],
        stored=len(event.questions),
        typed=stored,
        seen=seen_of(event),
        errors=errors or {},
        most=rules.MOST_QUESTIONS,
        saved="saved" in request.args and not errors,
    )


def as_typed(questions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what the fields of the page show for questions that are stored."""
    shown: dict[str, str] = {}
    for number, question in enumerate(questions, start=1):
        shown |= {name: str(text) for name, text in QuestionForm(number).dump(question).items()}
    return shown


def seen_of(event: Event) -> str:
    """Return what the hidden field carries: the questions that the writer saw."""
    return json.dumps([[each["id"], each["label"]] for each in event.questions])
