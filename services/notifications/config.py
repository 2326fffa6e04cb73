"""What the notifications service is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from shared.settings import ServiceSettings, setting


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What every service is told, and how mail leaves."""

    smtp_url: str = setting(
        help="Where mail goes, smtp://user:password@host:587 or smtps://…; add ?tls=required, "
        "when-offered or never. Empty: mail stays in the local mailbox.",
        default="",
        secret=True,
    )
    mail_from: str = setting(
        help="Sender's address of every mail; empty: noreply at the public address.", default=""
    )
    change_notice_wait: int = setting(
        help="Seconds of quiet after an edit before people hear of it: one mail for many edits.",
        default=600,
    )
    smtp_timeout: float = setting(
        help="Seconds to wait for each reply of the mail server.", default=20.0
    )
