"""How a service's processes start and end: web, worker and migrate."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import click
from flask import Flask

from shared import broker, chores, consumer, logs, migrations, relay
from shared.chores import Chore
from shared.database import Database
from shared.handlers import Handlers
from shared.settings import ServiceSettings, SettingsError

Thread = Callable[..., None]
"""Runs until its `stop`; see Worker."""

STOP_WITHIN = 20.0
"""Seconds that a worker's threads get to finish what is in hand."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """What a service is made of, for whoever starts it."""

    name: str
    settings: type[ServiceSettings]
    create_app: Callable[..., Flask]
    handlers: Handlers
    chores: Sequence[Chore]
    commands: Sequence[click.Command] = ()
    threads: Sequence[Thread] = ()
    """More threads of the worker, each called with (settings, db, stop, nudge)."""


@dataclass
class Crew:
    """Threads that end together: one that fails takes the others, and the process, with it."""

    stop: threading.Event = field(default_factory=threading.Event)
    failed: bool = False
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` in a thread; when it ends before `stop`, everything stops."""

        def run() -> None:
            try:
                work()
            except Exception:
                log.exception("thread %s failed", name)
            if not self.stop.is_set():
                log.error("thread %s ended unexpectedly: the process stops", name)
                self.failed = True
                self.stop.set()

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> int:
        """Wait for `stop`, let the threads finish, and return the process's exit status."""
        self.stop.wait()
        for thread in self._threads:
            thread.join(STOP_WITHIN)
        return 1 if self.failed else 0

    def stop_on_signals(self) -> None:
        """End the crew on SIGTERM and SIGINT; a second one changes nothing."""
        numbers = (signal.SIGTERM, signal.SIGINT)

        def stop(*_: object) -> None:
            for number in numbers:
                signal.signal(number, signal.SIG_IGN)
            # By another thread: the one interrupted here may hold the lock that this needs.
            threading.Thread(target=self.stop.set, daemon=True).start()

        for number in numbers:
            signal.signal(number, stop)


def main(service: Service) -> None:
    """Run `python -m services.<name> web|worker|migrate`."""
    what = {"web": run_web, "worker": run_worker, "migrate": run_migrate}.get(
        "".join(sys.argv[1:2])
    )
    if what is None or len(sys.argv) != 2:
        sys.exit(f"usage: python -m services.{service.name} web | worker | migrate")
    try:
        settings = service.settings.from_environment(service.name)
    except SettingsError as error:
        sys.exit(str(error))
    logs.set_up(service.name, settings.log_level)
    sys.exit(what(service, settings))


def run_migrate(service: Service, settings: ServiceSettings) -> int:
    """Bring the database up to date."""
    migrations.migrate(settings.database_url, service.name)
    return 0


def run_web(service: Service, settings: ServiceSettings) -> int:
    """Become gunicorn with this service's app; the broker has no part in answering requests.

    A process takes no more connections than it works on and one to go on with, and each for one
    request. All others wait in the one line before all processes, so that few wait behind a busy
    process while another is idle. The front door opens one only when it has the whole request.
    """
    os.execvp(  # noqa: S606 - the process becomes gunicorn, no shell is involved
        sys.executable,
        [
            sys.executable,
            *("-m", "gunicorn", f"services.{service.name}.app:start()"),
            *("--bind", f"0.0.0.0:{os.environ.get('WEB_PORT', '8000')}"),
            *("--worker-class", "gthread", "--workers", str(settings.web_workers)),
            *("--threads", str(settings.web_threads)),
            *("--worker-connections", str(settings.web_threads + 1), "--backlog", "2048"),
            *("--worker-tmp-dir", "/dev/shm", "--no-control-socket"),  # noqa: S108 - memory, not disk
            *("--graceful-timeout", "15", "--timeout", "30", "--keep-alive", "0"),
        ],
    )


def run_worker(service: Service, settings: ServiceSettings) -> int:
    """Consume, relay and do chores until a signal.

    Each has a thread with connections of its own.
    """
    # Who has an answer waits no longer than this for a thread that computes; the usual 5 ms would
    # add up over a message's way.
    sys.setswitchinterval(0.0005)
    crew = Crew()
    crew.stop_on_signals()
    db = open_database(settings, pool_size=5 + len(service.threads))
    nudge = threading.Event()

    def receive(deliveries: Sequence[broker.Delivery]) -> None:
        consumer.receive_delivered(db, service.handlers, deliveries)
        nudge.set()

    queue = broker.Queue(settings.amqp_url, service.name, crew.stop)
    given_up = broker.Queue(settings.amqp_url, f"{service.name}.parked", crew.stop)
    publisher = broker.Publisher(settings.amqp_url, crew.stop)
    crew.start("consumer", lambda: consumer.consume(queue, db, receive, crew.stop))
    park = partial(consumer.park, db)
    crew.start("parked", lambda: consumer.consume(given_up, db, park, crew.stop))
    crew.start("relay", lambda: relay.relay(db, publisher, crew.stop))
    start_own_threads(crew, service, settings, db, nudge)
    log.info("worker of %s started", service.name)
    return crew.wait()


def open_database(settings: ServiceSettings, *, pool_size: int) -> Database:
    """Open the service's database; operations find the settings in their session's `info`."""
    db = Database(settings.database_url, pool_size=pool_size)
    db.info["settings"] = settings
    return db


def start_web(
    service: str, settings: type[ServiceSettings], create_app: Callable[..., Flask]
) -> Flask:
    """Make the app for gunicorn; wrong settings end the process with a sentence each."""
    try:
        found = settings.from_environment(service)
    except SettingsError as error:
        sys.exit(str(error))
    logs.set_up(service, found.log_level)
    app = create_app(found, open_database(found, pool_size=found.web_threads))
    # What is there from the start stays to the end: the collector, which stops every request
    # while it works, need not look at it again and again; nor after every few hundred objects, of
    # which a request makes thousands.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return app


def start_own_threads(
    crew: Crew, service: Service, settings: ServiceSettings, db: Database, nudge: threading.Event
) -> None:
    """Start the threads that do not depend on the carrier: chores, and what the service adds."""
    crew.start("chores", lambda: chores.keep_doing(db, service.chores, service.handlers, crew.stop))
    for thread in service.threads:
        crew.start(thread.__module__, partial(thread, settings, db, crew.stop, nudge))
