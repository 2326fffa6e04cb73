"""A small IMAP server with one mailbox, as far as reading bounces needs it (RFC 3501)."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LITERAL_FETCH = re.compile(rb"(\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)")


@dataclass
class MailServer:
    """Mails by their number, and which were marked as seen."""

    port: int = 0
    user: str = "bounces"
    password: str = 'se"cret'
    folder: str = "INBOX"
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    fetched: list[int] = field(default_factory=list)
    drops_at: str = ""
    """A verb at which the line is cut."""

    @property
    def url(self) -> str:
        """Where the mailbox is read."""
        password = self.password.replace('"', "%22")
        where = f"127.0.0.1:{self.port}/{self.folder}?tls=never"
        return f"imap://{self.user}:{password}@{where}"

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the mailbox."""
        for mail in mails:
            self.mails[max(self.mails, default=0) + 1] = mail

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one reader until it leaves."""
        writer.write(b"* OK ready\r\n")
        try:
            while line := await reader.readline():
                tag, _, said = line.strip().partition(b" ")
                if self.drops_at and self.drops_at.encode() in said:
                    return
                writer.write(self.answer(tag, said))
                await writer.drain()
                if said == b"LOGOUT":
                    return
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def answer(self, tag: bytes, said: bytes) -> bytes:
        """Return the lines that answer one command."""
        verb, _, rest = said.removeprefix(b"UID ").partition(b" ")
        handler = getattr(self, verb.decode().lower(), None)
        lines, kind = handler(rest) if handler else (b"", b"BAD")
        return bytes(lines + tag + b" " + kind + b" done\r\n")

    def capability(self, _rest: bytes) -> tuple[bytes, bytes]:
        """Say what is known here."""
        return b"* CAPABILITY IMAP4rev1\r\n", b"OK"

    def login(self, rest: bytes) -> tuple[bytes, bytes]:
        """Let in who has the password."""
        quoted = self.password.replace('"', r"\"")
        right = rest == f'{self.user} "{quoted}"'.encode()
        return b"", b"OK" if right else b"NO"

    def select(self, rest: bytes) -> tuple[bytes, bytes]:
        """Open the one folder there is."""
        right = rest == f'"{self.folder}"'.encode()
        return f"* {len(self.mails)} EXISTS\r\n".encode(), b"OK" if right else b"NO"

    def search(self, rest: bytes) -> tuple[bytes, bytes]:
        """Name the mails that nobody has seen."""
        if rest != b"UNSEEN UNDELETED":
            return b"", b"BAD"
        numbers = " ".join(str(number) for number in sorted(self.mails.keys() - self.seen))
        return f"* SEARCH {numbers}\r\n".encode(), b"OK"

    def fetch(self, rest: bytes) -> tuple[bytes, bytes]:
        """Hand out the beginning of a mail."""
        asked = LITERAL_FETCH.fullmatch(rest)
        if asked is None:
            return b"", b"BAD"
        number, most = int(asked[1]), int(asked[2])
        self.fetched.append(number)
        part = self.mails[number][:most]
        head = f"* {number} FETCH (UID {number} BODY[]<0> {{{len(part)}}}\r\n".encode()
        return head + part + b")\r\n", b"OK"

    def store(self, rest: bytes) -> tuple[bytes, bytes]:
        """Mark a mail as seen."""
        number, _, flags = rest.partition(b" ")
        if flags != rb"+FLAGS.SILENT (\Seen)":
            return b"", b"BAD"
        self.seen.add(int(number))
        return b"", b"OK"

    def logout(self, _rest: bytes) -> tuple[bytes, bytes]:
        """Say goodbye."""
        return b"* BYE\r\n", b"OK"


@contextmanager
def open_mail_server() -> Iterator[MailServer]:
    """Run the server on a port of its own."""
    mailbox = MailServer()
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(mailbox.serve, "127.0.0.1", 0))
    mailbox.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield mailbox
    finally:
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
