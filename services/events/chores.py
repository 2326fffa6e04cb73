"""The periodic work of this service: none of its own yet."""

from __future__ import annotations

from shared.chores import Chore

CHORES: tuple[Chore, ...] = ()
