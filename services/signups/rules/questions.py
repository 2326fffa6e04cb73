"""What an event's form asks besides, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.messages import QuestionFacts

Questions = tuple[QuestionFacts, ...]
YES_NO = {"yes": "Yes", "no": "No"}


def questions_in(stored: Iterable[Mapping[str, Any]]) -> Questions:
    """Return the questions of an event from the column that keeps them."""
    return tuple(
        QuestionFacts(**{**question, "options": tuple(question["options"])}) for question in stored
    )


def field_name(question: QuestionFacts) -> str:
    """Return what a question's field is called on the page."""
    return f"question_{question.id}"


def answers_in(questions: Questions, form: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return the answers of a form as they are kept: with the question's words of that day."""
    typed = [(question, form.get(field_name(question), "")) for question in questions]
    return [
        {"id": question.id, "question": question.label, "answer": YES_NO.get(answer, answer)}
        for question, answer in typed
        if answer
    ]
