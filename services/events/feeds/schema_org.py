"""An event as search engines read it: schema.org's Event, to be written as JSON-LD."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared import times

from ..models import Event, Shift
from .telling import Site, is_off, meeting_of, one_line, paragraphs, still_on, where

HERE = "https://schema.org"
ATTENDANCE = {
    "in_person": f"{HERE}/OfflineEventAttendanceMode",
    "online": f"{HERE}/OnlineEventAttendanceMode",
    "both": f"{HERE}/MixedEventAttendanceMode",
}


def describe_event(event: Event, site: Site) -> dict[str, Any]:
    """Return the event; with more than one shift, each is an event within it.

    Nobody pays and nothing is sold, so there are no offers. Who comes is nobody's business here.
    """
    shifts = still_on(event)
    described = {
        "@context": HERE,
        **_common(event, shifts, site),
        "@id": site.event_url(event),
        "description": "\n\n".join(paragraphs(event)) or one_line(event.title),
        "isAccessibleForFree": True,
        "image": [f"{site.url}/events/{event.id}/share.png"],
        "organizer": [_organizer(event.group, site)]
        + [_organizer(host.group, site) for host in event.co_hosts if host.state == "accepted"],
    }
    if len(event.shifts) > 1:
        described["subEvent"] = [_common(event, [shift], site) for shift in event.shifts]
    return described


def _common(event: Event, shifts: Sequence[Shift], site: Site) -> dict[str, Any]:
    first, last = shifts[0], max(shifts, key=lambda shift: shift.ends_at)
    return {
        "@type": "Event",
        "name": one_line(event.title),
        "url": site.event_url(event),
        "startDate": times.local(first.starts_at, first.zone).isoformat(timespec="minutes"),
        "endDate": times.local(last.ends_at, last.zone).isoformat(timespec="minutes"),
        **_status(event, shifts),
        "eventAttendanceMode": ATTENDANCE[event.mode],
        "location": _locations(event, shifts, site),
    }


def _status(event: Event, shifts: Sequence[Shift]) -> dict[str, str]:
    """Say whether it goes on; of one time that moved, also when it was first said to be."""
    if all(is_off(event, shift) for shift in shifts):
        return {"eventStatus": f"{HERE}/EventCancelled"}
    before = shifts[0].announced_start
    if len(shifts) > 1 or before is None or before == shifts[0].starts_at:
        return {"eventStatus": f"{HERE}/EventScheduled"}
    told = times.local(before, shifts[0].zone).isoformat(timespec="minutes")
    return {"eventStatus": f"{HERE}/EventRescheduled", "previousStartDate": told}


def _locations(event: Event, shifts: Sequence[Shift], site: Site) -> Any:
    """Return each place once; an online event is at its page, since its link is private."""
    places = {where(event, shift): _place(event, shift) for shift in shifts}
    found: list[Any] = [place for place in places.values() if place]
    if event.mode != "in_person":
        found.append({"@type": "VirtualLocation", "url": site.event_url(event)})
    return found[0] if len(found) == 1 else found


def _place(event: Event, shift: Shift) -> dict[str, Any] | None:
    meeting = meeting_of(event, shift)
    if meeting is None:
        return None
    address = {
        "@type": "PostalAddress",
        "streetAddress": meeting.address,
        "addressLocality": meeting.constituency,
        "postalCode": meeting.postcode,
    }
    place: dict[str, Any] = {
        "@type": "Place",
        "name": meeting.place,
        "address": {name: said for name, said in address.items() if said},
    }
    if meeting.position:
        latitude, longitude = meeting.position
        place["geo"] = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    return place


def _organizer(group: Any, site: Site) -> dict[str, str]:
    return {
        "@type": "Organization",
        "name": one_line(group.name),
        "url": f"{site.url}/groups/{group.id}",
    }
