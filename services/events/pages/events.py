"""One event, with its places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, render_template, request

from .. import operations, rules
from ..models import Event, Shift
from ..operations import numbers, siblings
from ..rules import pairs, places, series
from .caching import keep
from .listing import UK, say_day, say_hours, say_note, words_for_shifts

EVENTS = Blueprint("events", __name__)
FRESH_SECONDS = 5
"""For so long numbers may be kept: the script asks every 15."""


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """A shift on its event's page."""

    id: int
    hours: str
    zone: str
    place: str
    where: str
    note: str
    standing: rules.Standing
    is_cancelled: bool
    spoken: str
    """What its button says besides, to those who hear the page."""
    together: Shift | None
    """The campaigning that can be booked with this training."""


@EVENTS.get("/events/<int:event_id>")
def show_event(event_id: int) -> Response:
    """One event, with the places left of each shift."""
    return keep(render_event(operations.find_public_event(g.session, event_id)))


def render_event(event: Event, *, preview: bool = False) -> str:
    """Return an event's page; a preview of it has no way to sign up and asks for no numbers."""
    return render_template(
        "events/event.html",
        event=event,
        preview=preview,
        days=by_day_and_constituency(event, preview=preview),
        hosts=[event.group, *(host.group for host in event.co_hosts if host.state == "accepted")],
        repeats=words_for_series(event),
        siblings=siblings.list_siblings(g.session, event, now=g.now),
        modes=rules.MODES,
        is_over=rules.is_over(event.shifts, g.now),
        came=came_along(),
        **words_for_shifts(),
    )


def came_along() -> str:
    """Return what the link that led here says of itself, for the way on to the form."""
    said = {name: text[:100] for name, text in request.args.items() if name.startswith("utm_")}
    return urlencode(said)


def words_for_series(event: Event) -> str:
    """Return how often the event repeats; nothing for one that does so no longer."""
    if event.series is None or event.series.ended_at is not None:
        return ""
    return series.describe_rule(series.read_rule(event.series.rule))


@EVENTS.get("/events/<int:event_id>/places.json")
def show_places(event_id: int) -> Response:
    """The numbers of an event's page, for the script that keeps them fresh."""
    shifts = numbers.list_numbers(g.session, event_id)
    return keep(
        jsonify(event_id=event_id, shifts=[count_places(shift) for shift in shifts]),
        seconds=FRESH_SECONDS,
    )


def count_places(shift: Any) -> dict[str, Any]:
    """Return a shift's numbers, and the words for them."""
    standing = rules.standing(shift.status, shift, g.now)
    return {
        "id": shift.id,
        "taken": shift.taken,
        "waiting": shift.waiting,
        "left": rules.places_left(shift.capacity, shift.taken),
        "state": standing.state,
        "words": standing.words,
        "button": standing.button,
    }


def by_day_and_constituency(
    event: Event, *, preview: bool = False
) -> list[tuple[str, list[tuple[str, list[EventLine]]]]]:
    """Return the shifts under their days, and within a day under constituencies in typed order."""
    days = split(sorted(event.shifts, key=lambda shift: shift.day), "day")
    return [
        (
            say_day(day),
            [
                (constituency, [line_of(event, shift, preview=preview) for shift in shifts])
                for constituency, shifts in by_constituency(of_day)
            ],
        )
        for day, of_day in days
    ]


def by_constituency(shifts: list[Shift]) -> list[tuple[str, list[Shift]]]:
    """Return the shifts under their constituencies, those that were typed first before others."""
    typed = {shift.constituency: shift.id for shift in sorted(shifts, key=lambda s: -s.id)}
    return split(sorted(shifts, key=lambda shift: typed[shift.constituency]), "constituency")


def split(shifts: Iterable[Shift], by: str) -> list[tuple[Any, list[Shift]]]:
    """Return runs of shifts that agree in one of their columns."""
    return [(key, list(run)) for key, run in groupby(shifts, key=attrgetter(by))]


def line_of(event: Event, shift: Shift, *, preview: bool) -> EventLine:
    """Return a shift in words."""
    hours = say_hours(shift.starts_at, shift.ends_at, shift.zone)
    shown = event.address_shown
    parts = (
        places.shown_address(shown, shift.address),
        places.shown_postcode(shown, shift.postcode).replace(" ", "\u00a0"),
    )
    return EventLine(
        id=shift.id,
        hours=hours,
        zone="" if shift.zone == UK else shift.zone,
        place=shift.place,
        where=", ".join(part for part in parts if part),
        note=say_note(shift),
        standing=rules.standing(event.status, shift, g.now),
        is_cancelled=shift.cancelled or event.status == "cancelled",
        spoken=f"{shift.place}, {say_day(shift.day)}, {hours[:5]}",
        together=None if preview else together_with(event, shift),
    )


def together_with(event: Event, training: Shift) -> Shift | None:
    """Return the campaigning that can be booked with a training now, if both can be joined."""
    if event.kind != "campaign_and_train":
        return None
    free = [s for s in event.shifts if rules.standing(event.status, s, g.now).is_open]
    return pairs.campaigning_after(training, free) if training in free else None
