"""A mail server that answers as its script says, drops the line, or stays silent."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

DROP = "drop"
SILENCE = "silence"
GOOD = {
    "connect": "220 post.example ready",
    "ehlo": "250-post.example\r\n250 AUTH PLAIN",
    "helo": "250 post.example",
    "starttls": "220 2.0.0 go on",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "body": "250 2.0.0 taken",
    "rset": "250 2.0.0 ok",
    "quit": "221 2.0.0 bye",
}
STAGES = {b"STAR": "starttls"}
"""Verbs that are longer than those of the first standard."""


@dataclass
class PostOffice:
    """What was answered, and what arrived. `script` holds, by stage, answers used up in order."""

    port: int = 0
    script: dict[str, list[str]] = field(default_factory=dict)
    received: list[bytes] = field(default_factory=list)
    """Every text that was handed over whole, whatever the server answered to it."""
    arrived: list[float] = field(default_factory=list)
    """When each of them was there, by a clock that only goes forward."""
    senders: list[str] = field(default_factory=list)
    """The return path of each mail that was begun."""
    connections: int = 0
    delay: float = 0
    """Seconds before every answer."""
    tls: ssl.SSLContext | None = None
    """By which STARTTLS goes on."""
    at_body: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    holds_body_after: int | None = None
    """After how many texts the answers to them wait for `may_go_on`; empty is never."""

    @property
    def url(self) -> str:
        """Where the sender finds this server."""
        return f"smtp://127.0.0.1:{self.port}?tls=never"

    def mails(self) -> list[EmailMessage]:
        """Return what arrived, taken apart."""
        return [message_from_bytes(text, policy=default) for text in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one sender until it or the script ends the talk."""
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun = False
        going = bool(await self._answer(reader, writer, "connect"))
        while going:
            line = await reader.readline()
            if not line:
                return
            stage = STAGES.get(line[:4].upper(), line[:4].decode().strip().lower())
            if stage == "mail":
                self.senders.append(line.decode().partition("<")[2].partition(">")[0])
            if stage == "mail" and begun:
                self.script.setdefault("mail", []).insert(0, "503 5.5.1 one mail after the other")
            begun = stage in ("mail", "rcpt")
            answer = await self._answer(reader, writer, stage)
            going = bool(answer) and stage != "quit"
            if stage == "starttls" and self.tls and answer.startswith("220"):
                await writer.start_tls(self.tls)
            if stage == "data" and answer.startswith("354"):
                self.received.append(await _read_text(reader))
                self.arrived.append(time.monotonic())
                held = self.holds_body_after is not None
                if held and len(self.received) > (self.holds_body_after or 0):
                    self.at_body.set()
                    await asyncio.to_thread(self.may_go_on.wait, 20)
                going = bool(await self._answer(reader, writer, "body"))

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stage: str
    ) -> str:
        """Answer by the script; return what was said, or nothing when the talk is over."""
        scripted = self.script.get(stage)
        answer = scripted.pop(0) if scripted else GOOD[stage]
        if answer == DROP:
            return ""
        if answer == SILENCE:
            await reader.read()
            return ""
        await asyncio.sleep(self.delay)
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        return answer


async def _read_text(reader: asyncio.StreamReader) -> bytes:
    """Read up to the line with nothing but a dot; it may be the first."""
    text = b""
    while (line := await reader.readuntil(b"\n")) != b".\r\n":
        text += line
    return text


@contextmanager
def open_post_office(**script: list[str]) -> Iterator[PostOffice]:
    """Run a scripted mail server on a port of its own."""
    # A copy, as answers are used up: a parametrised test may hand over its script twice.
    office = PostOffice(script={stage: list(answers) for stage, answers in script.items()})
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(office.serve, "127.0.0.1", 0))
    office.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield office
    finally:
        office.may_go_on.set()
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    talks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
