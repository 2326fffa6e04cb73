"""Letting senders do one turn of their work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from services.notifications import sender
from services.notifications.smtp import Line, Server
from shared.database import Database

from .making import make_settings
from .post_office import PostOffice


@contextmanager
def open_line(url: str, *, timeout: float = 5) -> Iterator[Line]:
    """Give a line to a mail server; hang up at the end."""
    line = Line(Server.from_url(url), own_name="muster.example", timeout=timeout)
    try:
        yield line
    finally:
        line.close()


def work_off(
    db: Database,
    office: PostOffice,
    *,
    stop: threading.Event | None = None,
    timeout: float = 5,
    **settings: object,
) -> None:
    """Send what is due, as one turn of a sender does."""
    with open_line(office.url, timeout=timeout) as line:
        sender.work_off(db, make_settings(**settings), line, stop or threading.Event())
