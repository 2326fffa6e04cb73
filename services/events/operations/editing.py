"""Saving a form that somebody else may have changed meanwhile: combine, or say what differs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from ..rules import editing
from ..rules.editing import Values


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a form changes, once compared with what is stored by now."""

    details: Any
    """What is to be stored: only what the person changed, as the form's schema loaded it."""
    values: dict[str, str]
    """What the fields show if the form has to be shown again: both people's work combined."""
    theirs: dict[str, str]
    """Fields that both changed, with what the other person wrote; empty when all can be saved."""
    kept: tuple[str, ...]
    """Fields that only the other person changed."""


def values_of(form: Schema, facts: Any) -> dict[str, str]:
    """Return what the form's fields show for a row, or for what was loaded from a form."""
    dumped = form.dump(facts)
    return {name: "" if fact is None else str(fact) for name, fact in dumped.items()}


def seen_of(form: Schema, row: Any) -> str:
    """Return what the hidden field `seen` carries: what the person who edits the row saw of it."""
    return json.dumps(values_of(form, row), ensure_ascii=False, separators=(",", ":"))


def combine(
    form: Schema,
    row: Any,
    details: Mapping[str, Any],
    *,
    seen: str,
    give_way: Collection[str] = (),
) -> Edit:
    """Compare what was typed with what was seen and with the row, which should be locked.

    A field in `give_way` takes the value that was seen last: its writer leaves it to the other.
    """
    before, stored = values_seen(seen), values_of(form, row)
    typed = values_of(form, details)
    typed |= {name: before[name] for name in give_way if name in before and name in typed}
    merged = editing.merge(before=before, stored=stored, typed=typed)
    changed = {
        form.fields[name].attribute or name for name in merged.changed if name in form.fields
    }
    return Edit(
        details={name: value for name, value in details.items() if name in changed},
        values=typed | {name: stored[name] for name in merged.kept},
        theirs={name: stored[name] for name in merged.conflicts},
        kept=merged.kept,
    )


def values_seen(seen: str) -> Values:
    """Return what the hidden field says; nothing when it is missing or was tampered with."""
    try:
        found = json.loads(seen)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(value) for name, value in found.items()}
