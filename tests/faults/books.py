"""What the system itself has written down: its three databases, its queues, its mail."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from importlib import import_module
from typing import Any
from uuid import UUID

import pika
import psycopg

from shared.handlers import names_of
from tests.containers import SERVICES, Stack

READERS = {
    service: frozenset(names_of(import_module(f"services.{service}.handlers").HANDLERS))
    for service in SERVICES
}
"""The names of the messages that each service reads."""

UNFINISHED = """
    SELECT n.id, n.state, n.attempts FROM notices n JOIN signups g ON g.id = n.signup_id
    WHERE g.event_id = %s AND n.kind <> 'changed' AND (
        n.state IN ('due', 'sending', 'deferred')
        OR (n.state = 'uncertain' AND n.due_at IS NOT NULL))
    ORDER BY n.id
"""


class Books:
    """Reads the databases through one kept connection each; a broken one is opened again."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._open: dict[str, psycopg.Connection[Any]] = {}

    def ask(self, service: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query in a service's database; also carries out changes."""
        try:
            if service not in self._open:
                url = self.stack.database_url(service)
                self._open[service] = psycopg.connect(url, autocommit=True, connect_timeout=5)
            done = self._open[service].execute(query, values)  # type: ignore[call-overload]
        except psycopg.OperationalError:
            self._forget(service)
            raise
        return done.fetchall() if done.description else []

    def number(self, service: str, query: str, *values: Any) -> int:
        """Return the one number that a query gives."""
        ((found,),) = self.ask(service, query, *values)
        return int(found)

    def close(self) -> None:
        """Close all connections."""
        for service in list(self._open):
            self._forget(service)

    def unsent(self) -> int:
        """Return how many messages wait in the outboxes."""
        query = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
        return sum(self.number(service, query) for service in SERVICES)

    def held(self, state: str) -> int:
        """Return how many messages are `retrying` or `parked`."""
        query = "SELECT count(*) FROM held_messages WHERE state = %s"
        return sum(self.number(service, query, state) for service in SERVICES)

    def unreceived(self) -> list[UUID]:
        """Return the messages that a service sent and one of its readers neither did nor holds."""
        missing: list[UUID] = []
        sent = [row for s in SERVICES for row in self.ask(s, "SELECT message_id, name FROM outbox")]
        for reader, names in READERS.items():
            known = {
                message_id
                for table in ("inbox", "held_messages")
                for (message_id,) in self.ask(reader, f"SELECT message_id FROM {table}")
            }
            missing += [
                message_id for message_id, name in sent if name in names and message_id not in known
            ]
        return missing

    def unfinished(self, event_id: int) -> list[tuple[Any, ...]]:
        """Return the notices about an event whose hour has come or will come."""
        return self.ask("notifications", UNFINISHED, event_id)

    def queued(self) -> int:
        """Return how many messages lie in the broker's queues, set aside ones included."""
        queues = [f"{service}{suffix}" for service in SERVICES for suffix in ("", ".parked")]
        connection = pika.BlockingConnection(pika.URLParameters(self.stack.rabbit.url))
        with contextlib.closing(connection):
            channel = connection.channel()
            found = [channel.queue_declare(queue, passive=True) for queue in queues]
        return sum(declared.method.message_count for declared in found)

    def mails(self, addresses: Collection[str]) -> list[tuple[str, str, str]]:
        """Return address, subject and Message-ID of every mail to one of these addresses."""
        return [
            (to["Address"], mail["Subject"], mail["MessageID"])
            for mail in self.stack.mails()
            for to in mail["To"]
            if to["Address"] in addresses
        ]

    def forget_held(self) -> None:
        """Drop the messages that are `retrying` or `parked`."""
        for service in SERVICES:
            self.ask(service, "DELETE FROM held_messages")

    def let_hours_pass(self) -> None:
        """Bring everything forward that waits for an hour: leases, second tries, their sweep."""
        self.ask(
            "notifications",
            "UPDATE notices SET lease_until = now() WHERE state = 'sending'",
        )
        self.ask(
            "notifications",
            "UPDATE notices SET due_at = now() WHERE state IN ('deferred', 'uncertain')"
            " AND due_at IS NOT NULL",
        )
        self.ask("notifications", "UPDATE chores SET due_at = now()")
        for service in SERVICES:
            self.ask(service, "UPDATE held_messages SET due_at = now() WHERE state = 'retrying'")

    def _forget(self, service: str) -> None:
        connection = self._open.pop(service, None)
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()
