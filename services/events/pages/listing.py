"""Lists of events: what every page that shows one needs."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import g

from .. import operations, rules


def listing(wanted: operations.Wanted) -> dict[str, Any]:
    """Return what a template needs to list events: cards by day, and whether more follow."""
    cards, more = operations.show_schedule(g.session, wanted, now=g.now)
    days = [(day, list(those)) for day, those in groupby(cards, key=lambda card: card.day)]
    return {"days": days, "more": more, **words_for_shifts()}


def words_for_shifts() -> dict[str, Any]:
    """Return what every template here needs to speak of shifts."""
    return {
        "kinds": rules.KINDS,
        "standing": lambda event, shift: rules.standing(event.status, shift, g.now),
    }
