"""What this service does every so often."""

from __future__ import annotations

from datetime import timedelta

from shared.chores import Chore

from .geography import keep_placed
from .operations import imports, joining, leads, sessions
from .operations.series_events import expand_all

CHORES: tuple[Chore, ...] = (
    Chore("forget old ways in", timedelta(hours=1), sessions.forget_old),
    Chore("forget decided requests to join", timedelta(hours=1), joining.forget_decided),
    Chore("forget old imports", timedelta(hours=1), imports.forget_old_imports),
    Chore("forget old leads", timedelta(hours=6), leads.erase_old_leads),
    Chore("place shifts", timedelta(hours=1), keep_placed),
    Chore("make the coming events of series", timedelta(hours=1), expand_all),
)
