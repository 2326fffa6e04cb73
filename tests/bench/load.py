"""The load client: sign-ups or pages, from one thread of its own process.

    python -m tests.bench.load < what.json > came-of-it.json

It knows just enough HTTP to be cheap: what it uses of the processors is missing for the system.
"""

from __future__ import annotations

import heapq
import itertools
import json
import selectors
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

PATIENCE = 30.0
"""Seconds within which every answer is expected."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """Sign-ups for these shifts in turn, for some seconds or until so many were sent.

    With `paths`, it asks for these pages in turn instead.
    """

    url: str
    token: str
    shifts: list[int]
    clients: int
    seconds: float = 0.0
    count: int = 0
    rate: float = 0.0
    """A second, evenly spaced; 0: each client sends the next one when it has its answer."""
    paths: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What came back. Latencies are milliseconds; moments are Unix time."""

    seconds: float
    cpu: float
    """Processor seconds of this client."""
    latencies: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    moments: dict[str, float] = field(default_factory=dict)
    """When each email's sign-up was answered."""

    @property
    def per_second(self) -> float:
        """Sign-ups that were taken, a second."""
        return self.statuses.get("201", 0) / self.seconds


def send(load: Load) -> Answers:
    """Run the load in a process of its own."""
    done = subprocess.run(
        (sys.executable, "-m", "tests.bench.load"),
        input=json.dumps(asdict(load)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=load.seconds + 120,
    )
    return Answers(**json.loads(done.stdout))


class Connection:
    """One client: at most one request under way, at most one answer read in parts.

    Like the front door, it connects when it has something to say: a connection without a request
    takes a place in the line.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.email, self.sent_at = "", 0.0
        self.received = b""
        self.socket: socket.socket | None = None

    def connect(self) -> socket.socket:
        """Open the connection, and return it."""
        self.socket = socket.create_connection(self.address, timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        return self.socket

    def read(self) -> tuple[str, bytes] | None:
        """Return status and body of the answer once it is whole; `lost` when it never will be."""
        try:
            part = self.socket.recv(65536) if self.socket else b""
        except OSError:
            part = b""
        if not part:
            return "lost", b""
        self.received += part
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return None
        self.received = b""
        if b"connection: close" in head.lower():
            self.received = b"closing"
        return head[9:12].decode(), body


class Run:
    """One load, from the first request to the last answer."""

    def __init__(self, load: Load) -> None:
        parts = urlsplit(load.url)
        self.load = load
        self.address = (parts.hostname or "", parts.port or 80)
        make = ask_for_pages if load.paths else make_requests
        self.requests = make(load, parts.netloc)
        self.selector = selectors.DefaultSelector()
        self.idle = [Connection(self.address) for _ in range(load.clients)]
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.moments: dict[str, float] = {}
        self.sent = 0

    def run(self) -> Answers:
        """Send until it is enough, and wait for the last answers."""
        cpu, started = time.process_time(), time.time()
        due = self._due_times(started)
        last = started
        while True:
            now = time.time()
            while self.idle and due and due[0] <= now and not self._is_enough(now - started):
                self._send(heapq.heappop(due))
                self._plan_next(due, started)
            if len(self.idle) == self.load.clients and (
                not due or self._is_enough(time.time() - started)
            ):
                break
            if now - last > PATIENCE:
                self.statuses["silent"] += self.load.clients - len(self.idle)
                break
            wait = max(due[0] - now, 0) if due and self.idle else 1.0
            for key, _ in self.selector.select(wait):
                last = time.time()
                self._receive(key.data, last, due)
        return Answers(
            seconds=last - started,
            cpu=time.process_time() - cpu,
            latencies=self.latencies,
            statuses=dict(self.statuses),
            states=dict(self.states),
            moments=self.moments,
        )

    def _due_times(self, started: float) -> list[float]:
        return [started] * (1 if self.load.rate else self.load.clients)

    def _plan_next(self, due: list[float], started: float) -> None:
        if self.load.rate:
            heapq.heappush(due, started + self.sent / self.load.rate)

    def _is_enough(self, seconds: float) -> bool:
        return bool(
            (self.load.seconds and seconds >= self.load.seconds)
            or (self.load.count and self.sent >= self.load.count)
        )

    def _send(self, due_at: float) -> None:
        connection = self.idle.pop()
        connection.email, request = next(self.requests)
        # Counted from when it was due, so that waiting for a free client is not hidden.
        connection.sent_at = due_at if self.load.rate else time.time()
        opened = connection.socket
        if opened is None:
            opened = connection.connect()
            self.selector.register(opened, selectors.EVENT_READ, connection)
        opened.sendall(request)
        self.sent += 1

    def _receive(self, connection: Connection, now: float, due: list[float]) -> None:
        answer = connection.read()
        if answer is None:
            return
        status, body = answer
        if connection not in self.idle:
            self.latencies.append((now - connection.sent_at) * 1000)
            self.statuses[status] += 1
            self.moments[connection.email] = now
            for state in (b'"placed"', b'"waiting"'):
                if state in body:
                    self.states[state.decode().strip('"')] += 1
            self.idle.append(connection)
            if not self.load.rate:
                heapq.heappush(due, now)
        if connection.socket and (status == "lost" or connection.received == b"closing"):
            self.selector.unregister(connection.socket)
            connection.socket.close()
            connection.socket = None


def make_requests(load: Load, host: str) -> Iterator[tuple[str, bytes]]:
    """Yield an email nobody else has and the request that signs it up, for ever."""
    run, number = uuid.uuid4().hex[:12], 0
    head = (
        f"POST /api/signups HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {load.token}\r\n"
        "Content-Type: application/json\r\n"
    )
    while True:
        email = f"b{number}.{run}@people.example"
        body = (
            f'{{"shift_id":{load.shifts[number % len(load.shifts)]},"name":"Robin Sample",'
            f'"email":"{email}","phone":"+44 20 7946 0123","postcode":"SW1A 1AA","party":1,'
            '"consent":true}'
        )
        number += 1
        key = f"Idempotency-Key: {run}-{number}\r\nContent-Length: {len(body)}\r\n\r\n"
        yield email, (head + key + body).encode()


def ask_for_pages(load: Load, host: str) -> Iterator[tuple[str, bytes]]:
    """Yield the requests for the pages in turn, for ever; none of them is anybody's."""
    for path in itertools.cycle(load.paths):
        yield "", f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


if __name__ == "__main__":
    json.dump(asdict(Run(Load(**json.load(sys.stdin))).run()), sys.stdout)
