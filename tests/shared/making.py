"""Messages that are valid by default, and small facts about them, for the tests of shared/."""

from __future__ import annotations

from datetime import UTC, datetime

from shared import wire
from shared.messages import PlacesChanged
from shared.wire import Envelope

NOON = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
"""The day before British clocks go forward."""


def make_places_changed(
    *, shift_id: int = 7, places_revision: int = 1, taken: int = 1
) -> PlacesChanged:
    """Return a message about a shift's totals."""
    return PlacesChanged(
        event_id=3, shift_id=shift_id, places_revision=places_revision, taken=taken, waiting=0
    )


def make_envelope(**differences: int) -> Envelope:
    """Return a sealed message about a shift's totals."""
    return wire.seal(make_places_changed(**differences), now=NOON)
