"""muster election: the list of elections to which events and campaigns refer."""

from __future__ import annotations

import click

from shared.commands import JSON, print_one, print_rows

from ..operations import elections
from ..schemas.elections import ElectionSchema, ElectionShown
from .typed import read, reading, writing


@click.group()
def election() -> None:
    """Elections, by the ids that Democracy Club gives them.

    \b
    muster election add local.lincoln.2027-05-06 --title "City of Lincoln Council"
    muster election list

    An id ends with polling day. https://elections.democracyclub.org.uk has them all.
    """


@election.command("add")
@click.argument("election_id")
@click.option("--title", help="What people call it; by default it is made of the id.")
@JSON
def add_election(election_id: str, *, title: str | None, as_json: bool) -> None:
    """Put an election into the list."""
    details = read(ElectionSchema(), {"id": election_id, "title": title})
    with writing() as (session, now):
        added = elections.add_election(session, details, now=now)
        words = f"Election {added.id}, {added.day}: {added.title}"
        print_one(ElectionShown().dump(added), as_json=as_json, words=words)


@election.command("list")
@JSON
def list_elections(*, as_json: bool) -> None:
    """List all elections by polling day."""
    with reading() as (session, _now):
        rows = [ElectionShown().dump(found) for found in elections.list_elections(session)]
    print_rows(rows, as_json=as_json, empty="There are no elections: muster election add --help")
