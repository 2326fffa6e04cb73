"""What is on: by day, or as the page of a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from marshmallow import ValidationError

from shared import times

from ..operations import finding, instead, month
from ..operations.finding import Wanted
from ..operations.instead import Instead
from ..rules import KINDS
from ..rules import finding as rules
from ..schemas import ScheduleQuery
from . import listing
from .caching import keep
from .choices import choices_of, options_of
from .listing import address_of

SCHEDULE = Blueprint("schedule", __name__)
FORM = ScheduleQuery()


@SCHEDULE.get("/")
def show_schedule() -> Response | tuple[str, int]:
    """What is on, as it was asked; with a wrong filter, the filter's problems and everything."""
    try:
        wanted = finding.settle(g.session, Wanted(**FORM.load(request.args)))
    except ValidationError as error:
        return show_list(Wanted(), errors=error.messages_dict), 400
    return keep(show_month(wanted) if wanted.view == "month" else show_list(wanted))


def show_list(wanted: Wanted, *, errors: Mapping[str, Any] | None = None) -> str:
    """Return the page that lists what is on by day."""
    found = listing.listing(wanted)
    nothing = not found["days"] and wanted.page == 1
    others = instead.find_instead(g.session, wanted, now=g.now) if nothing else []
    return render_template(
        "events/schedule.html",
        **found,
        **frame_of(wanted),
        errors=errors or {},
        others=[(each, why_not(each, wanted), say_where(each, wanted)) for each in others],
    )


def show_month(wanted: Wanted) -> str:
    """Return the page of a month, with a cell for each day."""
    this_month = listing.first_of_month(g.now)
    first = max((wanted.month or wanted.first or this_month).replace(day=1), this_month)
    last = listing.last_of_month(first)
    days = month.show_month(g.session, wanted, (first, last), now=g.now)
    today = times.local(g.now, listing.UK).date()
    weeks = [[cell_of(day, days, first, wanted) for day in week] for week in rules.weeks_of(first)]
    before = rules.month_before(first) if first > this_month else None
    return render_template(
        "events/month.html",
        **frame_of(wanted),
        errors={},
        weeks=weeks,
        month=first,
        today=today,
        before=before,
        after=rules.next_month(first),
        is_empty=not days,
        month_words=listing.month_words,
        say_day=listing.say_day,
    )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A day on the page of a month; one of another month is empty."""

    day: date
    is_of_month: bool
    events: list[tuple[str, int, str, str]]
    """Start, id, title and kind."""
    rest: int
    address: str
    """Of the list of this day."""


def cell_of(day: date, days: Mapping[date, month.Day], first: date, wanted: Wanted) -> Cell:
    """Return what stands in the cell of a day."""
    found = days.get(day, month.Day())
    return Cell(
        day=day,
        is_of_month=day.month == first.month,
        events=[
            (f"{times.local(e.starts_at, e.zone):%H:%M}", e.event_id, e.title, e.kind)
            for e in found.events
        ],
        rest=found.rest,
        address=address_of(wanted, first=day, last=day),
    )


def frame_of(wanted: Wanted) -> dict[str, Any]:
    """Return what both views show around the events."""
    return {
        "wanted": wanted,
        "form": FORM,
        "choices": choices_of(g.session, now=g.now),
        "options_of": options_of,
        "typed": {**listing.query_of(wanted), "miles": str(wanted.miles)},
        "here": address_of(wanted),
        "address_of": address_of,
        "by_mail": listing.mail_address_of(wanted),
        "is_narrowed": bool(listing.query_of(wanted)),
    }


def why_not(other: Instead, wanted: Wanted) -> str:
    """Say which wishes a suggestion does not meet."""
    broken = {
        "postcode": f"farther than {wanted.miles} miles",
        "days": "on another day",
        "constituency": f"in {other.shift.constituency or 'another place'}",
        "kind": f"of another kind: {KINDS[other.shift.kind].lower()}",
        "group_id": f"with {other.shift.group_name}",
        "places": "full: you can join its waiting list",
        "online": "not online",
    }
    return ", ".join(broken[name] for name in other.given_up)


def say_where(other: Instead, wanted: Wanted) -> str:
    """Say where a suggestion is, and how far."""
    roughly = wanted.near is not None and wanted.near.is_approximate
    return listing.say_where(other.shift, roughly=roughly)
