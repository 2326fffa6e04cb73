"""Publishing with confirms, a window of messages at a time, through a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Any
from uuid import UUID

import pika
from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties

from shared.broker.connecting import Backoff, parameters
from shared.messages import CATALOGUE
from shared.wire import CONTENT_TYPE, Envelope

EXCHANGE = "messages"
CONFIRM_WITHIN = 10.0
"""Seconds within which the broker confirms a window, before its connection is given up."""

UNROUTABLE_PAUSE = 1.0
"""Seconds before messages that no queue reads are offered again."""

log = logging.getLogger(__name__)


class Publisher:
    """Publishes windows of messages, `mandatory` and with confirms, through a thread of its own.

    One confirm at a time makes about a thousand messages a second; a window of several hundred
    in flight makes more than ten times as many. `mandatory`, because the broker also confirms
    what it can take to no queue.
    """

    def __init__(self, url: str, stop: threading.Event) -> None:
        self._url, self._stop = url, stop
        self._link: _Link | None = None
        self._backoff = Backoff()

    def publish(self, envelopes: Sequence[Envelope]) -> Collection[UUID]:
        """Return the ids of the messages that the broker has safely in at least one queue."""
        link = self._link
        if link is None or not link.usable:
            self.close()
            link = self._link = _Link(self._url)
        try:
            confirmed = link.publish(envelopes).result(timeout=CONFIRM_WITHIN)
        except (AMQPError, OSError, Late) as error:
            log.warning("publishing: %s", type(error).__name__)
            self.close()
            confirmed = link.confirmed()
            self._backoff.wait(self._stop)
            return confirmed
        self._backoff.reset()
        if not confirmed:
            # All came back for want of a queue: an operator has to bind it, so there is no hurry.
            self._stop.wait(UNROUTABLE_PAUSE)
        return confirmed

    def close(self) -> None:
        """Close the connection and end its thread."""
        if self._link is not None:
            self._link.close()
            self._link = None


class _Link:
    """One connection for publishing, with the thread that runs it. It is used until it breaks."""

    def __init__(self, url: str) -> None:
        self._connection = pika.SelectConnection(
            parameters(url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda _connection, error: self._fail(error),
            on_close_callback=lambda _connection, error: self._fail(error),
        )
        self._channel: Any = None
        self._tag = 0
        self._waits: tuple[Future[set[UUID]], Sequence[Envelope]] | None = None
        self._in_flight: dict[int, UUID] = {}
        self._returned: set[UUID] = set()
        self._confirmed: set[UUID] = set()
        self.usable = True
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def publish(self, envelopes: Sequence[Envelope]) -> Future[set[UUID]]:
        """Publish the window once the channel is open; the future gets the ids that are safe."""
        future: Future[set[UUID]] = Future()
        self._call(lambda: self._accept(future, envelopes))
        return future

    def confirmed(self) -> set[UUID]:
        """Return what was confirmed of the last window so far."""
        return set(self._confirmed)

    def close(self) -> None:
        """Close from outside the thread."""
        self.usable = False
        self._call(self._shut)

    def _call(self, action: Any) -> None:
        if self._thread.is_alive():
            self._connection.ioloop.add_callback_threadsafe(action)

    def _run(self) -> None:
        try:
            self._connection.ioloop.start()
        except Exception as error:
            self._fail(error)
        finally:
            self._connection.ioloop.close()

    def _shut(self) -> None:
        if self._connection.is_closed:
            # Not at once: callbacks that still wait let go of the socket.
            self._connection.ioloop.call_later(0, self._connection.ioloop.stop)
        elif not self._connection.is_closing:
            self._connection.close()

    def _opened(self, channel: Any) -> None:
        channel.add_on_return_callback(self._was_returned)
        channel.add_on_close_callback(lambda _channel, error: self._fail(error))
        channel.confirm_delivery(self._was_answered, callback=lambda _frame: self._ready(channel))

    def _ready(self, channel: Any) -> None:
        self._channel = channel
        self._send()

    def _accept(self, future: Future[set[UUID]], envelopes: Sequence[Envelope]) -> None:
        self._waits = (future, envelopes)
        self._returned, self._confirmed = set(), set()
        if not self.usable:
            self._fail(AMQPError("the connection is closed"))
        elif self._channel is not None:
            self._send()

    def _send(self) -> None:
        if self._waits is None:
            return
        for envelope in self._waits[1]:
            self._tag += 1
            self._in_flight[self._tag] = envelope.message_id
            self._channel.basic_publish(
                EXCHANGE, envelope.name, envelope.body, _properties(envelope), mandatory=True
            )

    def _was_returned(
        self, _channel: Any, method: Basic.Return, properties: BasicProperties, _body: bytes
    ) -> None:
        log.error("no queue reads %s: it stays in the outbox", method.routing_key)
        self._returned.add(UUID(properties.message_id))

    def _was_answered(self, frame: Any) -> None:
        answer = frame.method
        for tag in self._answered_tags(answer.delivery_tag, multiple=answer.multiple):
            message_id = self._in_flight.pop(tag)
            if isinstance(answer, Basic.Ack) and message_id not in self._returned:
                self._confirmed.add(message_id)
        if not self._in_flight and self._waits is not None:
            future, self._waits = self._waits[0], None
            future.set_result(set(self._confirmed))

    def _answered_tags(self, tag: int, *, multiple: bool) -> Iterable[int]:
        if not multiple:
            return [tag] if tag in self._in_flight else []
        return [waiting for waiting in self._in_flight if waiting <= tag]

    def _fail(self, error: Any) -> None:
        self.usable = False
        if self._waits is not None:
            future, self._waits = self._waits[0], None
            future.set_exception(
                error if isinstance(error, (AMQPError, OSError)) else AMQPError(str(error))
            )
        self._shut()


def _properties(envelope: Envelope) -> BasicProperties:
    return BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=2,
        message_id=str(envelope.message_id),
        type=envelope.name,
        app_id=CATALOGUE[envelope.name].SENDER,
        correlation_id=envelope.traceparent[3:35],
        timestamp=int(time.time()),
        headers={"traceparent": envelope.traceparent},
    )
