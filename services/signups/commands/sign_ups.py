"""What ops type: who signed up, what waits for a review, and whether all promises hold."""

from __future__ import annotations

import sys

import click

from shared.commands import JSON, NUMBER, print_rows, reading, writing

from .. import operations
from ..config import Settings


@click.group()
def signups() -> None:
    """Who signed up."""


@signups.command("list")
@click.argument("event_id", type=NUMBER)
@JSON
def list_signups(event_id: int, as_json: bool) -> None:
    """List the sign-ups of event EVENT_ID, by shift and rank."""
    with reading(Settings, "signups") as (session, _now):
        rows = operations.list_signups(session, event_id)
    print_rows(rows, as_json=as_json, empty="Nobody has signed up for this event yet.")


@click.group()
def review() -> None:
    """Sign-ups that look like a machine's and wait for somebody to look at them."""


@review.command("list")
@JSON
def list_pending(as_json: bool) -> None:
    """List what waits for a review. After a week it is forgotten."""
    with reading(Settings, "signups") as (session, _now):
        rows = [
            {
                "id": signup.id,
                "shift": signup.shift_id,
                "name": signup.name,
                "email": signup.email,
                "party": signup.party,
                "why": signup.review,
                "since": signup.created_at.isoformat(timespec="minutes"),
            }
            for signup in operations.list_pending(session)
        ]
    print_rows(rows, as_json=as_json, empty="Nothing waits for a review.")


@review.command("accept")
@click.argument("signup_ids", type=NUMBER, nargs=-1, required=True)
def accept(signup_ids: tuple[int, ...]) -> None:
    """Let sign-ups through: each gets a place or a rank now, and its mail."""
    for signup_id in signup_ids:
        with writing(Settings, "signups") as (session, now):
            state = operations.accept(session, signup_id, now=now)
        click.echo(f"Sign-up {signup_id} is {state}.")


@review.command("drop")
@click.argument("signup_ids", type=NUMBER, nargs=-1, required=True)
def drop(signup_ids: tuple[int, ...]) -> None:
    """Forget sign-ups without a word to anybody."""
    for signup_id in signup_ids:
        with writing(Settings, "signups") as (session, _now):
            operations.drop(session, signup_id)
        click.echo(f"Sign-up {signup_id} is forgotten.")


@click.command()
def check() -> None:
    """Check on the live database that every promise about places holds; explain what breaks one."""
    with reading(Settings, "signups") as (session, now):
        violations = list(operations.find_violations(session, now=now))
        violations += operations.find_backlog(session, now=now)
    for violation in violations:
        click.echo(violation)
    if violations:
        sys.exit(1)
    click.echo("All promises about places hold.")
