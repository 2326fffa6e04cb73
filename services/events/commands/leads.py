"""muster lead: forgetting those who led shifts."""

from __future__ import annotations

import click

from .. import operations
from .typed import writing


@click.group()
def lead() -> None:
    """Leads: those who run a shift, by the name and address that an organiser typed."""


@lead.command("erase")
@click.argument("address")
def erase_lead(address: str) -> None:
    """Forget who has this email address, on all shifts at once.

    Leads are forgotten by themselves 90 days after their shift.
    """
    with writing() as (session, _now):
        shifts = operations.erase_lead(session, address)
    click.echo(f"Erased from {shifts} shift{'' if shifts == 1 else 's'}.")
