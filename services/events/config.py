"""What the events service is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.keys import wrong_private_key
from shared.settings import ServiceSettings, setting


def _wrong_web_address(url: str) -> str:
    """Refuse an address at which nobody can be asked."""
    parts = urlsplit(url)
    fits = not url or (parts.scheme in ("http", "https") and parts.hostname)
    return "" if fits else "must look like https://api.postcodes.io."


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What every service is told, and what only this one may know."""

    session_key: str = setting(
        help="Signs organisers' sessions: an Ed25519 private key, PEM.",
        secret=True,
        check=wrong_private_key,
    )
    postcodes_url: str = setting(
        help="A service like https://api.postcodes.io, asked where postcodes lie that are not"
        " loaded; empty: nobody is asked.",
        default="",
        check=_wrong_web_address,
    )
