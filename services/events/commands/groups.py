"""muster group: found, list and change groups."""

from __future__ import annotations

from typing import Any

import click

from shared.commands import JSON, print_one, print_rows

from .. import operations, rules
from ..models import Group
from ..schemas import GroupChanges, GroupSchema, GroupShown
from .typed import options, read, reading, writing

MOST = 10_000
DETAILS = options(
    click.option("--name", help="What the group is called."),
    click.option("--contact-name", help="Who answers questions."),
    click.option("--contact-email", help="Where questions go."),
    click.option("--privacy-url", help="The address of the group's privacy notice, https://…"),
    click.option("--imprint", help="Who is behind the group; stands below its mail."),
    click.option(
        "--signup-notices",
        type=click.Choice(rules.SIGNUP_NOTICES),
        help="How the contact hears of new sign-ups.",
    ),
)


@click.group()
def group() -> None:
    """Groups: those who hold events.

    \b
    muster group create --name "Fosse Neighbours" --contact-name "Robin Example" \\
        --contact-email robin@fosse.example --privacy-url https://fosse.example/privacy
    """


@group.command("create")
@DETAILS
@JSON
def create_group(*, as_json: bool, **typed: Any) -> None:
    """Found a group."""
    details = read(GroupSchema(), typed)
    with writing() as (session, now):
        say(operations.create_group(session, details, now=now), as_json=as_json)


@group.command("change")
@click.argument("group_id", type=int)
@DETAILS
@JSON
def change_group(group_id: int, *, as_json: bool, **typed: Any) -> None:
    """Change what is named of a group."""
    details = read(GroupChanges(), typed)
    with writing() as (session, now):
        say(operations.change_group(session, group_id, details, now=now), as_json=as_json)


@group.command("list")
@JSON
def list_groups(*, as_json: bool) -> None:
    """List all groups."""
    with reading() as (session, _now):
        rows = [GroupShown().dump(found) for found in operations.list_groups(session, limit=MOST)]
    shown = ("id", "name", "contact_name", "contact_email", "signup_notices")
    kept = rows if as_json else [{name: row[name] for name in shown} for row in rows]
    print_rows(kept, as_json=as_json, empty="There are no groups yet: muster group create --help")


def say(found: Group, *, as_json: bool) -> None:
    """Print a group as JSON or in a line."""
    words = f"Group {found.id}: {found.name}"
    print_one(GroupShown().dump(found), as_json=as_json, words=words)
