"""The command `muster`: embedded mode, and every service's commands in one place."""

from __future__ import annotations

import importlib.util
import os
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from shared import embedded, held, keys, logs, migrations, relay
from shared.commands import JSON, opened, print_rows
from shared.database import Database
from shared.embedded import InProcess, Reader
from shared.processes import Crew, Service, open_database, start_own_threads
from shared.settings import ServiceSettings, SettingsError

NAMES = ("events", "signups", "notifications")


def services_here() -> list[Service]:
    """Return the services in this installation: all in a checkout, one in a container."""
    found = [name for name in NAMES if importlib.util.find_spec(f"services.{name}")]
    return [import_module(f"services.{name}.__main__").SERVICE for name in found]


SERVICES = services_here()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def muster() -> None:
    """Muster: action days, their sign-ups, and the mail around them.

    Commands work on the databases of the services that are installed here: those of DATABASE_URL,
    or of embedded mode in the folder DATA (./data unless set).
    """


@muster.command()
@click.option("--port", envvar="PORT", default=8000, show_default=True, help="Where to listen.")
@click.option("--demo/--no-demo", envvar="DEMO", default=True, help="Load made-up events first.")
def run(port: int, demo: bool) -> None:
    """Run everything in this one process, with SQLite files in DATA and no broker."""
    os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    folder = Path(os.environ["DATA"])
    try:
        lock = embedded.lock(folder)
        settings = {s.name: s.settings.from_environment(s.name) for s in SERVICES}
    except (embedded.DataInUse, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    with lock:
        sys.exit(run_embedded(settings, port=port, demo=demo))


def run_embedded(settings: dict[str, ServiceSettings], *, port: int, demo: bool) -> int:
    """Start the services in this process, serve them until a signal, return the exit status."""
    logs.set_up("embedded", settings["events"].log_level)
    crew = Crew()
    crew.stop_on_signals()
    databases = prepare_databases(settings, demo=demo)
    start_workers(crew, settings, databases)
    apps = {s.name: s.create_app(settings[s.name], databases[s.name]) for s in SERVICES}
    mail: Any = settings["notifications"]
    for app in apps.values():
        app.jinja_env.globals["keeps_mail"] = mail.shows_mailbox
    embedded.serve(
        crew,
        apps,
        public_url=settings["events"].public_url,
        port=port,
        ready=lambda: _say_where(port, mail, demo=demo),
    )
    return crew.wait()


def _say_where(port: int, mail: Any, *, demo: bool) -> None:
    here = f"http://127.0.0.1:{port}"
    click.echo(f"Muster is ready: {here}" + (f"   mail: {here}/mail" if mail.shows_mailbox else ""))
    if not (mail.shows_mailbox or mail.smtp_url):
        click.echo("No mail leaves, and as the public comes here none is shown: set SMTP_URL.")
    who = "the demo's administrator is admin@muster.example" if demo else ADD_SOMEBODY
    click.echo(f"Organisers sign in at http://127.0.0.1:{port}/sign-in; {who}.")
    click.echo("Ctrl-C ends it.")


ADD_SOMEBODY = "`muster administrator add ADDRESS --name NAME` adds the first"


def prepare_databases(settings: dict[str, ServiceSettings], *, demo: bool) -> dict[str, Database]:
    """Bring each service's database up to date, with demo events if wished, and open it."""
    click.echo("Muster: preparing the databases …")
    for service in SERVICES:
        migrations.migrate(settings[service.name].database_url, service.name)
    if demo:
        click.echo("Muster: loading the demo events (DEMO=0 leaves them out) …")
        load_demo()
    return {s.name: open_database(settings[s.name], pool_size=30) for s in SERVICES}


def start_workers(
    crew: Crew, settings: dict[str, ServiceSettings], databases: dict[str, Database]
) -> None:
    """Start every service's threads; their relays hand messages over within this process."""
    nudges = {service.name: threading.Event() for service in SERVICES}
    carrier = InProcess([Reader(databases[s.name], s.handlers, nudges[s.name]) for s in SERVICES])
    for service in SERVICES:
        db, name = databases[service.name], service.name
        crew.start(f"relay of {name}", partial(relay.relay, db, carrier, crew.stop))
        start_own_threads(crew, service, settings[name], db, nudges[name])


def load_demo() -> None:
    """Load the demo events; does nothing where there are some."""
    demo: Callable[..., object] = muster.commands["demo"].main
    demo(args=[], standalone_mode=False)


@muster.group()
def parked() -> None:
    """Messages that could not be digested: tried again by themselves, then parked for you."""


service_option = click.option(
    "--service",
    type=click.Choice([service.name for service in SERVICES]),
    required=len(SERVICES) > 1,
    default=SERVICES[0].name if len(SERVICES) == 1 else None,
    help="Whose message it is.",
)


@parked.command("list")
@JSON
def list_parked(as_json: bool) -> None:
    """List the held messages of all services, with the reason of each."""
    rows = []
    for service in SERVICES:
        with opened(service.settings, service.name) as db, db.reading() as session:
            rows += [
                {
                    "service": service.name,
                    "id": row.id,
                    "state": row.state,
                    "message": row.name,
                    "attempts": row.attempts,
                    "since": row.held_at.isoformat(timespec="seconds"),
                    "reason": row.reason,
                }
                for row in held.list_held(session)
            ]
    print_rows(rows, as_json=as_json, empty="No message is held.")


@parked.command("show")
@service_option
@click.argument("held_id", type=int)
def show_parked(service: str, held_id: int) -> None:
    """Print the message HELD_ID as it arrived. It may name people."""
    with opened(_named(service).settings, service) as db, db.reading() as session:
        click.echo(held.get_held(session, held_id).body.decode("utf-8", "backslashreplace"))


@parked.command("replay")
@service_option
@click.argument("held_ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Replay all held messages of the service.")
def replay_parked(service: str, held_ids: Sequence[int], everything: bool) -> None:
    """Try messages again now; one that fails stays, with its new reason."""
    found = _named(service)
    with opened(found.settings, service) as db:
        if everything:
            with db.reading() as session:
                held_ids = [row.id for row in held.list_held(session)]
        failed = 0
        with click.progressbar(held_ids, label="Replaying", file=sys.stderr) as progress:
            for held_id in progress:
                with db.reading() as session:
                    held.get_held(session, held_id)
                failed += not held.retry(db, found.handlers, held_id)
    click.echo(f"{len(held_ids) - failed} done, {failed} still held.")
    sys.exit(1 if failed else 0)


@parked.command("drop")
@service_option
@click.argument("held_ids", type=int, nargs=-1, required=True)
@click.confirmation_option(prompt="What these messages tell is lost for this service. Drop them?")
def drop_parked(service: str, held_ids: Sequence[int]) -> None:
    """Forget messages for good."""
    with opened(_named(service).settings, service) as db, db.writing() as session:
        for held_id in held_ids:
            held.drop(session, held_id)
    click.echo(f"{len(held_ids)} dropped.")


@muster.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def retention(dry_run: bool) -> None:
    """Forget now what was kept long enough; by itself this happens every hour."""
    for service in SERVICES:
        for chore in service.chores:
            if chore.foresee is None:
                continue
            with opened(service.settings, service.name) as db, db.writing() as session:
                now = db.now(session)
                found = chore.foresee(session, now)
                if not dry_run:
                    chore.run(session, now)
            for what, number in found.items():
                click.echo(f"{service.name}: {number} {what}{' would go' if dry_run else ''}")


@muster.command()
def doctor() -> None:
    """List all settings of the services here, and say what is wrong."""
    problems = 0
    for service in SERVICES:
        click.secho(service.name, bold=True)
        for finding in service.settings.examine(service.name):
            mark = "✗" if finding.problem else "✓"
            click.echo(f"  {mark} {finding.name} = {finding.shown}")
            click.echo(f"      {finding.help}")
            if finding.problem:
                click.secho(f"      {finding.name} {finding.problem}", fg="red")
                problems += 1
        problems += _examine_database(service)
    click.echo("All is well." if not problems else f"{problems} problem(s) found.")
    sys.exit(1 if problems else 0)


def _examine_database(service: Service) -> int:
    try:
        settings = service.settings.from_environment(service.name)
    except SettingsError:
        return 0
    db = Database(settings.database_url)
    answers = db.answers()
    db.close()
    click.echo(f"  {'✓' if answers else '✗'} the database {'answers' if answers else 'is away'}")
    return 0 if answers else 1


def _named(name: str) -> Service:
    return next(service for service in SERVICES if service.name == name)


def prepare_embedded() -> None:
    """Where nothing else is set, use the folder DATA, with secrets made on first use."""
    if any(name in os.environ for name in ("DATABASE_URL", "DATABASE_URL_FILE")):
        return
    # Sign-ups and mails will lie there: what this process writes is for its owner alone.
    os.umask(0o077)
    folder = Path(os.environ.setdefault("DATA", "data"))
    folder.mkdir(parents=True, exist_ok=True)
    _make_secret(folder, "SECRET_KEY", lambda: secrets.token_urlsafe(32))
    _make_secret(folder, "ADDRESS_KEY", lambda: secrets.token_urlsafe(32))
    private = _make_secret(folder, "SESSION_KEY", lambda: keys.new_pair()[0])
    if private is not None:
        _make_secret(folder, "SESSION_PUBLIC_KEY", lambda: keys.public_of_pem(private.read_text()))


def _make_secret(folder: Path, name: str, make: Callable[[], str]) -> Path | None:
    """Write a secret once, and have the setting `name` read it; nothing if it is set otherwise."""
    if name in os.environ or f"{name}_FILE" in os.environ:
        return None
    path = folder / name.lower().replace("_", "-")
    if not path.exists():
        # Whole or not at all: a start that was killed leaves no half of a key behind.
        half = path.with_suffix(".new")
        half.write_text(make())
        half.chmod(0o600)
        half.replace(path)
    os.environ[f"{name}_FILE"] = str(path)
    return path


for each in SERVICES:
    for command in each.commands:
        muster.add_command(command)

if __name__ == "__main__":
    prepare_embedded()
    muster(prog_name="muster")
