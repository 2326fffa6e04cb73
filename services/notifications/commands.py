"""What ops type about notices: `muster notices list|show|retry`."""

from __future__ import annotations

import json
from typing import Any

import click

from shared import commands
from shared.columns import LARGEST_ID

from .config import Settings
from .models import Notice
from .operations import ledger
from .rules import kinds
from .schemas import LAST_PAGE, NoticeShown

SERVICE = "notifications"
NUMBER = click.IntRange(1, LARGEST_ID)
COLUMNS = ("id", "kind", "signup_id", "state", "attempts", "due_at", "sent_at", "reason")


@click.group()
def notices() -> None:
    """Mails that were, will be or could not be sent."""


@notices.command("list")
@click.option("--kind", type=click.Choice(kinds.KINDS), help="Only this kind.")
@click.option("--state", type=click.Choice(kinds.STATES), help="Only in this state.")
@click.option("--signup", "signup_id", type=NUMBER, help="Only about this sign-up.")
@click.option("--page", type=click.IntRange(1, LAST_PAGE), default=1, help="50 are on a page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def list_notices(*, page: int, as_json: bool, **filters: Any) -> None:
    """List notices, newest first, without names and addresses."""
    with commands.reading(Settings, SERVICE) as (session, _now):
        found, _total = ledger.list_notices(session, filters, page=page)
        rows = [{column: getattr(notice, column) for column in COLUMNS} for notice in found]
    commands.print_rows(rows, as_json=as_json, empty="There are no such notices.")


@notices.command("show")
@click.argument("notice_id", type=NUMBER)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def show_notice(notice_id: int, *, as_json: bool) -> None:
    """Show all that is known of one notice."""
    with commands.reading(Settings, SERVICE) as (session, _now):
        _print(ledger.get_notice(session, notice_id), as_json=as_json)


@notices.command("retry")
@click.argument("notice_id", type=NUMBER)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def retry_notice(notice_id: int, *, as_json: bool) -> None:
    """Send a notice again that failed, bounced or waits.

    Its address counts as good again, and a pause after a refused password ends.
    """
    with commands.writing(Settings, SERVICE) as (session, now):
        _print(ledger.retry_notice(session, notice_id, now=now), as_json=as_json)


def _print(notice: Notice, *, as_json: bool) -> None:
    shown: dict[str, Any] = NoticeShown().dump(notice)
    if as_json:
        click.echo(json.dumps(shown, default=str, ensure_ascii=False, indent=2))
        return
    for name, value in shown.items():
        click.echo(f"{name + ':':<12} {'' if value is None else value}".rstrip())


COMMANDS = (notices,)
