"""Signed links and form tokens: scoped to one purpose by a salt, readable by this service alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from .config import Settings


@dataclass(frozen=True)
class FormToken:
    """What a form's hidden token says: its nonce, its shift, and when it was shown."""

    nonce: str
    shift_id: int
    shown_at: datetime


def link_to(session: Session, signup_id: int, link_number: int) -> str:
    """Return the URL of "my sign-up" for one sign-up."""
    settings = settings_of(session)
    token = _signer(settings, "my sign-up").dumps([signup_id, link_number])
    return f"{settings.public_url.rstrip('/')}/my/{token}"


def read_link(session: Session, token: str) -> tuple[int, int]:
    """Return the sign-up's id and the link's number. Raises NotThere for a bent token."""
    signup_id, link_number = _read(settings_of(session), "my sign-up", token)
    return int(signup_id), int(link_number)


def sign_form(session: Session, shift_id: int, *, now: datetime) -> str:
    """Return the token of a form shown now, with a nonce by which a repeated submit is known."""
    content = [secrets.token_urlsafe(12), shift_id, now.isoformat()]
    return _signer(settings_of(session), "sign-up form").dumps(content)


def read_form_token(session: Session, token: str) -> FormToken:
    """Return what a form's token says. Raises NotThere for a bent or foreign one."""
    nonce, shift_id, shown_at = _read(settings_of(session), "sign-up form", token)
    return FormToken(nonce, shift_id, datetime.fromisoformat(shown_at))


def sign_receipt(session: Session, receipt: dict[str, Any]) -> str:
    """Return a receipt as a piece of a URL, so that reloading the page sends nothing again."""
    return _signer(settings_of(session), "receipt").dumps(receipt)


def read_receipt(session: Session, token: str) -> dict[str, Any]:
    """Return the receipt in a URL. Raises NotThere for a bent one."""
    receipt: dict[str, Any] = _read(settings_of(session), "receipt", token)
    return receipt


def settings_of(session: Session) -> Settings:
    """Return the settings of the process that opened this session."""
    settings: Settings = session.info["settings"]
    return settings


def _signer(settings: Settings, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        settings.secret_key,
        salt=purpose,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _read(settings: Settings, purpose: str, token: str) -> Any:
    try:
        return _signer(settings, purpose).loads(token)
    except BadData:
        raise NotThere from None
