"""muster group: found, list and change groups."""

from __future__ import annotations

from typing import Any

import click

from shared.commands import JSON, NUMBER, print_one, print_rows

from .. import operations, rules
from ..models import Group
from ..operations import groups
from ..schemas import GroupChanges, GroupShown, NewGroup
from .typed import options, problems_named, read, reading, writing

MOST = 10_000


def listed(_context: click.Context, _option: click.Parameter, given: Any) -> list[str] | None:
    """Return a repeated option as a list; one that was not given changes nothing."""
    return list(given) or None


DETAILS = options(
    click.option("--name", help="What the group is called."),
    click.option("--about", help="Who it is, for people who have never heard of it."),
    click.option("--website", help="The address of its web site, https://…"),
    click.option("--contact-name", help="Who answers questions."),
    click.option("--contact-email", help="Where questions go."),
    click.option("--reply-email", help="Where answers to mails go; by default to the contact."),
    click.option(
        "--constituency",
        "constituencies",
        multiple=True,
        callback=listed,
        help="Where it is at home; may be given more than once.",
    ),
    click.option(
        "--authority",
        "authorities",
        multiple=True,
        callback=listed,
        help="A council area in which it is at home; may be given more than once.",
    ),
    click.option("--area-postcode", help="The middle of an area given as a radius."),
    click.option("--area-miles", type=int, help="The miles around that postcode."),
    click.option("--representative-name", help="The MP or candidate that newcomers are shown."),
    click.option("--representative-role", help="Such as: MP for Lincoln."),
    click.option(
        "--embed-site",
        "embed_sites",
        multiple=True,
        callback=listed,
        help="A web site that may show its events; may be given more than once.",
    ),
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
@click.option("--parent-id", type=NUMBER, help="The number of the group that it is a part of.")
@DETAILS
@JSON
def create_group(*, as_json: bool, **typed: Any) -> None:
    """Found a group."""
    details = read(NewGroup(), typed)
    with writing() as (session, now), problems_named():
        say(operations.create_group(session, details, now=now), as_json=as_json)


@group.command("change")
@click.argument("group_id", type=int)
@DETAILS
@JSON
def change_group(group_id: int, *, as_json: bool, **typed: Any) -> None:
    """Change what is named of a group."""
    details = read(GroupChanges(), typed)
    with writing() as (session, now), problems_named():
        say(operations.change_group(session, group_id, details, now=now), as_json=as_json)


@group.command("move")
@click.argument("group_id", type=int)
@click.option("--under", type=NUMBER, help="The number of the group that it becomes a part of.")
@JSON
def move_group(group_id: int, *, under: int | None, as_json: bool) -> None:
    """Make a group a part of another one; without --under, of none."""
    with writing() as (session, now):
        say(groups.move_group(session, group_id, parent_id=under, now=now), as_json=as_json)


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
