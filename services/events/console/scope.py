"""Which events of a series a form is to change: this one, this and later ones, or all."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import g, request

from ..models import Event
from ..operations.series_changes import changing_series
from ..rules.series import SCOPES


def changing(event_id: int) -> AbstractContextManager[Event]:
    """Let the block change the event, and carry that over to as many of its series as was chosen.

    The form includes `events/console/_which.html`; without a series nothing else changes.
    """
    which = request.form.get("which", "")
    return changing_series(
        g.session, event_id, which=which if which in SCOPES else "this", now=g.now
    )
