"""muster demo: something to look at."""

from __future__ import annotations

import click

from ..demo import load_demo
from .typed import writing


@click.command()
def demo() -> None:
    """Load made-up groups and events, ahead of today; a second time does nothing."""
    with writing() as (session, now):
        loaded = load_demo(session, now=now)
    click.echo(f"{loaded} events loaded." if loaded else "The demo data is there already.")
