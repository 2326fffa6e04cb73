"""Proof of work for forms while many come at once: ALTCHA, bound to one form's token.

The browser finds a number whose SHA-256 with the challenge's salt is known, which costs it a second
or two and a machine that sends thousands of forms a lot. It tells us nothing about the visitor.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from altcha import v1 as altcha
from sqlalchemy.orm import Session

from .links import settings_of

LARGEST = 50_000
"""The number is somewhere up to this; a telephone tries them all in a few seconds."""


def new_challenge(session: Session, nonce: str) -> str:
    """Return the challenge, as JSON, for the form whose token has this nonce."""
    options = altcha.ChallengeOptions(
        max_number=LARGEST, hmac_key=_key(session), salt=nonce, params={"for": "sign-up"}
    )
    return json.dumps(altcha.create_challenge(options).to_dict())


def is_proven(session: Session, nonce: str, payload: str) -> bool:
    """Tell whether the work for this form was done: its own, and not that of another form."""
    try:
        typed: Any = json.loads(base64.b64decode(payload, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return False
    if not isinstance(typed, dict) or not str(typed.get("salt", "")).startswith(f"{nonce}?"):
        return False
    proven, _why = altcha.verify_solution(payload, _key(session), check_expires=False)
    return bool(proven)


def _key(session: Session) -> str:
    secret = settings_of(session).secret_key.encode()
    return hmac.new(secret, b"proof of work", hashlib.sha256).hexdigest()
