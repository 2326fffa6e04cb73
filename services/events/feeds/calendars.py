"""Shifts as a calendar that people subscribe to or keep (RFC 5545, RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import icalendar

from shared.calendar import LONDON, LONDON_RULES, calendar_time

from ..models import Event, Shift
from .telling import (
    Site,
    hosts,
    instant_of,
    is_off,
    kind_of,
    meeting_of,
    one_line,
    paragraphs,
    title_of,
    when,
    where,
)

MAKER = "-//Muster//Schedule//EN"
ASK_AGAIN = timedelta(hours=1)
COUNTED_FROM = 1_577_836_800
"""2020-01-01 in Unix seconds. A SEQUENCE is a signed 32-bit integer; from here it lasts to 2088."""


def write_calendar(shifts: Iterable[Shift], *, name: str, site: Site) -> bytes:
    """Return the shifts as a calendar of this name; their events must be loaded.

    It has no UID of its own: some programs would take that for the only entry's.
    """
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", MAKER)
    calendar.add("name", icalendar.vText(one_line(name)))
    calendar.add("x-wr-calname", icalendar.vText(one_line(name)))
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(ASK_AGAIN))
    shifts = list(shifts)
    if any(shift.zone == LONDON for shift in shifts):
        calendar.add_component(icalendar.Timezone.from_ical(LONDON_RULES))
    for shift in shifts:
        calendar.add_component(_entry(shift.event, shift, site))
    written: bytes = calendar.to_ical()
    return written


def sequence_of(event: Event, shift: Shift) -> int:
    """Return a number that grows with the shift's time and place, and when it is cancelled."""
    revision = event.revision if event.status == "cancelled" else shift.revision
    return max(0, revision // 1000 - COUNTED_FROM)


def _entry(event: Event, shift: Shift, site: Site) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"shift-{shift.id}@{site.host}")
    changed = instant_of(max(event.revision, shift.revision))
    # Where nobody is invited, both say when the entry was last changed (RFC 5545, 3.8.7.2).
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("sequence", sequence_of(event, shift))
    entry.add("dtstart", calendar_time(shift.starts_at, shift.zone))
    entry.add("dtend", calendar_time(shift.ends_at, shift.zone))
    entry.add("summary", title_of(event, shift))
    entry.add("location", where(event, shift))
    entry.add("description", _description(event, shift, site))
    entry.add("url", site.event_url(event))
    entry.add("categories", [kind_of(event)])
    entry.add("status", "CANCELLED" if is_off(event, shift) else "CONFIRMED")
    # It is an offer: nobody is busy because of it.
    entry.add("transp", "TRANSPARENT")
    meeting = meeting_of(event, shift)
    if meeting and meeting.position:
        entry.add("geo", meeting.position)
    return entry


def _description(event: Event, shift: Shift, site: Site) -> str:
    parts = [f"{kind_of(event)} with {hosts(event)}"]
    if shift.zone != LONDON:
        parts.append(when(shift))
    parts += paragraphs(event)
    if not is_off(event, shift):
        parts.append(f"Sign up: {site.signup_url(shift)}")
    return "\n\n".join(parts)
