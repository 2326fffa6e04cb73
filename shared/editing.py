"""Forms that two people may have open at once: combined field by field, or shown again on conflict.

The page carries what its writer saw; when it is sent, that is compared with what is stored by then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import Schema

from shared import web

CHANGED_BY_BOTH = "Somebody else changed “{label}” while you did. Look at both below."
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
    merged = merge(before=before, stored=stored, typed=typed)
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


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page that edits a row shows; the macros of editing.html draw it."""

    values: Mapping[str, str]
    seen: str
    """Goes into the hidden field `seen`."""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    """What somebody else wrote into fields that this person changed too."""


def show(form: Schema, row: Any) -> Shown:
    """Return the page's beginning: the row as it is stored."""
    return Shown(values=values_of(form, row), seen=seen_of(form, row))


def read_edit(form: Schema, row: Any, again: Callable[[Shown], Any]) -> Edit:
    """Return what the form in hand changes of the row, which the caller has locked.

    The page is shown again by `again`, as a 400, when a field is wrong, and when a field was
    changed by somebody else too; sent once more, the form then overwrites knowingly.
    """
    seen = request.form.get("seen", "")
    details = web.read_form(
        form, lambda errors: again(Shown(values=request.form, seen=seen, errors=errors))
    )
    give_way = [name for name in form.fields if request.form.get(f"theirs-{name}")]
    edit = combine(form, row, details, seen=seen, give_way=give_way)
    if edit.theirs:
        errors = {name: [words_for(form, name)] for name in edit.theirs}
        shown = Shown(
            values=edit.values,
            seen=seen_of(form, row),
            errors=errors,
            theirs=edit.theirs,
        )
        raise web.FormNotAccepted(errors, lambda _errors: again(shown))
    return edit


def words_for(form: Schema, name: str) -> str:
    """Return the sentence for a field that both changed."""
    return CHANGED_BY_BOTH.format(label=label_of(form, name))


def label_of(form: Schema, name: str) -> str:
    """Return what the field is called on the page."""
    label = form.fields[name].metadata.get("label") if name in form.fields else None
    return str(label or name.replace("_", " ").capitalize())
