"""What ops type about notices: `muster notices list|show|retry|plan-reminders`."""

from __future__ import annotations

from typing import Any

import click

from shared.commands import JSON, NUMBER, print_one, print_rows, reading, writing

from ..config import Settings
from ..models import Notice
from ..operations import channels, ledger, reminding
from ..rules import kinds, states
from ..schemas import NoticeShown

COLUMNS = ("id", "kind", "signup_id", "state", "attempts", "due_at", "sent_at", "reason")


@click.group()
def notices() -> None:
    """Mails that were, will be or could not be sent."""


@notices.command("list")
@click.option("--kind", type=click.Choice(tuple(kinds.KINDS)), help="Only this kind.")
@click.option("--state", type=click.Choice(tuple(states.STATES)), help="Only in this state.")
@click.option("--signup", "signup_id", type=NUMBER, help="Only about this sign-up.")
@click.option("--event", "event_id", type=NUMBER, help="Only about this event.")
@click.option("--before", type=NUMBER, help="Only those with a smaller id; 50 are shown at once.")
@JSON
def list_notices(*, as_json: bool, **filters: Any) -> None:
    """List notices, newest first, without names and addresses."""
    with reading(Settings, "notifications") as (session, _now):
        found, _following = ledger.list_notices(session, filters)
        rows = [{column: getattr(row.Notice, column) for column in COLUMNS} for row in found]
    print_rows(rows, as_json=as_json, empty="There are no such notices.")


@notices.command("show")
@click.argument("notice_id", type=NUMBER)
@JSON
def show_notice(notice_id: int, *, as_json: bool) -> None:
    """Show all that is known of one notice."""
    with reading(Settings, "notifications") as (session, _now):
        _print(ledger.get_notice(session, notice_id), as_json=as_json)


@notices.command("retry")
@click.argument("notice_id", type=NUMBER)
@JSON
def retry_notice(notice_id: int, *, as_json: bool) -> None:
    """Send a notice again that failed, bounced or waits.

    Its address counts as good again, and a pause after a refused password ends.
    """
    # On its own, so that the pause ends whatever may be said of this notice.
    with writing(Settings, "notifications") as (session, _now):
        channels.reopen_all(session)
    with writing(Settings, "notifications") as (session, now):
        _print(ledger.retry_notice(session, notice_id, now=now), as_json=as_json)


@notices.command("plan-reminders")
def plan_reminders() -> None:
    """Plan the reminders of people who signed up before there were any.

    Needed once after the upgrade that brings them; again it changes nothing.
    """
    with reading(Settings, "notifications") as (session, now):
        event_ids = reminding.coming_events(session, now=now)
    with click.progressbar(event_ids, label="Events") as events:
        for event_id in events:
            with writing(Settings, "notifications") as (session, now):
                reminding.plan_event(session, event_id, now=now)
    click.echo(f"The reminders of {len(event_ids)} events are planned.")


def _print(notice: Notice, *, as_json: bool) -> None:
    shown: dict[str, Any] = NoticeShown().dump(notice)
    lines = [
        f"{name + ':':<12} {'' if value is None else value}".rstrip()
        for name, value in shown.items()
    ]
    print_one(shown, as_json=as_json, words="\n".join(lines))
