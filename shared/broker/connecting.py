"""How a connection to RabbitMQ is made: with every wait bounded, and tried for ever."""

from __future__ import annotations

import random
import threading

import pika

LONGEST_WAIT = 30.0
"""Seconds; the longest wait before a new connection is tried."""


def parameters(url: str) -> pika.URLParameters:
    """Return connection parameters whose waits are all bounded."""
    made = pika.URLParameters(url)
    made.heartbeat = 30
    made.blocked_connection_timeout = 30
    made.socket_timeout = 5
    made.stack_timeout = 10
    made.connection_attempts = 1
    return made


class Backoff:
    """Growing waits with jitter between tries to reach the broker, for ever."""

    def __init__(self) -> None:
        self._seconds = 1.0

    def wait(self, stop: threading.Event) -> None:
        """Wait a while, longer each time, and at most until `stop`."""
        stop.wait(self._seconds * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
        self._seconds = min(self._seconds * 2, LONGEST_WAIT)

    def reset(self) -> None:
        """Begin with short waits again, after a success."""
        self._seconds = 1.0
