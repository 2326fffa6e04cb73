"""What ops type about notices: `muster notices list|show|retry`."""

from __future__ import annotations

from typing import Any

import click

from shared.commands import JSON, NUMBER, print_one, print_rows, reading, writing

from .config import Settings
from .models import Notice
from .operations import ledger
from .rules import kinds
from .schemas import LAST_PAGE, NoticeShown

COLUMNS = ("id", "kind", "signup_id", "state", "attempts", "due_at", "sent_at", "reason")


@click.group()
def notices() -> None:
    """Mails that were, will be or could not be sent."""


@notices.command("list")
@click.option("--kind", type=click.Choice(kinds.KINDS), help="Only this kind.")
@click.option("--state", type=click.Choice(kinds.STATES), help="Only in this state.")
@click.option("--signup", "signup_id", type=NUMBER, help="Only about this sign-up.")
@click.option("--page", type=click.IntRange(1, LAST_PAGE), default=1, help="50 are on a page.")
@JSON
def list_notices(*, page: int, as_json: bool, **filters: Any) -> None:
    """List notices, newest first, without names and addresses."""
    with reading(Settings, "notifications") as (session, _now):
        found, _total = ledger.list_notices(session, filters, page=page)
        rows = [{column: getattr(notice, column) for column in COLUMNS} for notice in found]
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
    with writing(Settings, "notifications") as (session, now):
        _print(ledger.retry_notice(session, notice_id, now=now), as_json=as_json)


def _print(notice: Notice, *, as_json: bool) -> None:
    shown: dict[str, Any] = NoticeShown().dump(notice)
    lines = [
        f"{name + ':':<12} {'' if value is None else value}".rstrip()
        for name, value in shown.items()
    ]
    print_one(shown, as_json=as_json, words="\n".join(lines))


COMMANDS = (notices,)
