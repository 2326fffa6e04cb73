"""muster geo: load and look up where postcodes lie and what places are called."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.commands import JSON, opened, print_one, print_rows

from ..config import Settings
from ..geography import constituencies_of, loading, locate, naming, onspd, place_shifts
from ..models import PlaceName, PostcodeEdition, Shift
from .typed import reading, writing

PATH = click.argument("path", type=click.Path(path_type=Path))


@click.group()
def geo() -> None:
    """UK geography: where postcodes lie, in which constituencies, and what places are called.

    Without any data Muster knows about where the 124 postcode areas are. With the ONS Postcode
    Directory it knows each postcode and its constituency:

    \b
    muster geo load onspd ONSPD_AUG_2026.zip
    muster geo load names constituencies.json
    muster geo find "LN2 1AA"
    """


@geo.group()
def load() -> None:
    """Load the ONS Postcode Directory, and names of places."""


@load.command("onspd")
@PATH
def load_onspd(path: Path) -> None:
    """Load the ONS Postcode Directory from its zip, its folder or its large CSV.

    Everything goes on meanwhile; what was loaded before counts until the last moment. Broken off,
    it leaves all as it was. The directory is published four times a year by the Office for National
    Statistics, on https://geoportal.statistics.gov.uk ("ONS Postcode Directory").
    """
    with opened(Settings, "events") as db:
        directory = onspd.open_directory(path)
        with bar("Loading postcodes", directory.size) as progress:
            count = loading.load_directory(db, directory, progress=progress)
        with db.reading() as session:
            old = loading.older_rows(session)
        with bar("Clearing the old ones", old) as progress:
            loading.clear_older(db, progress=progress)
        click.echo(f"{count:,} postcodes in use, from {directory.source}.")
        with db.writing() as session:
            placed = place_shifts(session, db.now(session))
        click.echo(f"{placed:,} shifts and groups have a better place on the map.")


@load.command("names")
@PATH
def load_names(path: Path) -> None:
    """Load names of constituencies, authorities and wards by their GSS codes.

    Takes JSON like {"E14001334": "Lincoln"}, a CSV of codes and names as the Office for National
    Statistics publishes them, or a zip or folder of such CSVs, like that of the Postcode Directory.
    """
    with writing() as (session, now):
        kinds = naming.load_names(session, naming.read_names(path))
        placed = place_shifts(session, now)
    click.echo(
        "".join(f"{count:,} names of kind {kind}.\n" for kind, count in kinds.items()), nl=False
    )
    click.echo(f"{placed:,} shifts and groups know more about where they are.")


@geo.command("status")
@JSON
def show_status(*, as_json: bool) -> None:
    """Show what is loaded."""
    with reading() as (session, _now):
        found = status_of(session)
    rows = [{"what": what, "is": value} for what, value in found.items()]
    if as_json:
        print_one(found, as_json=True, words="")
    else:
        print_rows(rows, as_json=False, empty="")


@geo.command("find")
@click.argument("postcode")
@JSON
def find_postcode(postcode: str, *, as_json: bool) -> None:
    """Show where POSTCODE lies, as well as it is known; a part of one, like LN2, will do."""
    with reading() as (session, _now):
        found, ranked = locate(session, postcode), constituencies_of(session, postcode)
    if found is None:
        raise click.ClickException(
            "Nobody here knows where that is. British postcodes begin as in LN2."
        )
    facts = {**vars(found), "constituencies": [vars(one) for one in ranked]}
    lines = [
        f"{found.words}: {found.latitude:.4f}, {found.longitude:.4f}"
        + (" (approximate)" if found.is_approximate else ""),
        *(
            [f"  authority: {found.authority or found.authority_code}"]
            if found.authority_code
            else []
        ),
        *(
            f"  constituency: {one.name or one.code} ({one.share:.0%} of those around)"
            for one in ranked
        ),
    ]
    print_one(facts, as_json=as_json, words="\n".join(lines))


@geo.command("place-shifts")
def place_all_shifts() -> None:
    """Give shifts and groups the coordinates and codes that have become known since."""
    with writing() as (session, now):
        placed = place_shifts(session, now)
    click.echo(f"{placed:,} shifts and groups know more about where they are.")


def status_of(session: Session) -> dict[str, Any]:
    """Return what is loaded, and what that is good for."""
    editions = session.scalars(select(PostcodeEdition).order_by(PostcodeEdition.id)).all()
    done = [edition for edition in editions if edition.finished_at]
    newest = done[-1] if done else None
    kinds = session.execute(select(PlaceName.kind, func.count()).group_by(PlaceName.kind))
    settings = session.info.get("settings")
    placed = session.execute(select(Shift.located, func.count()).group_by(Shift.located))
    return {
        "postcodes": newest.postcodes if newest else 0,
        "source": newest.source if newest else "the built-in table of areas",
        "loaded": newest.finished_at if newest else None,
        "unfinished loads": sum(edition.finished_at is None for edition in editions),
        **{f"names of kind {kind}": count for kind, count in kinds},
        "asked elsewhere": getattr(settings, "postcodes_url", "") or "nobody",
        **{f"shifts placed by {how or 'nothing'}": count for how, count in placed},
    }


@contextmanager
def bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar; give what moves it on."""
    if not length:
        yield lambda _done: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:
        yield shown.update
