"""muster import: events and shifts from a CSV file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.commands import NUMBER, opened, print_rows
from shared.database import Database

from .. import importing
from ..config import Settings
from ..models import Import, ImportRow
from ..operations import imports
from ..rules import imports as rules

SHOWN = 50
"""Problems that are printed."""


@click.group("import")
def bring() -> None:
    """Lists from elsewhere.

    \b
    muster import events events.csv --group 1              looks at it, changes nothing
    muster import events events.csv --group 1 --apply      drafts the events
    """


@bring.command("events")
@click.argument(
    "path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--group", "group_id", type=NUMBER, required=True, help="The group that holds them.")
@click.option("--apply/--dry-run", "wanted", default=False, help="Do it, or only look (default).")
@click.option("--publish", is_flag=True, help="Publish the new events that are complete.")
def import_events(path: Path, group_id: int, *, wanted: bool, publish: bool) -> None:
    """Import events and shifts from FILE, a CSV in UTF-8 whose rows are shifts.

    The console's page "Import" of a group has a template and says what each column means. All of
    it is applied, or nothing.
    """
    with opened(Settings, "events") as db:
        with path.open("rb") as file, db.writing() as session:
            session.info["by"] = "command line"
            content = file.read(rules.MOST_BYTES + 1)
            found = imports.start_import(
                session, group_id, name=path.name, content=content, now=db.now(session)
            )
            import_id, total = found.id, found.total
        try:
            run(db, import_id, "Checking", total)
            wrong = say(db, import_id)
            if wanted and not wrong:
                with db.writing() as session:
                    session.info["by"] = "command line"
                    imports.ask_to_apply(session, import_id, publish=publish, now=db.now(session))
                run(db, import_id, "Applying", total)
                conclude(db, import_id)
        finally:
            forget_unapplied(db, import_id)
    if wrong:
        raise click.ClickException("Nothing was changed. Mend these rows and try again.")
    if not wanted:
        click.echo("Nothing was changed; --apply does it.")


def run(db: Database, import_id: int, label: str, total: int) -> None:
    """Do what a worker does, here and with a progress bar; wait for one that was faster."""
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        claimed = importing.claim(db, import_id)
        if claimed is not None:
            importing.carry_through(db, claimed, progress=bar.update)
            return
        importing.wait_until_done(db, import_id, bar.update)


def say(db: Database, import_id: int) -> int:
    """Print what would happen; return how many rows have problems."""
    with db.reading() as session:
        found = imports.find_import(session, import_id)
        counts = imports.count_actions(session, import_id)
        problems = first_problems(session, import_id)
    for note in found.notes:
        click.echo(note)
    print_rows(
        [{"what": rules.ACTIONS[action], "rows": number} for action, number in counts.items()],
        as_json=False,
        empty="",
    )
    for line in problems:
        click.echo(line, err=True)
    return found.wrong


def first_problems(session: Session, import_id: int) -> list[str]:
    """Return the first problems, a line each."""
    rows, _ = imports.read_rows(session, import_id, page=1, action="problem")
    lines = [
        f"row {row.row}, {column}: {sentence}" for row in rows for column, sentence in row.problems
    ]
    return lines[:SHOWN] + (["… and more"] if len(lines) > SHOWN else [])


def conclude(db: Database, import_id: int) -> None:
    """Say what came of it."""
    with db.reading() as session:
        found = imports.find_import(session, import_id)
    if found.state != "applied":
        raise click.ClickException(found.notes[-1] if found.notes else "Nothing was applied.")
    for note in found.notes:
        click.echo(note)
    click.echo(f"{found.total:,} rows applied: import {found.id}.")


def forget_unapplied(db: Database, import_id: int) -> None:
    """Leave nothing of a list that was only looked at."""
    with db.writing() as session:
        if imports.find_import(session, import_id, lock=True).state != "applied":
            session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
            session.execute(delete(Import).where(Import.id == import_id))
