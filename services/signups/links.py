"""Signed links and form tokens: scoped to one purpose by a salt, readable by this service alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared import signing

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
    token = _sign(settings, "my sign-up", [signup_id, link_number])
    return f"{settings.public_url.rstrip('/')}/my/{token}"


def read_link(session: Session, token: str) -> tuple[int, int]:
    """Return the sign-up's id and the link's number. Raises NotThere for a bent token."""
    signup_id, link_number = _read(settings_of(session), "my sign-up", token)
    return int(signup_id), int(link_number)


def claim_link(session: Session, signup_id: int, number: int) -> str:
    """Return the URL where a friend takes over the places of a sign-up."""
    settings = settings_of(session)
    token = _sign(settings, "claim", [signup_id, number])
    return f"{settings.public_url.rstrip('/')}/sign-up/claim/{token}"


def read_claim(session: Session, token: str) -> tuple[int, int]:
    """Return the sign-up's id and the claim link's number. Raises NotThere for a bent token."""
    signup_id, number = _read(settings_of(session), "claim", token)
    return int(signup_id), int(number)


def friend_link(session: Session, signup_id: int, shift_id: int) -> str:
    """Return the URL of a shift's form that tells who sent the friend."""
    settings = settings_of(session)
    token = _sign(settings, "friend", signup_id)
    return f"{settings.public_url.rstrip('/')}/sign-up/{shift_id}?friend={token}"


def read_friend(session: Session, token: str) -> int:
    """Return the id of the sign-up whose link a friend followed. Raises NotThere for a bent one."""
    return int(_read(settings_of(session), "friend", token))


def privacy_link(session: Session, person_id: int, *, until: datetime) -> str:
    """Return the URL where somebody sees and erases what is kept of them, until then."""
    settings = settings_of(session)
    token = _sign(settings, "privacy", [person_id, until.isoformat()])
    return f"{settings.public_url.rstrip('/')}/my/privacy/{token}"


def read_privacy(session: Session, token: str) -> tuple[int, datetime]:
    """Return the person's id and the link's end. Raises NotThere for a bent token."""
    person_id, until = _read(settings_of(session), "privacy", token)
    return int(person_id), datetime.fromisoformat(until)


def sign_erasure(session: Session, erasure_id: str) -> str:
    """Return an erasure as a piece of a URL, which shows its progress and nothing else."""
    return _sign(settings_of(session), "erasure", erasure_id)


def read_erasure(session: Session, token: str) -> str:
    """Return the id of the erasure in a URL. Raises NotThere for a bent one."""
    return str(_read(settings_of(session), "erasure", token))


def sign_form(session: Session, shift_id: int, *, now: datetime) -> str:
    """Return the token of a form shown now, with a nonce by which a repeated submit is known."""
    content = [secrets.token_urlsafe(12), shift_id, now.isoformat()]
    return _sign(settings_of(session), "sign-up form", content)


def read_form_token(session: Session, token: str) -> FormToken:
    """Return what a form's token says. Raises NotThere for a bent or foreign one."""
    nonce, shift_id, shown_at = _read(settings_of(session), "sign-up form", token)
    return FormToken(nonce, shift_id, datetime.fromisoformat(shown_at))


def sign_receipt(session: Session, receipt: dict[str, Any]) -> str:
    """Return a receipt as a piece of a URL, so that reloading the page sends nothing again."""
    return _sign(settings_of(session), "receipt", receipt)


def read_receipt(session: Session, token: str) -> dict[str, Any]:
    """Return the receipt in a URL. Raises NotThere for a bent one."""
    receipt: dict[str, Any] = _read(settings_of(session), "receipt", token)
    return receipt


def settings_of(session: Session) -> Settings:
    """Return the settings of the process that opened this session."""
    settings: Settings = session.info["settings"]
    return settings


def _sign(settings: Settings, purpose: str, content: Any) -> str:
    return signing.sign(content, key=settings.secret_key, purpose=purpose)


def _read(settings: Settings, purpose: str, token: str) -> Any:
    return signing.read(token, key=settings.secret_key, purpose=purpose)
