"""Where the pages are that mails lead to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ..config import Settings


def settings_of(session: Session) -> Settings:
    """Return what the process was told by its environment."""
    settings: Settings = session.info["settings"]
    return settings


def link_to(session: Session, path: str) -> str:
    """Return the URL of one of this installation's pages."""
    return f"{settings_of(session).public_url.rstrip('/')}{path}"
