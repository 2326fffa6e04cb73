"""What this service does every so often."""

from __future__ import annotations

from datetime import timedelta

from shared.chores import Chore

from . import operations
from .operations import people, privacy

CHORES = (
    Chore("fill free places", timedelta(minutes=1), operations.fill_all),
    Chore("watch for floods", timedelta(minutes=1), operations.watch_for_floods),
    Chore("forget what nobody reviewed", timedelta(hours=1), operations.forget_unreviewed),
    Chore("forget lists of people", timedelta(hours=1), people.forget_lists),
    Chore(
        "forget people by their age",
        timedelta(hours=1),
        privacy.forget_outdated,
        foresee=privacy.count_outdated,
    ),
)
