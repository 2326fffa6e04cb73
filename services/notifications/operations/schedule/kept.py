"""What was chosen for a mail, as its notice keeps it: numbers, and what was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...rules.choosing import Change, Chosen, Pick


def as_details(chosen: Chosen) -> dict[str, Any]:
    """Return the choice as JSON can say it."""
    return {
        "changed": [[c.shift_id, c.what, dict(c.before), c.others] for c in chosen.changed],
        "new": [[p.event_id, list(p.shift_ids), p.others] for p in chosen.new],
        "coming": [[p.event_id, list(p.shift_ids), p.others] for p in chosen.coming],
        "more": chosen.more,
        "is_first": chosen.is_first,
    }


def read_details(details: Mapping[str, Any]) -> Chosen:
    """Return the choice that a notice keeps."""
    return Chosen(
        changed=tuple(Change(*change) for change in details["changed"]),
        new=tuple(_pick(kept) for kept in details["new"]),
        coming=tuple(_pick(kept) for kept in details["coming"]),
        more=details["more"],
        is_first=details["is_first"],
    )


def _pick(kept: Any) -> Pick:
    event_id, shift_ids, others = kept
    return Pick(event_id, tuple(shift_ids), others)
