"""Events as organisers see them: listed, begun, changed, published, put away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from shared import access, web
from shared.editing import Shown, label_of, read_edit, show
from shared.refusals import NotThere

from .. import operations, rules
from ..models import Event, Group
from ..operations import planning
from ..pages.events import render_event
from ..rules import kinds
from ..schemas.console import (
    EventSearch,
    NewEventForm,
)
from . import event_forms
from .event_words import words
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
