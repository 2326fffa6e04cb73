"""Shifts as organisers see them: all as a grid, and each on a page of its own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from shared import access, web
from shared.editing import Shown, read_edit, show

from .. import operations, rules
from ..models import Event, Shift
from ..operations import grid as saving
from ..operations.stored import find_shift
from ..schemas.console import ConversationsForm, ShiftForm, facts_of_shift
from . import grid_page
from .scope import changing

CONSOLE = Blueprint("console_shifts", __name__)
CONSOLE.add_app_template_filter(grid_page.typed_day)


@CONSOLE.get("/organise/events/<int:event_id>/shifts")
@access.needs("organiser", group=operations.host_of_event)
def edit_shifts(event_id: int) -> str:
    """The grid, as it is stored."""
    event = operations.find_event(g.session, event_id)
    return grid_page.render(event, grid_page.stored(event, now=g.now), said=request.args)


@CONSOLE.post("/organise/events/<int:event_id>/shifts")
@access.needs("organiser", group=operations.host_of_event)
def change_shifts(event_id: int) -> ResponseReturnValue:
    """Save the grid, or show it again with one more row or column, or with another number."""
    event = operations.find_event(g.session, event_id, lock=True)
    rules.check_changeable(event.status, event.shifts, g.now)
    page = grid_page.posted(event, request.form)
    action = request.form.get("do", "save")
    if action != "save":
        return grid_page.render(event, grid_page.changed(page, action, today=g.now.date()))
    changes = grid_page.read(event, page)
    going = saving.signed_up(event, changes.remove)
    if {str(shift.id) for shift in going} - set(request.form.getlist("confirmed")):
        return grid_page.render(event, page, going=going), 400
    with changing(event_id):
        saved = saving.save_grid(g.session, event, changes, now=g.now)
    return redirect(url_for(".edit_shifts", event_id=event.id, **vars(saved)), code=303)


@CONSOLE.get("/organise/events/<int:event_id>/shifts/<int:shift_id>")
@access.needs("organiser", group=operations.host_of_event)
def edit_shift(event_id: int, shift_id: int) -> str:
    """One shift with all that can be said of it."""
    event, shift = found(event_id, shift_id)
    return page_of(event, shift, show(ShiftForm(), facts_of_shift(shift)))


@CONSOLE.post("/organise/events/<int:event_id>/shifts/<int:shift_id>")
@access.needs("organiser", group=operations.host_of_event)
def change_shift(event_id: int, shift_id: int) -> Response:
    """Save one shift."""
    event, shift = found(event_id, shift_id, lock=True)
    edit = read_edit(ShiftForm(), facts_of_shift(shift), lambda shown: page_of(event, shift, shown))
    with changing(event_id):
        operations.change_shift(g.session, event_id, shift_id, edit.details, now=g.now)
    return redirect(url_for(".edit_shift", event_id=event_id, shift_id=shift_id, saved=1), code=303)


@CONSOLE.post("/organise/events/<int:event_id>/shifts/<int:shift_id>/remove")
@access.needs("organiser", group=operations.host_of_event)
def remove_shift(event_id: int, shift_id: int) -> ResponseReturnValue:
    """Cancel a shift; of a draft it goes altogether. Asks once more when people signed up."""
    event, shift = found(event_id, shift_id, lock=True)
    if shift.taken + shift.waiting and not request.form.get("confirmed"):
        return page_of(event, shift, show(ShiftForm(), facts_of_shift(shift)), asked=True), 400
    plan = operations.ShiftPlan(remove=[shift_id])
    with changing(event_id):
        operations.carry_out(g.session, event_id, plan, now=g.now)
    return redirect(url_for(".edit_shifts", event_id=event_id, removed=1), code=303)


@CONSOLE.post("/organise/events/<int:event_id>/shifts/<int:shift_id>/conversations")
@access.needs("organiser", group=operations.host_of_event)
def report_conversations(event_id: int, shift_id: int) -> Response:
    """Keep how many conversations the team reported."""
    event, shift = found(event_id, shift_id, lock=True)
    form = web.read_form(
        ConversationsForm(),
        lambda errors: page_of(
            event, shift, show(ShiftForm(), facts_of_shift(shift)), reported=errors
        ),
    )
    operations.report_conversations(g.session, event_id, shift_id, form["conversations"], now=g.now)
    return redirect(url_for(".edit_shift", event_id=event_id, shift_id=shift_id, saved=1), code=303)


def found(event_id: int, shift_id: int, *, lock: bool = False) -> tuple[Event, Shift]:
    """Return the event and the one of its shifts."""
    event = operations.find_event(g.session, event_id, lock=lock)
    return event, find_shift(event, shift_id)


def page_of(event: Event, shift: Shift, shown: Shown, **more: Any) -> str:
    """Return a shift's page."""
    changeable = event.status != "cancelled" and not shift.cancelled and shift.ends_at > g.now
    return render_template(
        "events/console/shift.html",
        event=event,
        group=event.group,
        tab="events",
        shift=shift,
        form=ShiftForm(),
        shown=shown,
        errors=shown.errors or more.get("reported"),
        conversations=ConversationsForm(),
        over=rules.places_over(shift.capacity, shift.taken),
        is_changeable=changeable or event.status == "draft",
        has_begun=shift.starts_at <= g.now and not shift.cancelled,
        saved="saved" in request.args,
        **more,
    )
