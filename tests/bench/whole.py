"""The compose system as it is deployed, started for the bench under a name of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime

import psycopg

from tests import containers

from .bare import SERVICES, Carriers
from .system import System

DOWN = ("down", "--volumes", "--remove-orphans", "--timeout", "2")


@contextlib.contextmanager
def carriers_running() -> Iterator[Carriers]:
    """Start PostgreSQL, RabbitMQ and the mail catcher. Unless KEEP_STACK=1
    is set, take everything down at the end."""
    with containers.only_one_at_a_time():
        containers.run(containers.ROOT / "deploy/images/engine-up", timeout=900)
        containers.run(containers.ROOT / "deploy/images/base-images", timeout=1800)
        containers.run(containers.ROOT / "deploy/make-secrets", containers.SECRETS)
        os.environ.update(containers.settings())
        # What an earlier run left would take this one's messages.
        containers.compose(*DOWN)
        try:
            containers.Stack.up(*containers.CARRIERS)
            yield Carriers(new_database=new_database, amqp_url=containers.Broker("/").url_of)
        finally:
            if not containers.KEEP:
                containers.compose(*DOWN)


def new_database(name: str) -> str:
    """Make an empty database and return its URL."""
    address = containers.ip_of(*containers.ids_of("postgres"))
    server = f"postgresql://postgres:{containers.secret('postgres-password')}@{address}:5432"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return f"{server}/{name}"


def start_all() -> System:
    """Start the rest of the system, and return it."""
    os.environ.update({"SIGNUPS_WEB": "1", "NOTIFICATIONS_WORKER": "1"})
    containers.Stack.up("--build")
    stack = containers.Stack()
    return System(
        urls=dict.fromkeys(SERVICES, stack.url),
        token=stack.api_token,
        databases={service: stack.database_url(service) for service in SERVICES},
        arrivals=lambda: arrivals_of(stack),
    )


def arrivals_of(stack: containers.Stack) -> dict[str, float]:
    """Return when each recipient's mail reached the catcher."""
    return {
        mail["To"][0]["Address"]: datetime.fromisoformat(mail["Created"]).timestamp()
        for mail in stack.mails()
    }


def memory() -> float:
    """Return the MiB that all containers use together."""
    used = containers.run("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}")
    units = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}
    total = 0.0
    for line in used.splitlines():
        name, amount, *_ = line.split()
        if name.startswith(f"{containers.PROJECT}-") and amount[-3:] in units:
            total += float(amount[:-3]) * units[amount[-3:]]
    return total
