"""What this service does every so often."""

from __future__ import annotations

from datetime import timedelta

from shared.chores import Chore

from .geography import place_shifts
from .operations import sessions
from .operations.series_events import expand_all

CHORES: tuple[Chore, ...] = (
    Chore("forget old ways in", timedelta(hours=1), sessions.forget_old),
    Chore("place shifts", timedelta(hours=1), place_shifts),
    Chore("make the coming events of series", timedelta(hours=1), expand_all),
)
