"""What this service does every so often."""

from __future__ import annotations

from datetime import timedelta

from shared.chores import Chore

from . import operations

CHORES = (
    Chore("fill free places", timedelta(minutes=1), operations.fill_all),
    Chore("forget what nobody reviewed", timedelta(hours=1), operations.forget_unreviewed),
)
