"""What ops type about the weekly mail: `muster schedule-mail status|run|preview`."""

from __future__ import annotations

from typing import Any

import click

from shared.commands import JSON, NUMBER, opened, print_one, print_rows, reading
from shared.database import Database

from ..config import Settings
from ..models import ScheduleRun
from ..operations.schedule import planning, runs, trying
from ..operations.schedule.programme import read_programme
from ..rules import tastes

COLUMNS = ("day", "planned", "silent", "spared", "sent", "began_at", "worked_at")


@click.group("schedule-mail")
def schedule_mail() -> None:
    """The weekly mail about what is on: its runs, and what it says."""


@schedule_mail.command("status")
@JSON
def show_status(*, as_json: bool) -> None:
    """Show how many subscribe, for how many the hour has come, and the latest runs.

    `silent` counts those for whom there was nothing to say, `spared` those who were asked often
    enough that week.
    """
    with reading(Settings, "notifications") as (session, now):
        standing = runs.show_standing(session, now=now)
        rows = [_row(run) for run in standing.runs]
    if as_json:
        known = {name: getattr(standing, name) for name in ("subscribers", "unconfirmed", "due")}
        print_one({**known, "runs": rows}, as_json=True, words="")
        return
    click.echo(
        f"{standing.subscribers} subscribe, {standing.unconfirmed} were asked to confirm; "
        f"for {standing.due} the hour has come."
    )
    print_rows(rows, as_json=False, empty="There was no run yet.")


@schedule_mail.command("run")
@JSON
def run_now(*, as_json: bool) -> None:
    """Plan the mails of all whose hour has come, now, whatever the time of day.

    It goes on where a run was stopped, and beside one that is under way: nobody is planned twice.
    The senders of the running system send what was planned.
    """
    with opened(Settings, "notifications") as db:
        with db.reading() as session:
            due = runs.count_due(session, now=db.now(session))
        with click.progressbar(length=due, label="Planning", hidden=as_json) as bar:
            planned = _plan_all(db, bar)
    words = f"{planned} subscribers were looked at." if planned else "Nobody is due."
    print_one({"looked_at": planned}, as_json=as_json, words=words)


@schedule_mail.command("preview")
@click.option("--postcode", default="", help="Near which postcode; without it everywhere.")
@click.option("--miles", type=click.IntRange(1, 500), default=tastes.USUAL_MILES, show_default=True)
@click.option("--kind", "kinds", type=click.Choice(tuple(tastes.EVENT_KINDS)), multiple=True)
@click.option("--group", "group_id", type=NUMBER, help="Only this group's events.")
def show_preview(postcode: str, **wishes: Any) -> None:
    """Print what a subscriber with these wishes would get now."""
    wished = {**tastes.usual_wishes(postcode), **wishes}
    with reading(Settings, "notifications") as (session, now):
        mail = trying.preview(session, trying.taste_from(wished), now=now)
    click.echo(mail.text if mail else "There is nothing new to tell them, so they would get none.")


def _plan_all(db: Database, bar: Any) -> int:
    whole = 0
    while True:
        with db.reading() as session:
            programme = read_programme(session, now=db.now(session))
        with db.writing() as session:
            planned = planning.plan_batch(session, programme, now=db.now(session))
        if not planned:
            return whole
        whole += planned
        bar.update(planned)


def _row(run: ScheduleRun) -> dict[str, Any]:
    return {name: getattr(run, name) for name in COLUMNS}
