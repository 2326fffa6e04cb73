"""The calendar part of a mail: an invitation to a shift, or its withdrawal (RFC 5545, RFC 5546)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from icalendar import Event, vCalAddress, vDatetime, vInt, vText, vUri
from icalendar.parser import Contentline

from shared.calendar import LONDON, LONDON_RULES, calendar_time

from ..rules import names
from ..rules.truth import Place
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
    shift = about.shift
    zone = LONDON_RULES if shift.zone == LONDON else ""
    same_for_all = _lines_of_all(
        _SameForAll(
            zone=shift.zone,
            title=about.event.title,
            where=about.where,
            event_url=event_url,
            organiser=organiser,
            cancelled=about.method == "CANCEL",
        )
    )
    own = _own_lines(letter, about, host=host)
    return (
        f"{HEAD}METHOD:{about.method}\r\n{zone}"
        f"BEGIN:VEVENT\r\n{own}{same_for_all}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@dataclass(frozen=True, kw_only=True)
class _SameForAll:
    """What an entry says that is the same for many people."""

    zone: str
    title: str
    where: Place
    event_url: str
    organiser: Contact
    cancelled: bool


@lru_cache(maxsize=256)
def _lines_of_all(said: _SameForAll) -> str:
    """Return these lines of an entry; kept, because they cost more than all other lines."""
    entry, where = Event(), said.where
    entry.add("dtstart", calendar_time(where.starts_at, said.zone))
    entry.add("dtend", calendar_time(where.ends_at, said.zone))
    entry.add("summary", one_line(said.title))
    parts = (where.place, where.address, where.postcode)
    entry.add("location", ", ".join(one_line(part) for part in parts if part))
    if where.online_url and not said.cancelled:
        entry.add("conference", _conference(where.online_url))
    entry.add("url", said.event_url)
    entry.add("status", "CANCELLED" if said.cancelled else "CONFIRMED")
    entry.add("organizer", _organiser(said.organiser))
    return _lines(entry)


def _own_lines(letter: Letter, about: About, *, host: str) -> str:
    """Return what an entry says to one person: written line by line, which is twice as fast."""
    lines = [
        _line("UID", vText(f"{about.signup.calendar_uid}@{host}")),
        _line("SEQUENCE", vInt(letter.notice.calendar_sequence)),
        _line("DTSTAMP", vDatetime(letter.written_at.replace(microsecond=0))),
        _line("ATTENDEE", _attendee(letter)),
    ]
    if about.method != "CANCEL":
        lines.append(_line("DESCRIPTION", vText("\n".join(_describe(about)))))
    return "".join(lines)


def _line(name: str, value: Any) -> str:
    line = Contentline.from_parts(name, value.params, value, sorted=False)
    written: bytes = line.to_ical()
    return f"{written.decode()}\r\n"


def _lines(entry: Event) -> str:
    """Return the lines of an entry, without those that begin and end it."""
    written: bytes = entry.to_ical()
    return written.decode().removeprefix("BEGIN:VEVENT\r\n").removesuffix("END:VEVENT\r\n")


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
