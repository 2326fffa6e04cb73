"""The calendar part of a mail: an invitation to a shift, or its withdrawal (RFC 5545, RFC 5546)."""

from __future__ import annotations

from collections.abc import Iterator

from icalendar import Event, vCalAddress, vText, vUri

from shared.calendar import LONDON, LONDON_RULES, calendar_time

from ..rules import names
from .letters import About, Contact, Letter
from .wording import one_line

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Muster//Sign-ups//EN\r\n"


def write_invitation(
    letter: Letter, about: About, *, host: str, event_url: str, organiser: Contact
) -> str:
    """Return the calendar that a mail carries; `about.method` says what it does.

    The UID stays the same for the sign-up's whole life, so that a change or a withdrawal finds
    the entry again. A shift outside the London zone is written in UTC.
    """
    entry = _entry(about, host=host, event_url=event_url)
    entry.add("sequence", letter.notice.calendar_sequence)
    entry.add("dtstamp", letter.written_at.replace(microsecond=0))
    entry.add("organizer", _organiser(organiser))
    entry.add("attendee", _attendee(letter))
    zone = LONDON_RULES if about.shift.zone == LONDON else ""
    written: bytes = entry.to_ical()
    return f"{HEAD}METHOD:{about.method}\r\n{zone}{written.decode()}END:VCALENDAR\r\n"


def _entry(about: About, *, host: str, event_url: str) -> Event:
    shift, signup = about.shift, about.signup
    cancelled = about.method == "CANCEL"
    entry = Event()
    entry.add("uid", f"{signup.calendar_uid}@{host}")
    entry.add("dtstart", calendar_time(shift.starts_at, shift.zone))
    entry.add("dtend", calendar_time(shift.ends_at, shift.zone))
    entry.add("summary", one_line(about.event.title))
    where = about.where
    parts = (where.place, where.address, where.postcode)
    entry.add("location", ", ".join(one_line(part) for part in parts if part))
    if not cancelled:
        entry.add("description", "\n".join(_describe(about)))
        if where.online_url:
            entry.add("conference", _conference(where.online_url))
    entry.add("url", event_url)
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return entry


def _describe(about: About) -> Iterator[str]:
    """Yield the lines of the entry's text."""
    if about.where.online_url:
        yield f"Join online: {one_line(about.where.online_url)}"
    for words, text in (
        ("Please bring", about.event.bring),
        ("Accessibility", about.event.accessibility),
    ):
        if text:
            yield f"{words}: {one_line(text)}"
    yield f"To see or cancel your sign-up: {one_line(about.signup.link)}"


def _conference(url: str) -> vUri:
    """Return the way to join as RFC 7986 has it, for calendars that show a button for it."""
    conference = vUri(one_line(url))
    conference.params["VALUE"] = "URI"
    conference.params["FEATURE"] = vText("VIDEO")
    conference.params["LABEL"] = vText("Join online")
    return conference


def _organiser(contact: Contact) -> vCalAddress:
    organiser = _calendar_address(contact.email)
    organiser.params["CN"] = vText(one_line(contact.name))
    return organiser


def _attendee(letter: Letter) -> vCalAddress:
    attendee = _calendar_address(letter.recipient)
    if name := names.greeted(one_line(letter.first_name)):
        attendee.params["CN"] = vText(name)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    return attendee


def _calendar_address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{one_line(email)}")
