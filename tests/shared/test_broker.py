"""The carrier on a real RabbitMQ: nothing unroutable is lost, order is kept, cuts are survived."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import pika
import pytest
from sqlalchemy import text

from shared import broker, consumer, held, outbox, relay, wire
from shared.database import Database
from tests.conftest import DatabaseOf
from tests.containers import Broker, compose
from tests.eventually import eventually
from tests.shared.making import NOON, make_envelope, make_places_changed
from tests.shared.working import GOOD, effects, prepare

pytestmark = pytest.mark.containers

BINDING = "bindings/{vhost}/e/messages/q/events"
OTHER_BINDING = "bindings/{vhost}/e/messages/q/notifications"
"""Of the other service that reads the same message."""


@pytest.fixture
def db(postgres_database_of: DatabaseOf) -> Database:
    return prepare(postgres_database_of("signups"))


def tell(db: Database, *shift_ids: int) -> None:
    with db.writing() as session:
        outbox.tell(session, *(make_places_changed(shift_id=n) for n in shift_ids), now=NOON)


def unsent(db: Database) -> int:
    with db.reading() as session:
        return len(outbox.unsent(session, limit=10_000))


def shifts_in(payloads: list[str]) -> list[int]:
    """Return the shift numbers of messages, in their order."""
    return [json.loads(payload)["data"]["shift_id"] for payload in payloads]


@contextmanager
def running(work: Callable[[threading.Event], None]) -> Iterator[threading.Event]:
    """Run `work` in a thread until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


@contextmanager
def relaying(db: Database, rabbit: Broker) -> Iterator[threading.Event]:
    """Relay from `db` as the signups service does."""
    url = rabbit.url_of("signups")
    with running(lambda stop: relay.relay(db, broker.Publisher(url, stop), stop)) as stop:
        yield stop


@contextmanager
def consuming(db: Database, rabbit: Broker) -> Iterator[None]:
    """Consume into `db` as the events service does."""

    def work(stop: threading.Event) -> None:
        queue = broker.Queue(rabbit.url_of("events"), "events", stop)
        consumer.consume(queue, db, partial(consumer.receive_delivered, db, GOOD), stop)

    with running(work):
        yield


def all_taken(rabbit: Broker, count: int) -> list[str]:
    """Take messages from the queue of events until `count` different ones came."""
    taken: list[str] = []

    def enough() -> bool:
        taken.extend(message["payload"] for message in rabbit.take("events", 5000))
        return len(set(taken)) >= count

    eventually(enough, timeout=60, every=0.1)
    return taken


def cut_connections(rabbit: Broker) -> None:
    """Let the broker close every connection of this virtual host."""

    def names() -> Any:
        return rabbit.api("GET", "vhosts/{vhost}/connections")

    for connection in eventually(names, timeout=20, every=0.2):
        name = connection["name"].replace(" ", "%20").replace(">", "%3E")
        rabbit.api("DELETE", f"connections/{name}")


def test_a_message_arrives_with_what_tools_want_to_see(db: Database, rabbit: Broker) -> None:
    tell(db, 7)

    with relaying(db, rabbit):
        eventually(lambda: unsent(db) == 0)
    (message,) = rabbit.take("events")

    properties, opened = message["properties"], wire.unseal(message["payload"].encode())
    assert opened.message == make_places_changed(shift_id=7)
    assert message["routing_key"] == properties["type"] == "places.changed.v1"
    assert UUID(properties["message_id"]) == opened.message_id
    assert properties["app_id"] == "signups"
    assert properties["content_type"] == "application/cloudevents+json"
    assert properties["delivery_mode"] == 2
    assert properties["headers"]["traceparent"] == opened.traceparent


def test_what_no_queue_reads_stays_in_the_outbox_until_one_does(
    db: Database, rabbit: Broker
) -> None:
    for binding in (BINDING, OTHER_BINDING):
        rabbit.api("DELETE", f"{binding}/places.changed.v1")
    tell(db, 1, 2)

    with closing(broker.Publisher(rabbit.url_of("signups"), threading.Event())) as publisher:
        assert relay.relay_once(db, publisher, db.reading) == 0
        assert unsent(db) == 2

        rabbit.api("POST", BINDING, {"routing_key": "places.changed.v1"})
        eventually(lambda: relay.relay_once(db, publisher, db.reading) == 2)

    assert shifts_in(all_taken(rabbit, 2)) == [1, 2]


def test_without_mandatory_the_broker_confirms_what_it_throws_away(rabbit: Broker) -> None:
    for binding in (BINDING, OTHER_BINDING):
        rabbit.api("DELETE", f"{binding}/places.changed.v1")
    envelope = make_envelope()

    with closing(
        pika.BlockingConnection(pika.URLParameters(rabbit.url_of("signups")))
    ) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(broker.EXCHANGE, envelope.name, envelope.body)

    assert rabbit.depth("events") == 0, "confirmed, and gone: this is why the relay is mandatory"


def test_a_message_under_another_ones_key_is_parked_not_believed(
    db: Database, rabbit: Broker
) -> None:
    envelope = make_envelope()
    forged = {"routing_key": "signup.placed.v1", "properties": {}, "payload_encoding": "string"}
    rabbit.api("POST", BINDING, {"routing_key": "signup.placed.v1"})
    rabbit.api(
        "POST",
        "exchanges/{vhost}/messages/publish",
        {**forged, "payload": envelope.body.decode()},
    )

    with consuming(db, rabbit):
        eventually(lambda: held_states(db) == ["parked"], timeout=20)

    assert effects(db) == []


def test_a_service_may_not_send_another_services_messages(db: Database, rabbit: Broker) -> None:
    tell(db, 1)

    with closing(broker.Publisher(rabbit.url_of("notifications"), threading.Event())) as publisher:
        assert relay.relay_once(db, publisher, db.reading) == 0

    assert unsent(db) == 1
    assert rabbit.depth("events") == 0


def test_a_burst_survives_cut_connections(db: Database, rabbit: Broker) -> None:
    tell(db, *range(3000))

    with relaying(db, rabbit):
        eventually(lambda: unsent(db) < 3000)
        cut_connections(rabbit)
        eventually(lambda: unsent(db) == 0, timeout=60)

    assert set(shifts_in(all_taken(rabbit, 3000))) == set(range(3000))


def test_a_broker_that_stops_and_starts_loses_nothing(db: Database, rabbit: Broker) -> None:
    with relaying(db, rabbit), consuming(db, rabbit):
        tell(db, *range(100))
        eventually(lambda: len(effects(db)) == 100, timeout=20)

        compose("exec", "-T", "rabbitmq", "rabbitmqctl", "-q", "stop_app")
        tell(db, *range(100, 200))
        compose("exec", "-T", "rabbitmq", "rabbitmqctl", "-q", "start_app")

        eventually(lambda: len(effects(db)) >= 200, timeout=50)

    assert effects(db) == list(range(200))
    assert unsent(db) == 0


def test_two_relays_keep_the_order_when_the_leader_is_cut_off(db: Database, rabbit: Broker) -> None:
    total = 4000
    with ExitStack() as both:
        second = both.enter_context(closing(Database(db.url)))
        both.enter_context(relaying(db, rabbit))
        both.enter_context(relaying(second, rabbit))
        for start in range(0, total, 100):
            tell(db, *range(start, start + 100))
            if start == 1500:
                cut_leader(db)
        eventually(lambda: unsent(db) == 0, timeout=50)
        arrived = shifts_in(all_taken(rabbit, total))

    first_times = list(dict.fromkeys(arrived))
    assert first_times == list(range(total))


def cut_leader(db: Database) -> None:
    """End the database connection that holds the relay's lock."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    with db.reading() as session:
        eventually(lambda: session.execute(text(query)).all())


def test_two_relays_without_a_leader_would_send_twice(db: Database, rabbit: Broker) -> None:
    tell(db, *range(500))
    both_read = threading.Barrier(2)

    class AtOnce(broker.Publisher):
        """Publishes only when the other relay has read its window too."""

        def publish(self, envelopes: Any) -> Any:
            both_read.wait(30)
            return super().publish(envelopes)

    def relay_unled() -> None:
        with closing(AtOnce(rabbit.url_of("signups"), threading.Event())) as publisher:
            relay.relay_once(db, publisher, db.reading)

    threads = [threading.Thread(target=relay_unled) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert eventually(lambda: rabbit.depth("events") == 1000)


def test_what_a_cut_consumer_had_in_hand_is_done_once(db: Database, rabbit: Broker) -> None:
    tell(db, *range(1000))

    with relaying(db, rabbit), consuming(db, rabbit):
        eventually(lambda: len(effects(db)) > 0, timeout=20)
        cut_connections(rabbit)
        eventually(lambda: len(effects(db)) >= 1000, timeout=50)
        eventually(lambda: rabbit.depth("events") == 0, timeout=20, every=0.5)

    assert effects(db) == list(range(1000))


def test_a_consumer_goes_on_after_its_queue_was_deleted(db: Database, rabbit: Broker) -> None:
    # What another queue takes counts as delivered.
    rabbit.api("DELETE", f"{OTHER_BINDING}/places.changed.v1")
    with relaying(db, rabbit), consuming(db, rabbit):
        tell(db, 1)
        eventually(lambda: effects(db) == [1], timeout=20)

        rabbit.api("DELETE", "queues/{vhost}/events")
        tell(db, 2)
        rabbit.api(
            "PUT",
            "queues/{vhost}/events",
            {"durable": True, "arguments": {"x-queue-type": "quorum"}},
        )
        rabbit.api("POST", BINDING, {"routing_key": "places.changed.v1"})

        eventually(lambda: effects(db) == [1, 2], timeout=50)


def test_while_its_database_is_away_a_consumer_takes_nothing(rabbit: Broker, db: Database) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    tell(db, *range(30))

    with relaying(db, rabbit):
        eventually(lambda: unsent(db) == 0, timeout=20)
    with consuming(away, rabbit):
        eventually(lambda: rabbit.depth("events") == 30)
    with consuming(db, rabbit):
        eventually(lambda: len(effects(db)) == 30, timeout=20)


def test_what_the_broker_gave_up_on_is_parked_for_a_person(db: Database, rabbit: Broker) -> None:
    tell(db, 1)
    with db.reading() as session:
        (envelope,) = outbox.unsent(session, limit=1)
    rabbit.api(
        "POST",
        "exchanges/{vhost}/amq.default/publish",
        {
            "routing_key": "events.parked",
            "properties": {},
            "payload": envelope.body.decode(),
            "payload_encoding": "string",
        },
    )

    def work(stop: threading.Event) -> None:
        queue = broker.Queue(rabbit.url_of("events"), "events.parked", stop)
        consumer.consume(queue, db, partial(consumer.park, db), stop)

    with running(work):
        eventually(lambda: held_states(db) == ["parked"], timeout=20)
        eventually(lambda: rabbit.depth("events.parked") == 0, timeout=20)

    with db.reading() as session:
        (row,) = held.list_held(session)
    assert row.message_id == envelope.message_id
    assert "the worker died" in row.reason


def held_states(db: Database) -> list[str]:
    with db.reading() as session:
        return [row.state for row in held.list_held(session)]
