"""The edge of editing: a form that carries what its writer saw, and is shown again on conflict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import Schema

from shared import web

from ..operations import editing

CHANGED_BY_BOTH = "Somebody else changed “{label}” while you did. Look at both below."


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page that edits a row shows; the macros of events/_editing.html draw it."""

    values: Mapping[str, str]
    seen: str
    """Goes into the hidden field `seen`."""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    """What somebody else wrote into fields that this person changed too."""


def show(form: Schema, row: Any) -> Shown:
    """Return the page's beginning: the row as it is stored."""
    return Shown(values=editing.values_of(form, row), seen=editing.seen_of(form, row))


def read_edit(form: Schema, row: Any, again: Callable[[Shown], Any]) -> editing.Edit:
    """Return what the form in hand changes of the row, which the caller has locked.

    The page is shown again by `again`, as a 400, when a field is wrong, and when a field was
    changed by somebody else too; sent once more, the form then overwrites knowingly.
    """
    seen = request.form.get("seen", "")
    details = web.read_form(
        form, lambda errors: again(Shown(values=request.form, seen=seen, errors=errors))
    )
    give_way = [name for name in form.fields if request.form.get(f"theirs-{name}")]
    edit = editing.combine(form, row, details, seen=seen, give_way=give_way)
    if edit.theirs:
        errors = {name: [words_for(form, name)] for name in edit.theirs}
        shown = Shown(
            values=edit.values,
            seen=editing.seen_of(form, row),
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
