"""Two people who change the same thing at once: what can be combined, and what only they can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Values = Mapping[str, str]
"""What the fields of a form show, by their names."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What came of three versions: the one both began with, the stored one and the typed one."""

    changed: tuple[str, ...]
    """The fields that were typed anew and can be stored."""
    kept: tuple[str, ...]
    """The fields that only the other person changed: they stay as stored."""
    conflicts: tuple[str, ...]
    """The fields that both changed, to different values."""


def merge(*, before: Values, stored: Values, typed: Values) -> Merged:
    """Compare field by field; a field that `before` does not know counts as unchanged since."""
    changed, kept, conflicts = [], [], []
    for name, value in typed.items():
        now = stored.get(name, "")
        began = before.get(name, now)
        if value == now:
            continue
        if value == began:
            kept.append(name)
        elif now == began:
            changed.append(name)
        else:
            conflicts.append(name)
    return Merged(changed=tuple(changed), kept=tuple(kept), conflicts=tuple(conflicts))
