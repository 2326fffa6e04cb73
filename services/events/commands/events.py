"""muster event: draft, list, show, change, publish and cancel events."""

from __future__ import annotations

from typing import Any

import click

from shared import times
from shared.commands import JSON, print_one, print_rows

from .. import operations, rules
from ..models import Event
from ..schemas import CancelSchema, EventChanges, EventSchema, EventShown
from .typed import options, read, reading, writing

MOST = 10_000
DETAILS = options(
    click.option("--kind", type=click.Choice(list(rules.KINDS)), help="What kind of event it is."),
    click.option("--title", help="What stands above it on the schedule."),
    click.option("--description", help="What happens, and who can come."),
    click.option("--bring", help="What to bring."),
    click.option("--accessibility", help="Steps, toilets, seats, how far people walk."),
    click.option("--mode", type=click.Choice(list(rules.MODES)), help="How people take part."),
    click.option("--online-url", help="Where people meet online; for those who signed up."),
    click.option(
        "--address-shown",
        type=click.Choice(list(rules.ADDRESS_SHOWN)),
        help="Who sees the street addresses.",
    ),
    click.option("--campaign", "campaign_id", type=int, help="The number of its campaign."),
    click.option("--election", "election_id", help="The Democracy Club id of its election."),
    click.option("--contact-name", help="Who answers questions; by default the group's contact."),
    click.option("--contact-email", help="Where questions go; by default to the group's contact."),
)


@click.group()
def event() -> None:
    """Events: draft one, give it shifts, publish it.

    \b
    muster event create --group-id 1 --kind action_day --title "Out in Lincoln"
    muster event add-shift 1 --place "Castle Square" --starts-at 2026-12-05T10:00 \\
        --ends-at 2026-12-05T12:00 --capacity 10
    muster event publish 1
    """


@event.command("create")
@click.option("--group-id", type=int, help="The number of the group that holds it.")
@DETAILS
@JSON
def create_event(*, as_json: bool, **typed: Any) -> None:
    """Draft an event; nobody sees it before it is published."""
    details = read(EventSchema(), typed)
    with writing() as (session, now):
        say(operations.create_event(session, details, now=now), as_json=as_json)


@event.command("change")
@click.argument("event_id", type=int)
@DETAILS
@JSON
def change_event(event_id: int, *, as_json: bool, **typed: Any) -> None:
    """Change what is named of an event."""
    details = read(EventChanges(), typed)
    with writing() as (session, now):
        say(operations.change_event(session, event_id, details, now=now), as_json=as_json)


@event.command("publish")
@click.argument("event_id", type=int)
@JSON
def publish_event(event_id: int, *, as_json: bool) -> None:
    """Bring a draft before the public."""
    with writing() as (session, now):
        say(operations.publish_event(session, event_id, now=now), as_json=as_json)


@event.command("cancel")
@click.argument("event_id", type=int)
@click.option("--reason", help="Why, in words for those who wanted to come.")
@JSON
def cancel_event(event_id: int, *, as_json: bool, reason: str | None) -> None:
    """Call an event off; everybody who signed up is told."""
    cancel = read(CancelSchema(), {"reason": reason})
    with writing() as (session, now):
        found = operations.cancel_event(session, event_id, reason=cancel["reason"], now=now)
        say(found, as_json=as_json)


@event.command("list")
@click.option("--status", type=click.Choice(rules.STATUSES), help="Only events of this status.")
@JSON
def list_events(*, as_json: bool, status: str | None) -> None:
    """List events, drafts too."""
    only: dict[str, Any] = {"status": status} if status else {}
    with reading() as (session, _now):
        found = operations.list_events(session, limit=MOST, **only)
        rows = [EventShown().dump(one) if as_json else row_of(one) for one in found]
    print_rows(rows, as_json=as_json, empty="There are no events yet: muster event create --help")


@event.command("show")
@click.argument("event_id", type=int)
@JSON
def show_event(event_id: int, *, as_json: bool) -> None:
    """Show one event with its shifts and their places."""
    with reading() as (session, now):
        found = operations.find_event(session, event_id)
        say(found, as_json=as_json)
        if as_json:
            return
        rows = [
            {
                "shift": shift.id,
                "when": times.span(shift.starts_at, shift.ends_at, shift.zone),
                "place": shift.place,
                "taken": shift.taken,
                "capacity": shift.capacity or "unlimited",
                "waiting": shift.waiting,
                "now": rules.standing(found.status, shift, now).words,
            }
            for shift in found.shifts
        ]
    print_rows(rows, as_json=False, empty="It has no shifts yet: muster event add-shift --help")


def row_of(found: Event) -> dict[str, Any]:
    """Return an event as a line of a table."""
    first = min((shift.starts_at for shift in found.shifts), default=None)
    return {
        "id": found.id,
        "status": found.status,
        "kind": found.kind,
        "title": found.title,
        "group": found.group.name,
        "shifts": len(found.shifts),
        "first": times.day(first, found.shifts[0].zone) if first else "",
    }


def say(found: Event, *, as_json: bool) -> None:
    """Print an event as JSON or in a line."""
    words = f"Event {found.id}, {found.status}: {found.title} ({found.group.name})"
    print_one(EventShown().dump(found), as_json=as_json, words=words)
