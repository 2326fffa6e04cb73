"""muster administrator, sign-in-link, token and trail: access, without a browser."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import click

from shared import times
from shared.access import NETWORK, RIGHTS
from shared.commands import JSON, NUMBER, print_one, print_rows

from ..models import AuditEntry
from ..operations import organisers, sign_in, tokens, trail
from ..rules import access as rules
from ..schemas.access import PersonForm
from .typed import read, reading, writing

ZONE = "Europe/London"


@click.group()
def administrator() -> None:
    """Administrators: those who look after the whole network.

    \b
    muster administrator add robin@fosse.example --name "Robin Example"
    muster sign-in-link robin@fosse.example
    """


@administrator.command("add")
@click.argument("address")
@click.option("--name", required=True, help="What the person is called.")
@JSON
def add_administrator(address: str, name: str, *, as_json: bool) -> None:
    """Make the person with this ADDRESS an administrator."""
    person = read(PersonForm(), {"email": address, "name": name})
    with writing() as (session, now):
        found = organisers.add_administrator(session, **person, now=now)
        row = {"id": found.id, "email": found.email, "name": found.name}
    words = f"{row['name']} is an administrator and can sign in with {row['email']}."
    print_one(row, as_json=as_json, words=words)


@administrator.command("list")
@JSON
def list_administrators(*, as_json: bool) -> None:
    """List the administrators."""
    with reading() as (session, _now):
        found = organisers.list_organisers(session, NETWORK)
        rows = [{"id": one.id, "email": one.email, "name": one.name} for one in found]
    empty = "Nobody looks after the network yet: muster administrator add --help"
    print_rows(rows, as_json=as_json, empty=empty)


@administrator.command("remove")
@click.argument("address")
def remove_administrator(address: str) -> None:
    """Take the network out of somebody's hands; never the last one's."""
    with writing() as (session, now):
        found = organisers.find_organiser(session, address)
        organisers.remove_administrator(session, found.id, now=now)
        name = found.name
    click.echo(f"{name} is no longer an administrator.")


@click.command("sign-in-link")
@click.argument("address")
@JSON
def sign_in_link(address: str, *, as_json: bool) -> None:
    """Print a link that signs in the organiser with this ADDRESS, for when mail is down."""
    with writing() as (session, now):
        organiser = organisers.find_organiser(session, address)
        way = sign_in.make_way_in(session, organiser, path=rules.START, now=now)
        name = organiser.name
    until = times.clock(way.expires_at, ZONE)
    words = f"{way.link}\nIt signs in {name}, once, until {until} UK time."
    row = {"link": way.link, "name": name, "expires_at": way.expires_at.isoformat()}
    print_one(row, as_json=as_json, words=words)


@click.group()
def token() -> None:
    """Tokens: what programs come in by.

    \b
    muster token issue --group-id 1 --name "Web form" --rights "sign-up"
    muster token revoke 1
    """


@token.command("issue")
@click.option("--group-id", type=NUMBER, help="The number of the group that it opens.")
@click.option("--network", is_flag=True, help="It opens all groups.")
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--rights", default="read", show_default=True, help='As in "read write sign-up".')
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True)
@JSON
def issue_token(*, as_json: bool, **typed: Any) -> None:
    """Make a token and print it, this once."""
    if (typed["group_id"] is None) != typed["network"]:
        raise click.ClickException("Say either --group-id or --network.")
    rights = typed["rights"].replace(",", " ").split()
    if not rights or set(rights) - set(RIGHTS):
        raise click.ClickException(f"--rights takes words out of these: {' '.join(RIGHTS)}")
    with writing() as (session, now):
        expires_at = now + timedelta(days=typed["days"])
        group_id = NETWORK if typed["network"] else typed["group_id"]
        wanted = tokens.Wanted(typed["name"], rights, expires_at)
        token_id, made = tokens.issue_token(session, group_id, wanted, now=now)
    row = {"id": token_id, "token": made, "expires_at": expires_at.isoformat()}
    words = f"{made}\nIt is token {token_id}, good until {times.day(expires_at, ZONE)}."
    print_one(row, as_json=as_json, words=words)


@token.command("list")
@JSON
def list_tokens(*, as_json: bool) -> None:
    """List all tokens; they themselves are stored nowhere."""
    with reading() as (session, now):
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "group": row.group_id or "network",
                "rights": row.rights,
                "expires_at": row.expires_at.isoformat(timespec="seconds"),
                "state": state_of(row, now),
            }
            for row in tokens.list_tokens(session)
        ]
    print_rows(rows, as_json=as_json, empty="There are no tokens yet: muster token issue --help")


@token.command("revoke")
@click.argument("token_id", type=NUMBER)
def revoke_token(token_id: int) -> None:
    """Close the door to whoever holds this token, for good."""
    with writing() as (session, now):
        tokens.revoke_token(session, token_id, now=now)
    click.echo(f"Token {token_id} is revoked.")


@click.command("trail")
@click.option("--group-id", type=NUMBER, help="Only what happened in this group.")
@click.option("--who", default="", help="Only what somebody with this in their name did.")
@click.option("--kind", default="", help="Only what was done to objects of this kind, as event.")
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@JSON
def show_trail(*, as_json: bool, group_id: int | None, most: int, **filters: str) -> None:
    """Print who did what, newest first."""
    with reading() as (session, _now):
        rows: list[dict[str, Any]] = []
        for page in itertools.count(1):
            found, more = trail.show_trail(session, filters, group_id=group_id, page=page)
            rows += [row_of(entry) for entry in found]
            if not more or len(rows) >= most:
                break
    print_rows(rows[:most], as_json=as_json, empty="Nothing was done yet.")


def row_of(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry of the trail as a line of a table."""
    return {
        "at": entry.at.isoformat(timespec="seconds"),
        "who": entry.actor,
        "did": entry.action,
        "what": f"{entry.object_kind} {entry.object_id}",
        "name": entry.object_name,
        "details": entry.details,
    }


def state_of(row: Any, now: datetime) -> str:
    """Say in a word whether a token lets somebody in."""
    if row.revoked_at is not None:
        return "revoked"
    return "good" if row.expires_at > now else "over"
