"""Events as organisers see them: listed, begun, changed, published, moved, copied, put away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response

from shared import access, web
from shared.refusals import NotThere

from .. import operations, rules
from ..models import Event, Group
from ..operations import moving, planning
from ..pages.events import render_event
from ..rules import kinds
from ..schemas.console import (
    CopyForm,
    EventSearch,
    MoveForm,
    NewEventForm,
    ReasonForm,
)
from . import event_forms
from .editing import Shown, label_of, read_edit, show
from .scope import changing

CONSOLE = Blueprint("console_events", __name__)
LISTS = {"upcoming": "Upcoming", "drafts": "Drafts", "past": "Past", "archived": "Archived"}


@CONSOLE.get("/organise/groups/<int:group_id>/events")
@access.needs("viewer", group=operations.groups_of_group)
def list_events(group_id: int) -> str:
    """A group's events, list by list."""
    group = operations.find_group(g.session, group_id)
    form = EventSearch()
    try:
        asked = form.load({name: text for name, text in request.args.items() if text.strip()})
    except ValidationError:
        asked = form.load({})
    events, more = planning.list_planned(g.session, group_id, asked, now=g.now)
    return render_template(
        "events/console/events.html",
        group=group,
        events=events,
        more=more,
        asked=asked,
        lists=LISTS,
        counts=planning.count_planned(g.session, group_id, now=g.now),
        repeating=planning.list_repeating(g.session, group_id, now=g.now),
        **words(),
    )


@CONSOLE.get("/organise/groups/<int:group_id>/events/new")
@access.needs("organiser", group=operations.groups_of_group)
def begin_event(group_id: int) -> str:
    """First the kind, then the little that a draft begins with."""
    group = operations.find_group(g.session, group_id)
    if request.args.get("kind") not in rules.KINDS:
        return render_template(
            "events/console/kinds.html",
            group=group,
            tab="events",
            kinds=rules.KINDS,
            defaults=kinds.DEFAULTS,
        )
    return new_event_page(group, {"kind": request.args["kind"], "mode": "in_person"})


@CONSOLE.post("/organise/groups/<int:group_id>/events/new")
@access.needs("organiser", group=operations.groups_of_group)
def create_event(group_id: int) -> Response:
    """Draft an event with the shifts that its kind suggests; its grid comes next."""
    group = operations.find_group(g.session, group_id)
    form = web.read_form(NewEventForm(), lambda errors: new_event_page(group, request.form, errors))
    details = event_forms.begun(form, group)
    event = operations.create_event(g.session, details, now=g.now)
    return redirect(url_for("console_shifts.edit_shifts", event_id=event.id), code=303)


@CONSOLE.get("/organise/events/<int:event_id>")
@access.needs("viewer", group=operations.groups_of_event)
def show_event(event_id: int) -> str:
    """An event at a glance: what is missing, how full it is, and what can be done."""
    return event_page(operations.find_event(g.session, event_id))


@CONSOLE.get("/organise/events/<int:event_id>/details")
@access.needs("organiser", group=operations.host_of_event)
def edit_details(event_id: int) -> str:
    """The words of an event."""
    event = operations.find_event(g.session, event_id)
    return details_page(event, show(event_forms.details_form(g.session, event), event))


@CONSOLE.post("/organise/events/<int:event_id>/details")
@access.needs("organiser", group=operations.host_of_event)
def change_details(event_id: int) -> Response:
    """Save the words of an event, and say what somebody else changed meanwhile."""
    event = operations.find_event(g.session, event_id, lock=True)
    form = event_forms.details_form(g.session, event)
    edit = read_edit(form, event, lambda shown: details_page(event, shown))
    with changing(event_id):
        operations.change_event(g.session, event_id, edit.details, now=g.now)
    kept = [label_of(form, name) for name in edit.kept]
    return redirect(url_for(".show_event", event_id=event_id, saved=1, kept=kept), code=303)


@CONSOLE.get("/organise/events/<int:event_id>/preview")
@access.needs("viewer", group=operations.groups_of_event)
def preview_event(event_id: int) -> str:
    """The public page as it will look."""
    return render_event(operations.find_event(g.session, event_id), preview=True)


@CONSOLE.post("/organise/events/<int:event_id>/publish")
@access.needs("organiser", group=operations.host_of_event)
def publish_event(event_id: int) -> ResponseReturnValue:
    """Bring a draft before the public, or say everything that is missing."""
    event = operations.find_event(g.session, event_id, lock=True)
    if event.status == "draft" and rules.missing_for_publishing(event, g.now):
        return event_page(event, refused=True), 400
    operations.publish_event(g.session, event_id, now=g.now)
    return redirect(url_for(".show_event", event_id=event_id, published=1), code=303)


@CONSOLE.get("/organise/events/<int:event_id>/move")
@access.needs("organiser", group=operations.host_of_event)
def begin_move(event_id: int) -> str:
    """Ask where to."""
    event = operations.find_event(g.session, event_id)
    return step(event, "move", MoveForm(), {"day": first_day(event), "minutes": "0"})


@CONSOLE.post("/organise/events/<int:event_id>/move")
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
    return redirect(url_for(".show_event", event_id=event_id, moved=1), code=303)


@CONSOLE.get("/organise/events/<int:event_id>/copy")
@access.needs("organiser", group=operations.host_of_event)
def begin_copy(event_id: int) -> str:
    """Ask for the first day of the copy; a week later is a good guess."""
    event = operations.find_event(g.session, event_id)
    first = first_day(event)
    guess = max(first + timedelta(days=7), g.now.date()) if first else g.now.date()
    return step(event, "copy", CopyForm(), {"day": guess})


@CONSOLE.post("/organise/events/<int:event_id>/copy")
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
    return redirect(url_for(".show_event", event_id=copy.id, copied=1), code=303)


@CONSOLE.get("/organise/events/<int:event_id>/cancel")
@access.needs("organiser", group=operations.host_of_event)
def begin_cancel(event_id: int) -> str:
    """Ask why, and say who will be told."""
    event = operations.find_event(g.session, event_id)
    rules.check_cancellable(event.status, event.shifts, g.now)
    return step(event, "cancel", ReasonForm(), {})


@CONSOLE.post("/organise/events/<int:event_id>/cancel")
@access.needs("organiser", group=operations.host_of_event)
def cancel_event(event_id: int) -> Response:
    """Call the event off."""
    event = operations.find_event(g.session, event_id)
    form = web.read_form(
        ReasonForm(), lambda errors: step(event, "cancel", ReasonForm(), request.form, errors)
    )
    operations.cancel_event(g.session, event_id, reason=form["reason"], now=g.now)
    return redirect(url_for(".show_event", event_id=event_id, cancelled=1), code=303)


@CONSOLE.post("/organise/events/<int:event_id>/archive")
@access.needs("organiser", group=operations.host_of_event)
def archive_event(event_id: int) -> Response:
    """Put the event away, or take it out again."""
    if request.form.get("undo"):
        operations.unarchive_event(g.session, event_id, now=g.now)
        return redirect(url_for(".show_event", event_id=event_id, unarchived=1), code=303)
    operations.archive_event(g.session, event_id, now=g.now)
    return redirect(url_for(".show_event", event_id=event_id, archived=1), code=303)


def event_page(event: Event, *, refused: bool = False) -> str:
    """Return an event at a glance."""
    has_address = any(shift.postcode for shift in event.shifts)
    return render_template(
        "events/console/event.html",
        event=event,
        group=event.group,
        tab="events",
        refused=refused,
        missing=rules.missing_for_publishing(event, g.now) if event.status == "draft" else [],
        advice=rules.advice_for_publishing(
            event.description, mode=event.mode, has_address=has_address
        ),
        can_change=g.who.is_administrator or event.group_id in g.who.groups("organiser"),
        is_over=rules.is_over(event.shifts, g.now) and event.status != "draft",
        live=[shift for shift in event.shifts if not shift.cancelled],
        said=request.args,
        **words(),
    )


def new_event_page(group: Group, values: Any, errors: Any = None) -> str:
    """Return the form for a new event."""
    kind = values.get("kind")
    if kind not in rules.KINDS:
        raise NotThere
    return render_template(
        "events/console/new.html",
        group=group,
        tab="events",
        form=NewEventForm(),
        kind=kind,
        kinds=rules.KINDS,
        defaults=kinds.DEFAULTS[kind],
        values=values,
        errors=errors or {},
    )


def details_page(event: Event, shown: Shown) -> str:
    """Return the form for an event's words."""
    return render_template(
        "events/console/details.html",
        event=event,
        group=event.group,
        tab="events",
        form=event_forms.details_form(g.session, event),
        shown=shown,
        errors=shown.errors,
    )


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


def first_day(event: Event) -> date | None:
    """Return the day of the first shift that is not cancelled."""
    return min((shift.day for shift in event.shifts if not shift.cancelled), default=None)


def words() -> dict[str, Any]:
    """Return what templates need to speak of events."""
    return {
        "kinds": rules.KINDS,
        "modes": rules.MODES,
        "totals": event_forms.totals,
        "over": lambda shift: rules.places_over(shift.capacity, shift.taken),
        "missing_of": lambda event: rules.missing_for_publishing(event, g.now),
        "standing": lambda event, shift: rules.standing(event.status, shift, g.now),
        "span_of_days": span_of_days,
    }


def span_of_days(event: Event) -> str:
    """Return when an event is, in few words."""
    live = [shift for shift in event.shifts if not shift.cancelled] or event.shifts
    if not live:
        return "No shifts yet"
    first, last = min(shift.day for shift in live), max(shift.day for shift in live)
    words = in_words(first)
    return words if first == last else f"{words} to {in_words(last)}"


def in_words(day: date) -> str:
    """Return a day as in "Saturday 5 December 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"
