"""A mail catcher that does next to nothing: it takes every mail and writes down who got it when.

    python -m tests.bench.catcher ARRIVALS        (prints its port)

Each mail becomes a line in the file ARRIVALS: Unix time and recipient.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import IO

END = b"\r\n.\r\n"
REPLIES = {
    b"EHLO": b"250-catcher.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"HELO": b"250 catcher.example\r\n",
    b"DATA": b"354 Go ahead\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}


class Talk(asyncio.Protocol):
    """One connection of a sender."""

    def __init__(self, arrivals: IO[str]) -> None:
        self.arrivals = arrivals
        self.received, self.recipient, self.in_text = b"", "", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 catcher.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every command and every text that is complete."""
        self.received += data
        self.transport.write(b"".join(self._answers()))

    def _answers(self) -> Iterator[bytes]:
        while True:
            part, found, rest = self.received.partition(END if self.in_text else b"\r\n")
            if not found:
                return
            self.received = rest
            yield self._take_text() if self.in_text else self._take_command(part)

    def _take_text(self) -> bytes:
        self.in_text = False
        self.arrivals.write(f"{time.time():.6f} {self.recipient}\n")
        self.arrivals.flush()
        return b"250 2.0.0 Taken\r\n"

    def _take_command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.recipient = line.partition(b"<")[2].partition(b">")[0].decode()
        self.in_text = verb == b"DATA"
        return REPLIES.get(verb, b"250 2.0.0 Ok\r\n")


async def serve(path: str) -> None:
    """Catch mail until the process is ended."""
    with open(path, "a", encoding="utf-8") as arrivals:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Talk(arrivals), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
