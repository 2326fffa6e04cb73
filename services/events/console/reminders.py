"""When those with a place at an event are reminded: up to three rules, all on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from shared import access

from .. import operations
from ..models import Event
from ..rules import reminders as rules
from ..schemas.reminders import TWICE, ReminderForm
from .scope import changing

CONSOLE = Blueprint("console_reminders", __name__)
MEANWHILE = "Somebody else changed the reminders meanwhile. They are shown as they are now."
Errors = Mapping[str, Sequence[str]]


@CONSOLE.get("/organise/events/<int:event_id>/reminders")
@access.needs("organiser", group=operations.host_of_event)
def edit_reminders(event_id: int) -> str:
    """The reminders as they are stored."""
    return reminders_page(operations.find_event(g.session, event_id))


@CONSOLE.post("/organise/events/<int:event_id>/reminders")
@access.needs("organiser", group=operations.host_of_event)
def change_reminders(event_id: int) -> ResponseReturnValue:
    """Save all of them."""
    event = operations.find_event(g.session, event_id, lock=True)
    if request.form.get("seen", "") != seen_of(event):
        return reminders_page(event, errors={"": [MEANWHILE]}), 409
    reminders, errors = read_reminders(forms_of(event))
    if errors:
        return reminders_page(event, errors=errors, typed=request.form), 400
    with changing(event_id):
        operations.change_event(g.session, event_id, {"reminders": reminders}, now=g.now)
    return redirect(url_for(".edit_reminders", event_id=event_id, saved=1), code=303)


def read_reminders(
    forms: Sequence[ReminderForm],
) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Return the rules as the page has them now, and what is wrong with them."""
    found: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for form in forms:
        try:
            rule = form.load(request.form.to_dict())
        except ValidationError as error:
            errors |= {name: list(each) for name, each in error.messages_dict.items()}
            continue
        if rule in found:
            errors[f"when-{form.number}"] = [TWICE]
        elif rule is not None:
            found.append(rule)
    return found, errors


def reminders_page(event: Event, errors: Errors | None = None, typed: Any = None) -> str:
    """Return the page; what was typed stands there again when something is wrong with it."""
    return render_template(
        "events/console/reminders.html",
        event=event,
        group=event.group,
        tab="events",
        forms=forms_of(event),
        typed=typed if typed is not None else as_typed(event.reminders),
        seen=seen_of(event),
        errors=errors or {},
        usual=rules.say_rules(rules.USUAL),
        saved="saved" in request.args and not errors,
    )


def forms_of(event: Event) -> list[ReminderForm]:
    """Return a form for each reminder that there may be."""
    stored = [rules.choice_of(rule) for rule in event.reminders]
    stored += [""] * (rules.MOST_REMINDERS - len(stored))
    return [ReminderForm(number, choice) for number, choice in enumerate(stored, start=1)]


def as_typed(reminders: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what the fields of the page show for rules that are stored."""
    shown: dict[str, str] = {}
    for number, rule in enumerate(reminders, start=1):
        shown |= {f"when-{number}": rules.choice_of(rule), f"at-{number}": rule["at"] or ""}
    return shown


def seen_of(event: Event) -> str:
    """Return what the hidden field carries: the reminders that the writer saw."""
    return json.dumps(as_typed(event.reminders))
