"""The talk with a mail server, stage by stage over a kept connection (RFC 5321)."""

from __future__ import annotations

import math
import smtplib
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from .mail.composing import Mail
from .rules.replies import Meaning, Reply, Stage, read_reply

IDLE_AT_MOST = 10.0
"""Seconds that an unused connection is kept; servers dislike longer ones."""

SHORTEST_TALK = 0.0001
"""Seconds; no server takes a mail sooner."""

HUNG_UP = (0, 421)
"""Codes after which no more answers come: none came, or the server closes the line."""

NO_ANSWER = (OSError, smtplib.SMTPServerDisconnected)
NO_CHALLENGE = "It asks for the password in a way that cannot be read."
NOT_ASCII = "The host, user name and password of SMTP_URL may have ASCII letters only."


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where mail goes."""

    host: str
    port: int
    user: str
    password: str
    wrapped: bool
    """TLS from the first byte (smtps), rather than by STARTTLS."""
    tls: str
    """`required`, `when-offered` (unverified, as between mail servers) or `never`."""

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read smtp://user:password@host:587?tls=never; a password asks for TLS by itself."""
        parts = urlsplit(url)
        wrapped = parts.scheme == "smtps"
        fallback = "required" if parts.password else "when-offered"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if wrapped else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            wrapped=wrapped,
            tls=parse_qs(parts.query).get("tls", [fallback])[0],
        )


class Line:
    """A kept connection to a mail server, opened when first needed; belongs to one thread."""

    def __init__(self, server: Server, *, own_name: str, timeout: float) -> None:
        self.server = server
        self.own_name = own_name
        self.timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0
        self._took = math.inf

    def takes_in(self, seconds: float) -> int:
        """Return how many mails like the last one this server takes in so many seconds."""
        return int(seconds / self._took)

    def send(self, mail: Mail) -> Reply:
        """Hand over one mail; return the answer that decided its fate.

        A kept connection that turns out to be closed is opened once more before anything is said.
        """
        kept = self._smtp is not None
        started = time.monotonic()
        reply = self._talk(mail)
        gone = reply.stage is Stage.MAIL and reply.code in HUNG_UP
        if kept and gone:
            self.close()
            reply = self._talk(mail)
        self._used_at = time.monotonic()
        self._took = max(self._used_at - started, SHORTEST_TALK)
        return reply

    def close_when_idle(self) -> None:
        """Close a connection that has not been used for a while."""
        if self._smtp is not None and time.monotonic() - self._used_at > IDLE_AT_MOST:
            self.close()

    def close(self) -> None:
        """Hang up."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def _talk(self, mail: Mail) -> Reply:
        if self._smtp is None:
            opening = self._open()
            if self._smtp is None:
                return opening
        reply = self._hand_over(self._smtp, mail)
        if reply.code in HUNG_UP:
            self._drop()
        elif read_reply(reply) is not Meaning.TAKEN:
            self._reset()
        return reply

    def _hand_over(self, smtp: smtplib.SMTP, mail: Mail) -> Reply:
        """Say one thing after the other until one is not taken; return the last answer."""
        utf8 = not (mail.sender + mail.recipient).isascii()
        if utf8 and not smtp.has_extn("smtputf8"):
            return Reply(Stage.MAIL, 553, "5.6.7 This address needs a server that knows SMTPUTF8.")
        commands = {
            Stage.MAIL: f"MAIL FROM:<{mail.sender}>{' SMTPUTF8' if utf8 else ''}\r\n".encode(),
            Stage.RCPT: f"RCPT TO:<{mail.recipient}>\r\n".encode(),
            Stage.DATA: b"DATA\r\n",
        }
        if smtp.has_extn("pipelining"):
            reply = _say_at_once(smtp, commands)
        else:
            reply = _say_in_turn(smtp, commands)
        if read_reply(reply) is not Meaning.TAKEN:
            return reply
        text = mail.body.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        return _say_in_turn(smtp, {Stage.BODY: text})

    def _open(self) -> Reply:
        """Connect, greet and log in. On success the line is open and the answer is the last one."""
        stage = Stage.CONNECT
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connect()
            stage = Stage.HELLO
            self._encrypt(smtp)
            stage = Stage.LOGIN
            if self.server.user:
                smtp.login(self.server.user, self.server.password)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            _hang_up(smtp)
            return _failed_opening(stage, error)
        self._smtp = smtp
        return Reply(stage, 235)

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        if server.wrapped:
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                local_hostname=self.own_name,
                timeout=self.timeout,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(
            server.host, server.port, local_hostname=self.own_name, timeout=self.timeout
        )

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        server = self.server
        if server.wrapped or server.tls == "never":
            return
        if smtp.has_extn("starttls") or server.tls == "required":
            smtp.starttls(context=_tls_context(verified=server.tls == "required"))
            smtp.ehlo_or_helo_if_needed()

    def _reset(self) -> None:
        """Make the server forget the mail that it refused."""
        smtp = self._smtp
        if smtp is None:
            return
        try:
            code, _ = smtp.rset()
        except NO_ANSWER:
            code = 0
        if code != 250:
            self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        _hang_up(smtp)


def _failed_opening(stage: Stage, error: Exception) -> Reply:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(stage, (error.smtp_code, _as_bytes(error.smtp_error)))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Reply(stage, 0)
    if isinstance(error, smtplib.SMTPException):
        # The server lacks the encryption or the way of logging in that our settings ask for.
        return Reply(Stage.LOGIN, 530, str(error))
    if isinstance(error, UnicodeError):
        return Reply(Stage.LOGIN, 530, NOT_ASCII)
    if isinstance(error, ValueError):
        return Reply(Stage.LOGIN, 530, NO_CHALLENGE)
    return Reply(stage, 0)


def _hang_up(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()


def _tls_context(*, verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verified:
        # Between mail servers encryption without a known certificate is better than none.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _say_in_turn(smtp: smtplib.SMTP, commands: Mapping[Stage, bytes]) -> Reply:
    """Say one thing after the other until one is not taken; return the last answer."""
    reply = Reply(Stage.MAIL, 0)
    for stage, command in commands.items():
        reply = _say(smtp, stage, command)
        if read_reply(reply) is not Meaning.TAKEN:
            break
    return reply


def _say_at_once(smtp: smtplib.SMTP, commands: Mapping[Stage, bytes]) -> Reply:
    """Say all up to DATA without waiting for answers; return the first that is not taken.

    That saves two ways to the server and back for each mail (RFC 2920).
    """
    first, *rest = commands
    replies = [_say(smtp, first, b"".join(commands.values()))]
    for stage in rest:
        if replies[-1].code not in HUNG_UP:
            replies.append(_say(smtp, stage, b""))
    refused = next((each for each in replies if read_reply(each) is not Meaning.TAKEN), None)
    last = replies[-1]
    if refused and last.stage is Stage.DATA and read_reply(last) is Meaning.TAKEN:
        # A text to nobody: the server waits for its end (RFC 2920, 3.1).
        _say(smtp, Stage.BODY, b".\r\n")
    return refused or last


def _say(smtp: smtplib.SMTP, stage: Stage, words: bytes) -> Reply:
    """Say something, or nothing, and read one answer."""
    try:
        if words:
            smtp.send(words)
        return _reply(stage, smtp.getreply())
    except NO_ANSWER:
        return Reply(stage, 0)


def _reply(stage: Stage, answer: tuple[int, bytes]) -> Reply:
    code, text = answer
    if code == -1:
        # What came back was no answer of this protocol.
        return Reply(stage, 0)
    return Reply(stage, code, text.decode("utf-8", "replace"))


def _as_bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
