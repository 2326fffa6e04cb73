"""What this service does every so often."""

from __future__ import annotations

from datetime import timedelta

from shared.chores import Chore

from .geography import place_shifts

CHORES: tuple[Chore, ...] = (Chore("place shifts", timedelta(hours=1), place_shifts),)
