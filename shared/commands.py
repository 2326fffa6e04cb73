"""What every service's commands share: options, opening the database, and printing rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from shared import migrations
from shared.columns import LARGEST_ID
from shared.database import Database
from shared.refusals import NotThere, Refusal
from shared.settings import ServiceSettings, SettingsError

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
NUMBER = click.IntRange(1, LARGEST_ID)
"""The id of something that may be there."""


@contextmanager
def opened(settings: type[ServiceSettings], service: str) -> Iterator[Database]:
    """Open the service's database for a command.

    Wrong settings end the command with a sentence each. A SQLite file that is not there yet, or is
    of an older version, is first brought up to date, as by a start of embedded mode.
    """
    try:
        read = settings.from_environment(service)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    db = Database(read.database_url)
    db.info["settings"] = read
    if db.dialect == "sqlite":
        migrations.migrate(read.database_url, service)
    try:
        yield db
    except NotThere as error:
        raise click.ClickException(str(error) or "There is nothing with that number.") from error
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    finally:
        db.close()


@contextmanager
def writing(settings: type[ServiceSettings], service: str) -> Iterator[tuple[Session, datetime]]:
    """Give a command a session and the time; commit at its end."""
    with opened(settings, service) as db, db.writing() as session:
        session.info["by"] = "command line"
        yield session, db.now(session)


@contextmanager
def reading(settings: type[ServiceSettings], service: str) -> Iterator[tuple[Session, datetime]]:
    """Give a command a session that changes nothing, and the time."""
    with opened(settings, service) as db, db.reading() as session:
        yield session, db.now(session)


def print_one(row: dict[str, Any], *, as_json: bool, words: str) -> None:
    """Print one thing in words, or as JSON for scripts."""
    if as_json:
        click.echo(json.dumps(row, default=str, ensure_ascii=False, indent=2))
    else:
        click.echo(words)


def print_rows(rows: list[dict[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print rows as a table with a heading, or as JSON for scripts.

    `empty` is the sentence for a table without rows.
    """
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo(empty)
        return
    shown = [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]
    widths = {name: max(len(name), *(len(row[name]) for row in shown)) for name in shown[0]}
    click.secho("  ".join(name.ljust(width) for name, width in widths.items()).rstrip(), bold=True)
    for row in shown:
        click.echo("  ".join(row[name].ljust(width) for name, width in widths.items()).rstrip())
