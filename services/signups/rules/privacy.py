"""How long a link to what is kept of somebody lasts, and when what is kept has to go."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.refusals import Refusal

LINK_LASTS = timedelta(hours=24)


class PrivacyLinkHasEnded(Refusal):
    """This link no longer works. Ask for a new one on the page “What is kept of me”."""


def check_link(until: datetime, *, now: datetime) -> None:
    """Raise PrivacyLinkHasEnded when a link's time is over."""
    if until <= now:
        raise PrivacyLinkHasEnded
