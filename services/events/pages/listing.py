"""Lists of events: what every page that shows one needs, worked out before the template runs.

Templates only write down what stands here: on a page with a hundred shifts each thing that a
template works out itself costs more than the database does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import g

from shared import distances, times

from .. import operations, rules
from ..operations.finding import Wanted
from ..operations.schedule import PAGE
from ..rules import finding, places

UK = "Europe/London"
FIELDS = {"first": "from", "last": "to", "group_id": "group"}
"""What the fields of a search are called in an address, where that differs."""

MOST_LINES = 3
"""Shifts that a card shows; the event's page has the others."""

KEPT = (
    "postcode",
    "miles",
    "constituency",
    "first",
    "last",
    "kind",
    "group_id",
    "places",
    "online",
)
"""What makes a search, in the order in which an address names it."""


class Line(NamedTuple):
    """A shift, as a list shows it: a plain tuple, since a template takes it apart at once."""

    id: int
    hours: str
    zone: str
    """Its name where it is not the one that everybody expects."""
    place: str
    where: str
    note: str
    state: str
    words: str
    button: str
    spoken: str
    """What the button says besides, to those who hear the page."""


class ShownCard(NamedTuple):
    """An event on one day, as a list shows it."""

    day_words: str
    event_id: int
    title: str
    kind: str
    group_id: int
    group_name: str
    online: str
    lines: list[Line]
    """Of the first few shifts."""
    shift_count: int


def listing(wanted: Wanted, *, most: int = PAGE) -> dict[str, Any]:
    """Return what a template needs to list `most` events: cards by day, and whether more follow."""
    now = g.now
    cards, more = operations.show_schedule(g.session, wanted, now=now, most=most)
    roughly = wanted.near is not None and wanted.near.is_approximate
    days = [
        (day, [show_card(card, now, roughly=roughly) for card in those])
        for day, those in groupby(cards, key=lambda card: card.day)
    ]
    return {"days": days, "more": more, **words_for_shifts()}


def words_for_shifts() -> dict[str, Any]:
    """Return what every template here needs to speak of shifts."""
    return {
        "kinds": rules.KINDS,
        "say_day": say_day,
        "standing": lambda event, shift: rules.standing(event.status, shift, g.now),
    }


def show_card(card: operations.Card, now: datetime, *, roughly: bool) -> ShownCard:
    """Return the card in words."""
    event = card.event
    return ShownCard(
        day_words=say_day(card.day),
        event_id=event.event_id,
        title=event.title,
        kind=event.kind,
        group_id=event.group_id,
        group_name=event.group_name,
        online="" if event.mode == "in_person" else rules.MODES[event.mode],
        lines=[show_line(shift, now, roughly=roughly) for shift in card.shifts[:MOST_LINES]],
        shift_count=len(card.shifts),
    )


def show_line(shift: Any, now: datetime, *, roughly: bool = False) -> Line:
    """Return a shift of a search in words."""
    standing = rules.standing(shift.status, shift, now)
    hours = say_hours(shift.starts_at, shift.ends_at, shift.zone)
    return Line(
        id=shift.id,
        hours=hours,
        zone="" if shift.zone == UK else shift.zone,
        place=shift.place,
        where=say_where(shift, roughly=roughly),
        note=say_note(shift),
        state=standing.state,
        words=standing.words,
        button=standing.button,
        spoken=f"{shift.place}, {say_day(shift.day)}, {hours[:5]}",
    )


def say_where(shift: Any, *, roughly: bool = False) -> str:
    """Say how far it is and where, as exactly as the public may know."""
    postcode = places.shown_postcode(shift.address_shown, shift.postcode).replace(" ", "\u00a0")
    parts = [shift.constituency, postcode]
    if shift.square_miles is not None:
        roughly = roughly or shift.located != "postcode"
        parts.insert(0, distances.say_miles(shift.square_miles**0.5, roughly=roughly))
    return " · ".join(part for part in parts if part)


def say_note(shift: Any) -> str:
    """Say what is done there and what is asked for, where that is not plain from the event."""
    work = rules.WORK[shift.work] if shift.work else ""
    needs = f"needs training: {shift.needs}" if shift.needs else ""
    note = ", ".join(part for part in (work, needs) if part)
    return note[:1].upper() + note[1:]


@lru_cache(maxsize=4096)
def say_hours(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Return the hours as in "10:00 to 12:00", with the day of the end where it is another."""
    start, end = times.local(starts_at, zone), times.local(ends_at, zone)
    day = f"{say_day(end.date())}, " if end.date() != start.date() else ""
    return f"{start.hour:02}:{start.minute:02} to {day}{end.hour:02}:{end.minute:02}"


@lru_cache(maxsize=1024)
def say_day(day: date) -> str:
    """Return a day as in "Saturday 5 December 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def query_of(wanted: Wanted, **changes: Any) -> dict[str, str]:
    """Return the fields of an address that asks for the same, but for some changes."""
    asked: Mapping[str, Any] = {**{name: getattr(wanted, name) for name in KEPT}, **changes}
    if not asked["postcode"]:
        asked = {**asked, "miles": None}
    return {
        FIELDS.get(name, name): "yes" if value is True else str(value)
        for name, value in asked.items()
        if value
    }


def address_of(wanted: Wanted, **changes: Any) -> str:
    """Return the address of the schedule that asks for the same, but for some changes."""
    query = urlencode(query_of(wanted, **changes))
    return f"/?{query}" if query else "/"


def mail_address_of(wanted: Wanted) -> str:
    """Return the address of the form for the weekly mail, filled in with this search.

    It says where the postcode lies, since the service of that form has no directory of postcodes.
    """
    query = {
        name: value
        for name, value in query_of(wanted).items()
        if name in ("postcode", "miles", "kind", "group")
    }
    if near := wanted.near:
        query |= {"latitude": f"{near.latitude:.3f}", "longitude": f"{near.longitude:.3f}"}
        query |= {"rough": "yes"} if near.is_approximate else {}
    return f"/mail/schedule?{urlencode(query)}" if query else "/mail/schedule"


def month_words(month: date) -> str:
    """Return a month as in "December 2026"."""
    return f"{month:%B %Y}"


def first_of_month(now: datetime) -> date:
    """Return the first day of the month that it is in the United Kingdom."""
    return times.local(now, UK).date().replace(day=1)


def last_of_month(month: date) -> date:
    """Return the last day of a month."""
    return finding.next_month(month) - timedelta(days=1)
