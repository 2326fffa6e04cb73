"""What this service does every so often: nothing of its own."""

from __future__ import annotations

from shared.chores import Chore

CHORES: tuple[Chore, ...] = ()
