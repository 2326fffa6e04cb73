"""One event, with its places."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

from shared import times

from .. import operations, rules
from ..models import Event, Shift
from .listing import words_for_shifts

EVENTS = Blueprint("events", __name__)


@EVENTS.get("/events/<int:event_id>")
def show_event(event_id: int) -> str:
    """One event, with the places left of each shift."""
    event = operations.find_public_event(g.session, event_id)
    days = by_day_and_constituency(event.shifts)
    return render_template("events/event.html", event=event, days=days, **words_for_shifts())


@EVENTS.get("/events/<int:event_id>/places.json")
def show_places(event_id: int) -> Response:
    """The numbers of an event's page, for the script that keeps them fresh."""
    event = operations.find_public_event(g.session, event_id)
    response = jsonify(event_id=event.id, shifts=[count_places(event, s) for s in event.shifts])
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def by_day_and_constituency(
    shifts: list[Shift],
) -> list[tuple[str, list[tuple[str, list[Shift]]]]]:
    """Return the shifts under their days, and within a day under constituencies in typed order."""
    days = split(sorted(shifts, key=lambda shift: shift.day), "day")
    return [
        (times.day(of_day[0].starts_at, of_day[0].zone), by_constituency(of_day))
        for _, of_day in days
    ]


def by_constituency(shifts: list[Shift]) -> list[tuple[str, list[Shift]]]:
    """Return the shifts under their constituencies, those that were typed first before others."""
    typed = {shift.constituency: shift.id for shift in sorted(shifts, key=lambda s: -s.id)}
    return split(sorted(shifts, key=lambda shift: typed[shift.constituency]), "constituency")


def split(shifts: list[Shift], by: str) -> list[tuple[Any, list[Shift]]]:
    """Return runs of shifts that agree in one of their columns."""
    return [(key, list(run)) for key, run in groupby(shifts, key=attrgetter(by))]


def count_places(event: Event, shift: Shift) -> dict[str, Any]:
    """Return a shift's numbers, and the words for them."""
    standing = rules.standing(event.status, shift, g.now)
    return {
        "id": shift.id,
        "taken": shift.taken,
        "waiting": shift.waiting,
        "left": rules.places_left(shift.capacity, shift.taken),
        "state": standing.state,
        "words": standing.words,
    }
