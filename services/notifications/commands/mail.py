"""What ops type about the ways of mail: `muster mail doctor|bounces|suppressed`."""

from __future__ import annotations

import dataclasses
import ipaddress
import sys
from typing import Any

import click

from shared.commands import JSON, opened, print_one, print_rows, reading, writing

from ..config import Settings
from ..doctor.domain import examine_domain
from ..doctor.findings import WRONG, Finding
from ..doctor.names import Names
from ..doctor.servers import examine_servers
from ..operations import bounces, suppressing
from ..schemas import LAST_PAGE

MARKS = {"ok": "✓", "warn": "!", "wrong": "✗"}
COLOURS = {"ok": "green", "warn": "yellow", "wrong": "red"}
PAGE = 50


class Address(click.ParamType[str]):
    """An address of a machine."""

    name = "address"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Refuse what is none."""
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            self.fail(f"{value} is no address of a machine.", param, ctx)


class Resolver(click.ParamType[Names]):
    """A DNS server, as in 127.0.0.1:5353."""

    name = "address:port"

    def convert(self, value: Any, param: Any, ctx: Any) -> Names:
        """Read address and port."""
        host, _, port = str(value).rpartition(":") if ":" in str(value) else (value, "", "53")
        try:
            return Names(str(ipaddress.ip_address(host.strip("[]"))), int(port))
        except ValueError:
            self.fail(f"{value} is no address with a port.", param, ctx)


@click.group()
def mail() -> None:
    """Whether mails arrive: what the domain publishes, and what came back."""


@mail.command("doctor")
@click.option("--resolver", type=Resolver(), help="The DNS server to ask; default: this machine's.")
@click.option(
    "--server", "servers", type=Address(), multiple=True, help="From where mail leaves; repeat it."
)
@JSON
def examine(resolver: Names | None, servers: tuple[str, ...], *, as_json: bool) -> None:
    """Look at SPF, DKIM, DMARC, PTR, MX and the mail servers, and say what to change.

    Nothing is sent. The exit status is 1 when something is wrong.
    """
    with opened(Settings, "notifications") as db, db.reading() as session:
        settings, now = db.info["settings"], db.now(session)
    found = [
        *examine_domain(settings, resolver or Names(), servers),
        *examine_servers(settings, now=now),
    ]
    if as_json:
        print_rows([dataclasses.asdict(f) for f in found], as_json=True, empty="")
    else:
        _print(found)
    sys.exit(any(finding.verdict == WRONG for finding in found))


def _print(found: list[Finding]) -> None:
    for finding in found:
        mark = click.style(MARKS[finding.verdict], fg=COLOURS[finding.verdict])
        click.echo(f"{mark} {finding.what}: {finding.says}")
        if finding.change and finding.verdict != "ok":
            click.echo(f"    {finding.change}")


@mail.command("bounces")
@JSON
def show_bounces(*, as_json: bool) -> None:
    """Count what came back in the last 30 days, and list what names no notice of ours."""
    with reading(Settings, "notifications") as (session, _now):
        counts = bounces.count_by_kind(session)
        unknown = [
            {"id": b.id, "at": b.at, "code": b.code, "subject": b.subject}
            for b in bounces.list_unknown(session)
        ]
    words = "\n".join(f"{number:>6}  {WORDS[kind]}" for kind, number in counts.items())
    print_one(counts | {"unknown_newest": unknown}, as_json=as_json, words=words)
    if not as_json and unknown:
        print_rows(unknown, as_json=False, empty="")


WORDS = {
    "hard": "came back: the address takes no mail",
    "soft": "came back, and the address may take others",
    "complained": "were complained about",
    "unknown": "name no notice of ours",
}


@mail.group()
def suppressed() -> None:
    """Addresses that get no mail, or none that invites."""


@suppressed.command("list")
@click.option("--page", type=click.IntRange(1, LAST_PAGE), default=1, help="50 are on a page.")
@JSON
def list_suppressed(page: int, *, as_json: bool) -> None:
    """List them, newest first. It names people; of who was erased it shows an HMAC."""
    with reading(Settings, "notifications") as (session, _now):
        found = suppressing.list_suppressed(session, limit=PAGE, page=page)
        rows = [
            {"since": row.since, "covers": row.covers, "address": row.email, "reason": row.reason}
            for row in found
        ]
    print_rows(rows, as_json=as_json, empty="No address is held back.")


@suppressed.command("lift")
@click.argument("address")
def lift(address: str) -> None:
    """Let ADDRESS have mail again; of who was erased, too."""
    with writing(Settings, "notifications") as (session, _now):
        lifted = suppressing.lift(session, address)
    if not lifted:
        raise click.ClickException("This address is not held back.")
    click.echo("Mail goes there again.")
