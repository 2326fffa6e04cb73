"""The fields of an event's own questions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from shared.messages import QuestionFacts
from shared.schemas import Text

from ..rules.questions import YES_NO, Questions, field_name

FEW_OPTIONS = 5
LONGEST_ANSWER = 500
UNANSWERED = "Please answer “{question}”"


@lru_cache(maxsize=500)
def form_asking(form: type[Schema], questions: Questions) -> Schema:
    """Return a form with a field for each question besides its own; it is made once."""
    if not questions:
        return form()
    asked = {field_name(question): field_for(question) for question in questions}
    return form.from_dict(asked, name=form.__name__)()


def read_answers(questions: Questions, typed: dict[str, str]) -> dict[str, str]:
    """Return the answers that a program sends by the questions' ids, as a form has them.

    Raises ValidationError for a question that is not there, or an answer that is none.
    """
    names = {question.id: field_name(question) for question in questions}
    unknown = sorted(set(typed) - set(names))
    if unknown:
        raise ValidationError({"answers": [f"There is no question “{unknown[0]}”."]})
    try:
        found: dict[str, str] = form_asking(Schema, questions).load(
            {names[number]: answer for number, answer in typed.items()}
        )
    except ValidationError as error:
        by_name = {name: number for number, name in names.items()}
        problems = {by_name[name]: said for name, said in error.messages_dict.items()}
        raise ValidationError({"answers": problems}) from error
    return found


def field_for(question: QuestionFacts) -> fields.Field[Any]:
    """Return a question's field; an answer that nobody has to give may stay empty."""
    must = (
        {
            "required": True,
            "error_messages": {"required": UNANSWERED.format(question=question.label)},
        }
        if question.required
        else {"load_default": ""}
    )
    shown: dict[str, Any] = {"label": question.label, "hint": question.help}
    if question.kind == "text":
        return Text(max=LONGEST_ANSWER, metadata=shown, **must)
    choices = YES_NO if question.kind == "yes_no" else {each: each for each in question.options}
    options = list(choices.items())
    if len(options) > FEW_OPTIONS:
        shown |= {"input": "select", "options": [("", "Choose one"), *options]}
    else:
        shown |= {"input": "radios", "options": options}
    only = validate.OneOf(("", *choices), error="Choose one of these.")
    return Text(validate=only, metadata=shown, **must)
