"""Pieces of URLs and forms that only the service which signed them can have made."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from shared.refusals import NotThere


@dataclass(frozen=True)
class ShownForm:
    """When a form was shown, and the nonce by which it is known again."""

    nonce: str
    shown_at: datetime


def sign(content: Any, *, key: str, purpose: str) -> str:
    """Return `content`, which is JSON and can be read by everybody, signed for one purpose."""
    return str(_signer(key, purpose).dumps(content))


def read(token: str, *, key: str, purpose: str) -> Any:
    """Return what was signed. Raises NotThere for what is bent, or was for another purpose."""
    try:
        return _signer(key, purpose).loads(token)
    except BadData:
        raise NotThere from None


def sign_form(*, key: str, purpose: str, now: datetime) -> str:
    """Return the token of a form that is shown now."""
    return sign([secrets.token_urlsafe(12), now.isoformat()], key=key, purpose=purpose)


def read_form(token: str, *, key: str, purpose: str) -> ShownForm:
    """Return what a form's token says. Raises NotThere for a bent or foreign one."""
    nonce, shown_at = read(token, key=key, purpose=purpose)
    return ShownForm(nonce, datetime.fromisoformat(shown_at))


def _signer(key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        key,
        salt=purpose,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
