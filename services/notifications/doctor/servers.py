"""The mail servers of the settings: whether they answer, encrypt and let us in; nothing is sent."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from ..config import Settings
from ..rules.kinds import BULK, MAIL
from ..smtp import Server
from .findings import OK, WARN, WRONG, Finding

ENDS_SOON = timedelta(days=14)
NAMES = {MAIL: "SMTP_URL", BULK: "BULK_SMTP_URL"}


def examine_servers(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """Say of each mail server whether it can be used."""
    if not settings.smtp_url:
        says = "No mail server is set: mails stay in the local mailbox."
        yield Finding("SMTP_URL", WARN, says, "Set SMTP_URL, as in smtp://user:password@host:587.")
        return
    for channel, name in NAMES.items():
        if url := settings.server_of(channel):
            yield from _examine(name, Server.from_url(url), settings.smtp_timeout, now=now)


def _examine(name: str, server: Server, timeout: float, *, now: datetime) -> Iterator[Finding]:
    where = f"{name}, {server.host}:{server.port}"
    with ExitStack() as opened:
        try:
            smtp = opened.enter_context(_connect(server, timeout))
            smtp.ehlo_or_helo_if_needed()
        except ssl.SSLError as error:
            yield _bad_certificate(where, error)
            return
        except (OSError, smtplib.SMTPException) as error:
            yield Finding(
                where, WRONG, f"It cannot be reached: {_words(error)}", "See its address."
            )
            return
        yield Finding(where, OK, "It answers.")
        encryption = list(_encrypt(where, server, smtp, now=now))
        yield from encryption
        if all(finding.verdict != WRONG for finding in encryption):
            yield from _log_in(where, server, smtp)


def _connect(server: Server, timeout: float) -> smtplib.SMTP:
    if server.wrapped:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=timeout)


def _encrypt(where: str, server: Server, smtp: smtplib.SMTP, *, now: datetime) -> Iterator[Finding]:
    if not server.wrapped:
        if server.tls == "never":
            yield Finding(where, WARN, "Mails go there unencrypted, as tls=never asks.")
            return
        if not smtp.has_extn("starttls"):
            verdict = WRONG if server.tls == "required" else WARN
            yield Finding(where, verdict, "It offers no STARTTLS.", "Use a server that does.")
            return
        try:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            yield _bad_certificate(where, error, needed=server.tls == "required")
            return
    yield _judge_end(where, smtp, now=now)


def _judge_end(where: str, smtp: smtplib.SMTP, *, now: datetime) -> Finding:
    certificate = smtp.sock.getpeercert() if isinstance(smtp.sock, ssl.SSLSocket) else None
    ends = str((certificate or {}).get("notAfter", ""))
    if not ends:
        return Finding(where, WARN, "It encrypts, and shows no certificate that we can read.")
    at = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    if at - now < ENDS_SOON:
        says = f"Its certificate ends on {at:%Y-%m-%d}."
        return Finding(where, WARN, says, "Have it renewed.")
    return Finding(where, OK, f"It encrypts; its certificate is good until {at:%Y-%m-%d}.")


def _bad_certificate(where: str, error: Exception, *, needed: bool = True) -> Finding:
    reason = getattr(error, "verify_message", "") or _words(error)
    change = "Name the server as its certificate does, or have the certificate renewed."
    verdict = WRONG if needed else WARN
    return Finding(where, verdict, f"Its certificate is not to be trusted: {reason}.", change)


def _log_in(where: str, server: Server, smtp: smtplib.SMTP) -> Iterator[Finding]:
    if not server.user:
        return
    try:
        smtp.login(server.user, server.password)
    except (OSError, smtplib.SMTPException) as error:
        says = f"It does not let us in: {_words(error)}"
        yield Finding(
            where, WRONG, says, "See the name and the password; while it is so, mail waits."
        )
    else:
        yield Finding(where, OK, "It lets us in.")


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return f"{error.smtp_code} {' '.join(said.split())}"
    return " ".join(str(error).split()) or type(error).__name__
