"""Who comes to an event and who waits, and what organisers do by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from shared import access, web
from shared.downloads import csv_answer
from shared.refusals import NotThere, Refusal

from .. import operations, rules
from ..models import Event
from ..operations import people
from ..schemas.console import ByHandForm

CONSOLE = Blueprint("console_sign_ups", __name__)
MODES = {
    "at_once": "A place that comes free goes to the next in line at once.",
    "offers": "The next in line is asked, and has some hours to answer.",
    "late": "So shortly before the start a free place goes to whoever takes it first. Those who"
    " wait and agreed to it are told.",
    "by_hand": "Nobody gets a free place by itself: you give it below.",
    "over": "This shift has begun.",
}


@CONSOLE.get("/organise/sign-ups/events/<int:event_id>")
@access.needs("viewer", group=operations.host_of_event)
def show_event(event_id: int) -> str:
    """How full an event's shifts are, and how many wait."""
    event = g.session.get_one(Event, event_id)
    return render_template(
        "signups/console/event.html",
        event=event,
        group=operations.find_group(g.session, event.group_id),
        tab="events",
        shifts=operations.count_shifts(g.session, event_id),
        waiting_for_review=sum(operations.count_pending(g.session, event.group_id).values()),
    )


@CONSOLE.get("/organise/sign-ups/events/<int:event_id>/sign-ups.csv")
@access.needs("viewer", group=operations.host_of_event)
def send_signups(event_id: int) -> Response:
    """Everybody who signed up for an event, with their answers, to take along."""
    columns, rows = operations.list_for_download(g.session, event_id)
    return csv_answer(f"sign-ups-for-{g.session.get_one(Event, event_id).title}", columns, rows)


@CONSOLE.get("/organise/sign-ups/shifts/<int:shift_id>")
@access.needs("viewer", group=operations.host_of_shift)
def show_shift(shift_id: int) -> str:
    """Who comes and who waits, why in this order, and what would happen if a place came free."""
    return shift_page(shift_id)


@CONSOLE.post("/organise/sign-ups/shifts/<int:shift_id>/give")
@access.needs("organiser", group=operations.host_of_shift)
def give_place(shift_id: int) -> ResponseReturnValue:
    """Give somebody who waits a place by hand, past the line; the reason is kept."""
    form = read_by_hand(shift_id)
    reason = f"{g.who.name}: {form['reason']}"
    operations.give_by_hand(g.session, form["signup_id"], reason=reason, now=g.now)
    return redirect(url_for(".show_shift", shift_id=shift_id, given=1), 303)


@CONSOLE.post("/organise/sign-ups/shifts/<int:shift_id>/cancel")
@access.needs("organiser", group=operations.host_of_shift)
def cancel_for(shift_id: int) -> Response:
    """Cancel for somebody who called, say; they hear of it by mail, and the next in line moves."""
    form = read_by_hand(shift_id)
    reason = f"{g.who.name}: {form['reason']}"
    operations.cancel_for(g.session, form["signup_id"], reason=reason, now=g.now)
    return redirect(url_for(".show_shift", shift_id=shift_id, cancelled=1), 303)


def read_by_hand(shift_id: int) -> dict[str, Any]:
    """Return what was typed for one of the shift's sign-ups. Raises NotThere for another's."""
    form: dict[str, Any] = web.read_form(
        ByHandForm(), lambda errors: shift_page(shift_id, errors=errors)
    )
    if operations.shift_of(g.session, form["signup_id"]) != shift_id:
        raise NotThere
    return form


def shift_page(shift_id: int, errors: dict[str, list[str]] | None = None) -> str:
    """Return the page of a shift; what was typed stands there again when something is wrong."""
    line = operations.show_line(g.session, shift_id, now=g.now)
    shift = line.shift
    live = [*line.coming, *(each.signup for each in line.waiting)]
    people_here = {signup.person_id for signup in live if signup.person_id is not None}
    return render_template(
        "signups/console/shift.html",
        line=line,
        shift=shift,
        group=operations.find_group(g.session, shift.group_id),
        tab="events",
        mode=MODES[line.mode],
        lacks=people.who_lacks(g.session, shift.needs, people_here),
        unreached=operations.unreached_signups(g.session, [signup.id for signup in live]),
        can_change=may_change(shift.group_id),
        is_over=is_over(shift),
        form=ByHandForm(),
        errors=errors or {},
        typed=request.form,
        said=request.args,
    )


def may_change(group_id: int) -> bool:
    """Tell whether whoever asks may do more than look."""
    return g.who.is_administrator or group_id in g.who.groups("organiser")


def is_over(shift: Any) -> bool:
    """Tell whether nothing can be changed any more."""
    try:
        rules.check_not_over(shift.ends_at, now=g.now)
    except Refusal:
        return True
    return bool(shift.cancelled)
