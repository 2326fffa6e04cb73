"""Mail addresses: when two are one, and how to know one again without keeping it."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata


def normalise(email: str) -> str:
    """Return the form in which two spellings of one address are equal."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def mailbox_of(email: str) -> str:
    """Return an address without what follows a plus, which reaches the same person."""
    local, at, domain = normalise(email).rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def digest(email: str, *, key: str) -> str:
    """Return the HMAC-SHA-256 of an address under `key`, in hexadecimal digits.

    Without the key nobody finds the address by trying all there are.
    """
    return hmac.new(key.encode(), normalise(email).encode(), hashlib.sha256).hexdigest()
