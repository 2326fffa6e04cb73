"""Whose mail it is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..config import Settings


@dataclass(frozen=True)
class Sender:
    """Whose mail it is, by the settings."""

    domain: str
    """Of the address in From, which people see."""
    returns_to: str
    """Of the address that mails come back to."""
    signs_as: str
    """Whose signature of ours mails bear; empty when they bear none."""

    @classmethod
    def of(cls, settings: Settings) -> Sender:
        """Read who sends."""
        host = urlsplit(settings.public_url).hostname or "localhost"
        domain = (settings.mail_from or f"noreply@{host}").rpartition("@")[2].lower()
        bounces = settings.bounce_address.rpartition("@")[2].lower()
        signs = (settings.dkim_domain or domain).lower() if settings.dkim_key else ""
        return cls(domain, bounces or domain, signs)
