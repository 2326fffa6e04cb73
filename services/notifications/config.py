"""What the notifications service is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from shared.settings import ServiceSettings, setting

SCHEMES = ("smtp", "smtps")
TLS_WISHES = ("required", "when-offered", "never")


def _names_a_mail_server(url: str) -> str:
    """Refuse an address of a mail server that would be misread."""
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", ["required"])[0]
    if not url or (parts.scheme in SCHEMES and tls in TLS_WISHES and parts.hostname):
        return ""
    return (
        "must look like smtp://host:25 or smtps://user:password@host, with ?tls=required, "
        "when-offered or never where that is wanted."
    )


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What every service is told, and how mail leaves."""

    smtp_url: str = setting(
        help="Where mail goes, smtp://user:password@host:587 or smtps://…; add ?tls=required, "
        "when-offered or never. Empty: mail stays in the local mailbox.",
        default="",
        secret=True,
        check=_names_a_mail_server,
    )
    mail_from: str = setting(
        help="Sender's address of every mail; empty: noreply at the public address.", default=""
    )
    network_name: str = setting(
        help="Who signs mails that no group sends, like those with links to sign in.",
        default="Muster",
    )
    change_notice_wait: int = setting(
        help="Seconds of quiet after an edit before people hear of it: one mail for many edits.",
        default=600,
    )
    smtp_timeout: float = setting(
        help="Seconds to wait for each reply of the mail server.", default=20.0
    )
