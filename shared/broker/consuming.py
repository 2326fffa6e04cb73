"""Taking messages from a queue: one connection in one thread, replaced when it breaks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError
from pika.spec import Basic

from shared.broker.connecting import Backoff, parameters

PREFETCH = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """One message as the broker delivered it.

    `key` is the routing key, which its sender was allowed to use.
    """

    tag: int
    key: str
    body: bytes


class Queue:
    """A queue to take batches from and acknowledge them; it reconnects by itself."""

    def __init__(self, url: str, name: str, stop: threading.Event) -> None:
        self._url, self._name, self._stop = url, name, stop
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._waiting: list[Delivery] = []
        self._backoff = Backoff()

    @property
    def connected(self) -> bool:
        """Whether messages are being delivered."""
        return self._channel is not None

    def take(self, limit: int, *, patience: float = 1.0) -> list[Delivery]:
        """Return up to `limit` messages, waiting up to `patience` seconds for the first."""
        try:
            channel = self._channel or self._connect()
            if not self._waiting:
                channel.connection.process_data_events(time_limit=patience)
            if not channel.is_open or not channel.consumer_tags:
                raise AMQPError("the queue's consumer was cancelled")
        except (AMQPError, OSError) as error:
            log.warning("queue %s: %s", self._name, type(error).__name__)
            self.release()
            self._backoff.wait(self._stop)
            return []
        batch, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return batch

    def acknowledge(self, batch: Sequence[Delivery]) -> None:
        """Tell the broker that this batch, and all before it, is done.

        When the connection is gone the broker delivers again, and the inbox knows what was done.
        """
        try:
            if self._channel is not None:
                self._channel.basic_ack(batch[-1].tag, multiple=True)
                self._channel.connection.process_data_events(time_limit=0)
        except (AMQPError, OSError) as error:
            log.warning("queue %s: %s", self._name, type(error).__name__)
            self.release()

    def release(self) -> None:
        """Close the connection: what was not acknowledged goes back to the queue."""
        connection, self._connection, self._channel, self._waiting = (
            self._connection,
            None,
            None,
            [],
        )
        _close(connection)

    def _connect(self) -> BlockingChannel:
        self._connection = BlockingConnection(parameters(self._url))
        channel = self._connection.channel()
        channel.queue_declare(self._name, passive=True)
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(self._name, self._deliver)
        self._channel = channel
        self._backoff.reset()
        return channel

    def _deliver(self, _channel: Any, method: Basic.Deliver, _properties: Any, body: bytes) -> None:
        delivery = Delivery(tag=method.delivery_tag or 0, key=method.routing_key or "", body=body)
        self._waiting.append(delivery)


def _close(connection: BlockingConnection | None) -> None:
    try:
        if connection is not None and connection.is_open:
            connection.close()
    except (AMQPError, OSError):
        log.debug("the connection was gone already")
