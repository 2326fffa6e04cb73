"""How the questions of an event's sign-up form are typed."""

from __future__ import annotations

import secrets
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from shared.schemas import Text

from .. import rules
from .lines import Lines

ID = validate.Regexp(r"[0-9a-z]{1,16}\Z", error="This is no number of a question.")


class QuestionSchema(Schema):
    """One question. Its id is fixed for life, so that answers stay with it; a new one gets one."""

    id = fields.String(load_default="", validate=lambda text: text == "" or ID(text))
    label = Text(
        max=200,
        required=True,
        error_messages={"required": "Write down the question, or leave it out."},
        metadata={"label": "Question"},
    )
    help = Text(
        max=300,
        load_default="",
        metadata={"label": "Help", "hint": "Stands below the question: why you ask, for instance."},
    )
    kind = fields.String(
        load_default="text",
        validate=validate.OneOf(rules.QUESTION_KINDS, error="Choose a kind of answer."),
        metadata={
            "label": "Answer",
            "input": "select",
            "options": list(rules.QUESTION_KINDS.items()),
            "width": "medium",
        },
    )
    options = Lines(
        most=rules.MOST_OPTIONS,
        load_default=list,
        metadata={
            "label": "What can be chosen",
            "input": "textarea",
            "rows": 3,
            "hint": "One on each line; only for an answer that is chosen.",
        },
    )
    required = fields.Boolean(
        load_default=False,
        metadata={"label": "Nobody signs up without an answer", "input": "checkbox"},
    )

    def load(self, data: Any, *, partial: Any = None, **options: Any) -> Any:
        """Read a question, always as a whole: a change of an event replaces its questions."""
        return super().load(data, partial=False, **options)

    @validates_schema
    def need_options(self, question: dict[str, Any], **_kwargs: Any) -> None:
        """Who has to choose needs at least two things to choose from."""
        if question.get("kind") == "choice" and len(question.get("options", ())) < 2:
            name = self.fields["options"].data_key or "options"
            raise ValidationError("Enter at least two lines to choose from.", name)

    @post_load
    def give_id(self, question: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Give a new question its id, and drop options that nobody is shown."""
        options = question["options"] if question["kind"] == "choice" else []
        return {**question, "id": question["id"] or secrets.token_hex(4), "options": options}


class QuestionsShown(Schema):
    """A question as programs see it."""

    id = fields.String()
    label = fields.String()
    help = fields.String()
    kind = fields.String()
    options = fields.List(fields.String())
    required = fields.Boolean()


def questions_field() -> fields.List[Any]:
    """Return the field of an event's questions, for JSON."""
    return fields.List(
        fields.Nested(QuestionSchema),
        load_default=list,
        validate=[
            validate.Length(
                max=rules.MOST_QUESTIONS, error=f"{rules.MOST_QUESTIONS} questions are the most."
            ),
            need_distinct_ids,
        ],
        metadata={"description": "What the sign-up form asks besides, in this order."},
    )


def need_distinct_ids(questions: list[dict[str, Any]]) -> None:
    """Refuse two questions with one id: nobody could tell their answers apart."""
    ids = [question["id"] for question in questions]
    if len(ids) > len(set(ids)):
        raise ValidationError("Two questions have the same id.")


class QuestionForm(QuestionSchema):
    """One question's part of the page that has all of them; `number` tells its fields apart."""

    class Meta:
        unknown = "exclude"

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give each field the name that it has on the page."""
        field_obj.data_key = f"{field_name}-{self.number}"
