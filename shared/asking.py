"""Forms whose problems only an operation finds, because it must look something up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from marshmallow import Schema, ValidationError

from shared.refusals import Refusal
from shared.web import FormNotAccepted


@contextmanager
def asked_again(
    again: Callable[[dict[str, list[str]]], Any], *, refused: str = ""
) -> Iterator[None]:
    """Show the form again, filled in, with the problems that the operation names.

    `refused` is the field that a refusal speaks of; without one, it is a page of its own.
    """
    try:
        yield
    except ValidationError as error:
        found = {
            name: [str(sentence) for sentence in sentences]
            for name, sentences in error.messages_dict.items()
        }
        raise FormNotAccepted(found, again) from error
    except Refusal as error:
        if not refused:
            raise
        raise FormNotAccepted({refused: [error.sentence]}, again) from error


def with_options(form: Schema, name: str, options: list[tuple[Any, str]]) -> Schema:
    """Give a select of this form, and of no other, what can be chosen now."""
    field = form.fields[name]
    field.metadata = {**field.metadata, "options": options}
    return form
