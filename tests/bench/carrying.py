"""The carrier: messages relayed from the outbox, and consumed by the services' own handlers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from typing import Any

import pika
import psycopg

from services.events.handlers import HANDLERS as EVENTS_HANDLERS
from services.notifications.handlers import HANDLERS as NOTIFICATIONS_HANDLERS
from shared import consumer, messages, outbox, relay, wire
from shared.broker import EXCHANGE, Publisher, Queue
from shared.database import Database
from shared.handlers import Handlers

from .bare import Carriers
from .effort import Effort
from .replay import NUMBERS, Plan, make_plan
from .report import Report, Target
from .system import System

PREFETCH = 200
RELAYED = "relay, confirmed on a quorum queue, messages/s"
CONSUMED = "consumer of {service}, messages/s ({what})"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A service that consumes one kind of message."""

    service: str
    handlers: Handlers
    make: Callable[[], messages.Message]
    what: str

    def envelopes(self, count: int) -> list[wire.Envelope]:
        """Return so many sealed messages, none like another."""
        now = datetime.now(UTC)
        return [wire.seal(self.make(), now=now) for _ in range(count)]


def measure_carrier(
    system: System,
    carriers: Carriers,
    readers: tuple[Reader, Reader],
    effort: Effort,
    report: Report,
) -> None:
    """Relay and consume with the real code, and with pika and psycopg alone, taking turns."""
    report.progress("carrier: noting what handlers say to the database")
    events, notifications = readers
    plans = {reader.service: note_batch(system, reader) for reader in readers}
    for turn in range(effort.rounds):
        for reader in readers:
            empty(carriers, reader.service)
        relayed = report.measure(RELAYED, "/s", Target(least=15_000))
        relayed.values.append(relay_real(system, carriers, events, effort.messages))
        consume_both(system, carriers, events, effort, report, plans[events.service])
        relayed.raw.append(publish_raw(carriers, events, effort.messages))
        empty(carriers, events.service)
        publish_raw(carriers, notifications, effort.messages)
        consume_both(system, carriers, notifications, effort, report, plans[notifications.service])
        report.progress(
            f"round {turn + 1}/{effort.rounds}: relayed {relayed.values[-1]:.0f}/s, "
            f"raw {relayed.raw[-1]:.0f}/s"
        )


def make_readers(system: System) -> tuple[Reader, Reader]:
    """Return who reads places.changed and signup.placed, with messages about shifts there are."""
    shifts = system.make_shifts(*[None] * consumer.BATCH)
    system.wait_until_quiet()
    event = system.ask("events", f"SELECT event_id FROM shifts WHERE id = {shifts[0]}")
    turns = cycle(shifts)

    def places_changed() -> messages.Message:
        return messages.PlacesChanged(
            event_id=event,
            shift_id=next(turns),
            places_revision=next(NUMBERS),
            taken=1,
            waiting=0,
        )

    def signup_placed() -> messages.Message:
        number = next(NUMBERS)
        return messages.SignupPlaced(
            signup=messages.SignupFacts(
                id=number,
                revision=number,
                event_id=event,
                shift_id=next(turns),
                shift_revision=1,
                state="placed",
                party=1,
            ),
            person=messages.Person(
                first_name="Robin",
                email=f"b{number}@people.example",
                link=f"http://127.0.0.1:8000/my/{number}.signed-by-the-bench-and-as-long-as-a-link-is",
            ),
        )

    return (
        Reader(
            service="events",
            handlers=EVENTS_HANDLERS,
            make=places_changed,
            what="places.changed",
        ),
        Reader(
            service="notifications",
            handlers=NOTIFICATIONS_HANDLERS,
            make=signup_placed,
            what="signup.placed",
        ),
    )


def note_batch(system: System, reader: Reader) -> Plan:
    """Note what a full batch of messages makes the handlers say to the database."""
    with closing(Database(system.databases[reader.service])) as db:

        def receive(_shift: int) -> None:
            bodies = [envelope.body for envelope in reader.envelopes(consumer.BATCH)]
            consumer.receive(db, reader.handlers, bodies)

        receive(0)
        return make_plan(db.engine, receive)


def relay_real(system: System, carriers: Carriers, reader: Reader, count: int) -> float:
    """Write messages into the outbox, relay them, and return how many a second."""
    made = [reader.make() for _ in range(count)]
    with closing(Database(system.databases["signups"])) as db:
        with db.writing() as session:
            for start in range(0, count, 500):
                outbox.tell(session, *made[start : start + 500], now=db.now(session))
        publisher = Publisher(carriers.amqp_url("signups"), threading.Event())
        with closing(publisher), relay.leadership(db) as reading:
            assert reading, "another relay leads"
            started, done = time.monotonic(), 0
            while done < count:
                done += relay.relay_once(db, publisher, reading)
            return count / (time.monotonic() - started)


def publish_raw(carriers: Carriers, reader: Reader, count: int) -> float:
    """Publish as many messages by pika alone, in confirmed windows; return how many a second."""
    return RawPublisher(carriers.amqp_url("signups"), reader.envelopes(count)).run()


class RawPublisher:
    """Pika's own loop with the same windows and the same promises, and nothing around it."""

    def __init__(self, url: str, envelopes: list[wire.Envelope]) -> None:
        self.envelopes, self.published = envelopes, 0
        self.open: set[int] = set()
        self.started = self.ended = 0.0
        self.connection = pika.SelectConnection(
            pika.URLParameters(url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.opened),
            on_close_callback=lambda connection, _error: connection.ioloop.stop(),
        )

    def run(self) -> float:
        """Publish all and return how many a second."""
        self.started = time.monotonic()
        self.connection.ioloop.start()
        self.connection.ioloop.close()
        return len(self.envelopes) / (self.ended - self.started)

    def opened(self, channel: Any) -> None:
        """Ask for confirms, then begin."""
        self.channel = channel
        channel.confirm_delivery(self.answered, callback=lambda _frame: self.publish())

    def publish(self) -> None:
        """Publish the next window, or end."""
        window = self.envelopes[self.published : self.published + relay.WINDOW]
        if not window:
            self.ended = time.monotonic()
            self.connection.close()
            return
        self.open = set(range(self.published + 1, self.published + len(window) + 1))
        self.published += len(window)
        for envelope in window:
            properties = pika.BasicProperties(
                content_type=wire.CONTENT_TYPE,
                delivery_mode=2,
                message_id=str(envelope.message_id),
                type=envelope.name,
                headers={"traceparent": envelope.traceparent},
            )
            self.channel.basic_publish(
                EXCHANGE, envelope.name, envelope.body, properties, mandatory=True
            )

    def answered(self, frame: Any) -> None:
        """Go on when the whole window is confirmed."""
        tag = frame.method.delivery_tag
        if frame.method.multiple:
            self.open = {waiting for waiting in self.open if waiting > tag}
        else:
            self.open.discard(tag)
        if not self.open:
            self.publish()


def consume_both(
    system: System,
    carriers: Carriers,
    reader: Reader,
    effort: Effort,
    report: Report,
    plan: Plan,
) -> None:
    """Consume what waits with the real consumer, fill the queue again, and consume it raw."""
    name = CONSUMED.format(service=reader.service, what=reader.what)
    measure = report.measure(name, "/s", Target(least=5000))
    measure.values.append(consume_real(system, carriers, reader, effort.messages))
    publish_raw(carriers, reader, effort.messages)
    measure.raw.append(consume_raw(system, carriers, reader, effort.messages, plan))
    report.progress(f"{name}: {measure.values[-1]:.0f}/s, raw {measure.raw[-1]:.0f}/s")


class Counted(Queue):
    """A queue that stops its consumer after so many messages."""

    wanted = 0

    def acknowledge(self, batch: Any) -> None:
        """Acknowledge and count."""
        super().acknowledge(batch)
        self.wanted -= len(batch)
        if self.wanted <= 0:
            self._stop.set()


def consume_real(system: System, carriers: Carriers, reader: Reader, count: int) -> float:
    """Consume so many messages as a worker does; return how many a second."""
    stop = threading.Event()
    queue = Counted(carriers.amqp_url(reader.service), reader.service, stop)
    queue.wanted = count
    queue.take(0)
    with closing(Database(system.databases[reader.service])) as db:
        started = time.monotonic()
        consumer.consume(queue, db, partial(consumer.receive_delivered, db, reader.handlers), stop)
        return count / (time.monotonic() - started)


def consume_raw(
    system: System, carriers: Carriers, reader: Reader, count: int, plan: Plan
) -> float:
    """Consume so many by pika alone, each full batch with its statements by psycopg."""
    waiting: list[int] = []
    connection = pika.BlockingConnection(pika.URLParameters(carriers.amqp_url(reader.service)))
    url = system.databases[reader.service]
    with closing(connection), psycopg.connect(url) as database:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(
            reader.service, lambda _channel, method, *_: waiting.append(method.delivery_tag)
        )
        started, done = time.monotonic(), 0
        while done < count:
            while len(waiting) < consumer.BATCH:
                connection.process_data_events(time_limit=1)
            plan.run(database)
            channel.basic_ack(waiting[consumer.BATCH - 1], multiple=True)
            done += consumer.BATCH
            del waiting[: consumer.BATCH]
        return count / (time.monotonic() - started)


def empty(carriers: Carriers, service: str) -> None:
    """Throw away what waits in a service's queue."""
    connection = pika.BlockingConnection(pika.URLParameters(carriers.amqp_url(service)))
    with closing(connection):
        connection.channel().queue_purge(service)
