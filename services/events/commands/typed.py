"""Reading what was typed after a command, and opening the database for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import click
from marshmallow import Schema, ValidationError
from sqlalchemy.orm import Session

from shared import commands

from ..config import Settings


def writing() -> AbstractContextManager[tuple[Session, datetime]]:
    """Open the events database for a change."""
    return commands.writing(Settings, "events")


def reading() -> AbstractContextManager[tuple[Session, datetime]]:
    """Open the events database to look something up."""
    return commands.reading(Settings, "events")


def options(*made: Callable[..., Any]) -> Callable[..., Any]:
    """Put several click options on a command that takes them as keywords."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(made):
            command = option(command)
        return command

    return decorate


def read(schema: Schema, typed: dict[str, Any]) -> Any:
    """Load the options that were given by the schema that the API uses; name every problem."""
    given = {name: value for name, value in typed.items() if value is not None}
    with problems_named():
        return schema.load(given)


@contextmanager
def problems_named() -> Iterator[None]:
    """End the command with a line for each option that cannot be."""
    try:
        yield
    except ValidationError as error:
        lines = [f"  --{name}: {words}" for name, words in problems(error.messages_dict)]
        raise click.ClickException("\n".join(["that cannot be:", *lines])) from error


def problems(found: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each option with what is wrong with it."""
    for name, sentences in found.items():
        option = f"{prefix}{name}".replace("_", "-")
        if isinstance(sentences, dict):
            yield from problems(sentences, f"{option}.")
        else:
            yield option, " ".join(sentences)
