"""muster series: list and show events that repeat, and make the coming ones at once."""

from __future__ import annotations

from typing import Any

import click

from shared import times
from shared.commands import JSON, NUMBER, print_one, print_rows

from ..models import Event, Series
from ..operations import series as running
from ..operations.series_events import expand_series
from ..rules import series as rules
from ..schemas.series import SeriesShown
from .typed import reading, writing

MOST = 10_000


@click.group()
def series() -> None:
    """Series: events that repeat, made from a rule eight weeks ahead."""


@series.command("list")
@JSON
def list_series(*, as_json: bool) -> None:
    """List all series."""
    with reading() as (session, _now):
        found = running.list_series(session, limit=MOST)
        rows = [
            SeriesShown().dump(one)
            if as_json
            else {
                "id": one.id,
                "title": running.name_series(session, one.id),
                "repeats": describe(one),
                "since": one.first_day,
            }
            for one in found
        ]
    print_rows(rows, as_json=as_json, empty="Nothing repeats yet.")


@series.command("show")
@click.argument("series_id", type=NUMBER)
@JSON
def show_series(series_id: int, *, as_json: bool) -> None:
    """Show one series with its events."""
    with reading() as (session, _now):
        found = running.find_series(session, series_id)
        events = list(reversed(running.list_series_events(session, series_id)))
        words = f"Series {found.id}: {running.name_series(session, found.id)}, {describe(found)}"
        shown = {**SeriesShown().dump(found), "events": [row_of(event) for event in events]}
        print_one(shown, as_json=as_json, words=words)
        rows = [row_of(event) for event in events]
    if not as_json:
        print_rows(rows, as_json=False, empty="It has no events.")


@series.command("expand")
@click.argument("series_id", type=NUMBER, required=False)
def expand(series_id: int | None) -> None:
    """Make the coming events of one series, or of all, without waiting for the hour."""
    with writing() as (session, now):
        ids = [series_id] if series_id else [s.id for s in running.list_series(session, limit=MOST)]
        made = [
            event
            for one in ids
            for event in expand_series(
                session, running.find_series(session, one, lock=True), now=now
            )
        ]
    click.echo(f"{len(made)} events made." if len(made) != 1 else "One event made.")


def describe(found: Series) -> str:
    """Return how often it repeats, or that it has ended."""
    words = rules.describe_rule(rules.read_rule(found.rule))
    return f"ended ({words})" if found.ended_at else words


def row_of(event: Event) -> dict[str, Any]:
    """Return an event as a line of a table."""
    first = min((shift.starts_at for shift in event.shifts), default=None)
    changed = "changed by itself" if event.series_changed else ""
    return {
        "day": str(event.series_day),
        "event": event.id,
        "status": event.status,
        "first": times.day(first, event.shifts[0].zone) if first else "",
        "taken": sum(shift.taken for shift in event.shifts),
        "changed": changed,
    }
