"""The command `muster`: embedded mode, and every service's commands in one place."""

from __future__ import annotations

import importlib.util
import os
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import click
import waitress
from flask import Flask

from shared import embedded, held, logs, migrations, relay
from shared.commands import JSON, opened, print_rows
from shared.database import Database
from shared.embedded import InProcess, Reader
from shared.paths import owner_of
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
    """Start the three services in this process and serve them until a signal."""
    logs.set_up("embedded", settings["events"].log_level)
    crew = Crew()
    crew.stop_on_signals()
    click.echo("Muster: preparing the databases …")
    for service in SERVICES:
        migrations.migrate(settings[service.name].database_url, service.name)
    databases = {s.name: open_database(settings[s.name], pool_size=30) for s in SERVICES}
    if demo:
        click.echo("Muster: loading the demo events (DEMO=0 leaves them out) …")
        load_demo()
    nudges = {service.name: threading.Event() for service in SERVICES}
    readers = [Reader(databases[s.name], s.handlers, nudges[s.name]) for s in SERVICES]
    for service in SERVICES:
        db, name = databases[service.name], service.name
        crew.start(f"relay of {name}", _relay_of(db, InProcess(readers), crew))
        start_own_threads(crew, service, settings[name], db, nudges[name])
    apps = {s.name: s.create_app(settings[s.name], databases[s.name]) for s in SERVICES}
    for app in apps.values():
        app.jinja_env.globals["keeps_mail"] = not getattr(settings["notifications"], "smtp_url", "")
    sockets: dict[int, object] = {}
    server = waitress.create_server(
        Dispatcher(apps), map=sockets, listen=f"127.0.0.1:{port}", threads=8
    )
    crew.start("web", server.run)
    click.echo(f"Muster is ready: http://127.0.0.1:{port}   mail: http://127.0.0.1:{port}/mail")
    click.echo(f"The API token stands in {os.environ['DATA']}/api-token. Ctrl-C ends it.")
    crew.stop.wait()
    server.task_dispatcher.shutdown()
    # The web thread ends when it watches no socket; idle browsers would keep theirs for minutes.
    server.trigger.pull_trigger(sockets.clear)
    return crew.wait()


def load_demo() -> None:
    """Load the demo events; does nothing where there are some."""
    demo: Callable[..., object] = muster.commands["demo"].main
    demo(args=[], standalone_mode=False)


class Dispatcher:
    """The front door of embedded mode: hands each request to the service that owns its path."""

    def __init__(self, apps: dict[str, Flask]) -> None:
        self._apps = apps

    def __call__(self, environ: dict[str, object], start_response: object) -> object:
        """Answer a WSGI request (PEP 3333)."""
        app = self._apps[owner_of(str(environ["PATH_INFO"]))]
        return app(environ, start_response)  # type: ignore[arg-type]


def _relay_of(db: Database, carrier: InProcess, crew: Crew) -> Callable[[], None]:
    return lambda: relay.relay(db, carrier, crew.stop)


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
    for name in ("SECRET_KEY", "API_TOKEN"):
        if name not in os.environ and f"{name}_FILE" not in os.environ:
            os.environ[f"{name}_FILE"] = str(_made_once(folder / name.lower().replace("_", "-")))


def _made_once(path: Path) -> Path:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path


for each in SERVICES:
    for command in each.commands:
        muster.add_command(command)

if __name__ == "__main__":
    prepare_embedded()
    muster(prog_name="muster")
