"""Muster as bare processes of this checkout, on a PostgreSQL and a RabbitMQ that are there."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from shared import keys, migrations
from tests.entering import issue_token
from tests.eventually import eventually

from .system import System

SERVICES = ("events", "signups", "notifications")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Carriers:
    """The PostgreSQL and the RabbitMQ to run on."""

    new_database: Callable[[str], str]
    """Makes a fresh database of this name and returns its URL."""
    amqp_url: Callable[[str], str]
    """Returns the AMQP address for a service's own account."""


@dataclass(kw_only=True)
class Bare:
    """The processes, and what is needed to start them."""

    system: System
    environments: Mapping[str, Mapping[str, str]]
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def start_workers(self) -> None:
        """Start one worker of each service."""
        self.workers = [start(s, "worker", self.environments[s]) for s in SERVICES]

    def stop_workers(self) -> None:
        """Stop them in an orderly way."""
        stop(self.workers)
        self.workers = []


@contextlib.contextmanager
def running(carriers: Carriers) -> Iterator[Bare]:
    """Start every web and worker on fresh databases, and a mail catcher; stop them at the end."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as opened:
        arrivals = Path(folder, "arrivals")
        port = opened.enter_context(catching_mail(arrivals))
        databases = {s: carriers.new_database(f"bench_{s}") for s in SERVICES}
        key, (session_key, session_public_key) = secrets.token_hex(32), keys.new_pair()
        ports = {service: free_port() for service in SERVICES}
        environments = {
            service: {
                "PATH": os.environ["PATH"],
                "DATABASE_URL": databases[service],
                "AMQP_URL": carriers.amqp_url(service),
                "SECRET_KEY": key,
                "ADDRESS_KEY": key,
                "SESSION_KEY": session_key,
                "SESSION_PUBLIC_KEY": session_public_key,
                "PUBLIC_URL": "http://127.0.0.1:8000",
                "WEB_PORT": str(ports[service]),
                "LOG_LEVEL": "warning",
                "SMTP_URL": f"smtp://127.0.0.1:{port}?tls=never",
            }
            for service in SERVICES
        }
        for service in SERVICES:
            migrations.migrate(databases[service], service)
        system = System(
            urls={service: f"http://127.0.0.1:{ports[service]}" for service in SERVICES},
            token=issue_token(environments["events"]),
            databases=databases,
            arrivals=lambda: read_arrivals(arrivals),
        )
        webs = [start(s, "web", environments[s]) for s in SERVICES if s != "notifications"]
        opened.callback(stop, webs)
        bare = Bare(system=system, environments=environments)
        opened.callback(bare.stop_workers)
        bare.start_workers()
        for service in ("events", "signups"):
            eventually(lambda s=service: answers(system.urls[s]), timeout=90)
        yield bare


@contextlib.contextmanager
def catching_mail(arrivals: Path) -> Iterator[int]:
    """Start the mail catcher and return its port."""
    process = subprocess.Popen(
        (sys.executable, "-m", "tests.bench.catcher", arrivals),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        stop([process])


def start(service: str, what: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start one process of a service."""
    return subprocess.Popen(
        (sys.executable, "-m", f"services.{service}", what), cwd=ROOT, env=environment, text=True
    )


def stop(processes: list[subprocess.Popen[str]]) -> None:
    """End processes and wait for them."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def answers(url: str) -> bool:
    """Tell whether a web is up and has its database."""
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def read_arrivals(path: Path) -> dict[str, float]:
    """Return when each recipient's mail arrived."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {email: float(moment) for moment, _, email in (line.partition(" ") for line in lines)}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
