"""A small DNS server on this machine, with the records that a test gives it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

from dnslib import RCODE, RR
from dnslib.server import BaseResolver, DNSServer


@dataclass
class Zone(BaseResolver):  # type: ignore[misc]
    """Records, by lines as in a zone file; a name that is in none is not there."""

    lines: list[str] = field(default_factory=list)
    port: int = 0
    is_broken: bool = False

    @property
    def address(self) -> str:
        """What `--resolver` takes."""
        return f"127.0.0.1:{self.port}"

    def resolve(self, request: object, _handler: object) -> object:
        """Answer one question."""
        reply = request.reply()  # type: ignore[attr-defined]
        records = [record for line in self.lines for record in RR.fromZone(line)]
        here = [r for r in records if r.rname == request.q.qname]  # type: ignore[attr-defined]
        if self.is_broken:
            reply.header.rcode = RCODE.SERVFAIL
        elif not here:
            reply.header.rcode = RCODE.NXDOMAIN
        for record in here:
            if record.rtype == request.q.qtype:  # type: ignore[attr-defined]
                reply.add_answer(record)
        return reply


@contextmanager
def open_zone(*lines: str) -> Iterator[Zone]:
    """Serve records over UDP on a port of its own."""
    zone = Zone(list(lines))
    server = DNSServer(zone, address="127.0.0.1", port=0, logger=_Silent())
    zone.port = server.server.server_address[1]
    # Asked to stop it does so within 10 ms; dnslib's own thread would take half a second.
    thread = Thread(target=server.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield zone
    finally:
        server.server.shutdown()
        thread.join()
        server.server.server_close()


class _Silent:
    """A log that keeps nothing."""

    def __getattr__(self, _name: str) -> object:
        return lambda *_: None
