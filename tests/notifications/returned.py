"""Reports of mails that came back and of complaints, as mail servers write them."""

from __future__ import annotations

from services.notifications.models import Notice
from services.notifications.rules.return_path import return_path

DSN = """\
Return-Path: <>
From: MAILER-DAEMON@post.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
Message-Id: <{number}@post.example>

--b1
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; post.example
Arrival-Date: Fri, 20 Nov 2026 12:00:00 +0000

{original}Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.posts.example
Diagnostic-Code: smtp; 550 {status} <{recipient}>: {why}

--b1
Content-Type: {quoting}

{quoted}
--b1--
"""

ARF = """\
From: <abuse@provider.example>
To: <{to}>
Subject: FW: You have a place
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b2"

--b2
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--b2
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{mail_from}>
Original-Rcpt-To: <{recipient}>

--b2
Content-Type: message/rfc822

{quoted}
--b2--
"""

QUOTED = """\
Message-ID: {message_id}
Date: {date}
From: Friends of Elmbridge <noreply@muster.example>
To: ada@posts.example
Subject: You have a place

Hello Ada"""


def path_of(notice: Notice) -> str:
    """Return the address to which a notice's mail comes back."""
    return return_path("bounces@lists.example", notice.message_id, key="a" * 40)


def message_id_of(notice: Notice) -> str:
    """Return the Message-ID that a notice's mail has."""
    return f"<{notice.message_id}@muster.example>"


def bounced(
    to: str = "noreply@muster.example",
    *,
    message_id: str = "<1@elsewhere.example>",
    status: str = "5.1.1",
    why: str = "no such user",
    recipient: str = "ada@posts.example",
    original: str = "",
    action: str = "failed",
    quoting: str = "message/rfc822",
    date: str = "Fri, 20 Nov 2026 12:00:00 +0000",
    number: int = 1,
) -> bytes:
    """Return a report that a mail did not arrive (RFC 3464)."""
    return as_mail(
        DSN.format(
            to=to,
            status=status,
            why=why,
            recipient=recipient,
            original=f"Original-Recipient: rfc822;{original}\n" if original else "",
            action=action,
            quoting=quoting,
            quoted=QUOTED.format(message_id=message_id, date=date),
            number=number,
        )
    )


def complained(
    to: str = "noreply@muster.example",
    *,
    message_id: str = "<1@elsewhere.example>",
    kind: str = "abuse",
    mail_from: str = "noreply@muster.example",
) -> bytes:
    """Return a report that somebody complained (RFC 5965)."""
    return as_mail(
        ARF.format(
            to=to,
            kind=kind,
            mail_from=mail_from,
            recipient="ada@posts.example",
            quoted=QUOTED.format(message_id=message_id, date="Fri, 20 Nov 2026 12:00:00 +0000"),
        )
    )


def as_mail(text: str) -> bytes:
    """Return a text as it travels."""
    return text.replace("\n", "\r\n").encode()
