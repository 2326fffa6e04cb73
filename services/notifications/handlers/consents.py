"""What a tick at sign-up leads to: a mail that asks whether the schedule mail is wanted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.handlers import Handlers

from ..operations import erasing
from ..operations.subscribers import asking


def ask_subscriber(session: Session, message: messages.ConsentGiven, now: datetime) -> None:
    """Ask somebody by mail to confirm that they want the weekly schedule, once."""
    asking.take_consent(session, message, now=now)


CONSENTS: Handlers = {messages.ConsentGiven: erasing.unless_erased(ask_subscriber)}
