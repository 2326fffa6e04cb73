"""What is done to an event after one question: moved, copied, called off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from shared import access, web

from .. import operations, rules
from ..models import Event
from ..operations import moving
from ..schemas.console import CopyForm, MoveForm, ReasonForm
from .event_words import first_day
from .scope import changing

STEPS = Blueprint("console_steps", __name__)


@STEPS.get("/organise/events/<int:event_id>/move")
@access.needs("organiser", group=operations.host_of_event)
def begin_move(event_id: int) -> str:
    """Ask where to."""
    event = operations.find_event(g.session, event_id)
    return step(event, "move", MoveForm(), {"day": first_day(event), "minutes": "0"})


@STEPS.post("/organise/events/<int:event_id>/move")
@access.needs("organiser", group=operations.host_of_event)
def move_event(event_id: int) -> Response:
    """Move all shifts, keeping what clocks show."""
    event = operations.find_event(g.session, event_id, lock=True)

    def again(errors: dict[str, list[str]]) -> str:
        return step(event, "move", MoveForm(), request.form, errors)

    form = web.read_form(MoveForm(), again)
    first = first_day(event)
    by = timedelta(days=(form["day"] - first).days if first else 0, minutes=form["minutes"])
    wrong = moving.problem_with(event, by, now=g.now)
    if wrong:
        raise web.FormNotAccepted({"day": [wrong]}, again)
    with changing(event_id):
        operations.move_event(g.session, event_id, by, now=g.now)
    return redirect(url_for("console_events.show_event", event_id=event_id, moved=1), code=303)


@STEPS.get("/organise/events/<int:event_id>/copy")
@access.needs("organiser", group=operations.host_of_event)
def begin_copy(event_id: int) -> str:
    """Ask for the first day of the copy; a week later is a good guess."""
    event = operations.find_event(g.session, event_id)
    first = first_day(event)
    guess = max(first + timedelta(days=7), g.now.date()) if first else g.now.date()
    return step(event, "copy", CopyForm(), {"day": guess})


@STEPS.post("/organise/events/<int:event_id>/copy")
@access.needs("organiser", group=operations.host_of_event)
def copy_event(event_id: int) -> Response:
    """Draft the same again."""
    event = operations.find_event(g.session, event_id)

    def again(errors: dict[str, list[str]]) -> str:
        return step(event, "copy", CopyForm(), request.form, errors)

    form = web.read_form(CopyForm(), again)
    first = first_day(event)
    by = form["day"] - first if first else timedelta(0)
    wrong = moving.problem_with_copy(event, by)
    if wrong:
        raise web.FormNotAccepted({"day": [wrong]}, again)
    copy = operations.copy_event(g.session, event_id, first_day=form["day"], now=g.now)
    return redirect(url_for("console_events.show_event", event_id=copy.id, copied=1), code=303)


@STEPS.get("/organise/events/<int:event_id>/cancel")
@access.needs("organiser", group=operations.host_of_event)
def begin_cancel(event_id: int) -> str:
    """Ask why, and say who will be told."""
    event = operations.find_event(g.session, event_id)
    rules.check_cancellable(event.status, event.shifts, g.now)
    return step(event, "cancel", ReasonForm(), {})


@STEPS.post("/organise/events/<int:event_id>/cancel")
@access.needs("organiser", group=operations.host_of_event)
def cancel_event(event_id: int) -> Response:
    """Call the event off."""
    event = operations.find_event(g.session, event_id)
    form = web.read_form(
        ReasonForm(), lambda errors: step(event, "cancel", ReasonForm(), request.form, errors)
    )
    operations.cancel_event(g.session, event_id, reason=form["reason"], now=g.now)
    return redirect(url_for("console_events.show_event", event_id=event_id, cancelled=1), code=303)


def step(event: Event, name: str, form: Schema, values: Any, errors: Any = None) -> str:
    """Return a page that asks one thing before something is done to an event."""
    live = [shift for shift in event.shifts if not shift.cancelled]
    return render_template(
        f"events/console/{name}.html",
        event=event,
        group=event.group,
        tab="events",
        form=form,
        values=values,
        errors=errors or {},
        first=first_day(event),
        told=sum(shift.taken + shift.waiting for shift in live if shift.ends_at > g.now),
    )
