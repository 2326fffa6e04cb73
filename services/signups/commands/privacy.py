"""What ops type about erasures: which there were, and to apply them after a restore."""

from __future__ import annotations

import click

from shared.commands import JSON, print_rows, reading, writing

from ..config import Settings
from ..operations import privacy


@click.group()
def erasures() -> None:
    """People who were erased, in numbers only."""


@erasures.command("list")
@JSON
def list_erasures(as_json: bool) -> None:
    """List all erasures, also those that only the file outside the databases knows."""
    with reading(Settings, "signups") as (session, _now):
        rows = privacy.list_erasures(session)
    print_rows(rows, as_json=as_json, empty="Nobody was erased yet.")


@erasures.command("apply")
def apply_noted() -> None:
    """Erase again whom a restored database brought back. Applied twice it does nothing more."""
    with writing(Settings, "signups") as (session, now):
        applied = privacy.apply_noted(session, now=now)
    click.echo(f"{applied} applied." if applied else "There was nothing to apply.")
