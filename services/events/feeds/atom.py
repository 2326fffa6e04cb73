"""Events as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..models import Event, Shift
from .telling import (
    Site,
    hosts,
    instant_of,
    is_off,
    kind_of,
    one_line,
    paragraphs,
    title_of,
    when,
    where,
)

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a feed says of itself: its name, its own path, its page's path, its last change."""

    name: str
    path: str
    page: str
    changed_at: datetime


def write_atom(shifts: Iterable[Shift], head: Head, site: Site) -> bytes:
    """Return the shifts as a feed with one entry an event, what changed last first."""
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en-GB"})
    # The same search has the same address for as long as the installation keeps its own.
    _say(feed, "id", site.url + head.path)
    _say(feed, "title", one_line(head.name))
    _say(feed, "updated", _instant(head.changed_at))
    SubElement(feed, "link", {"rel": "self", "href": site.url + head.path})
    SubElement(
        feed, "link", {"rel": "alternate", "type": "text/html", "href": site.url + head.page}
    )
    _say(feed, "generator", "Muster")
    for event, those in _by_event(shifts):
        feed.append(_entry(event, those, site))
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _by_event(shifts: Iterable[Shift]) -> list[tuple[Event, list[Shift]]]:
    ordered = sorted(shifts, key=lambda s: (-s.event.revision, s.event_id, s.starts_at, s.id))
    runs = [list(run) for _, run in groupby(ordered, lambda shift: shift.event_id)]
    return [(run[0].event, run) for run in runs]


def _entry(event: Event, shifts: list[Shift], site: Site) -> Element:
    entry = Element("entry")
    url = site.event_url(event)
    _say(entry, "id", url)
    _say(entry, "title", title_of(event))
    _say(entry, "updated", _instant(instant_of(event.revision)))
    _say(entry, "published", _instant(event.published_at or instant_of(event.revision)))
    _say(SubElement(entry, "author"), "name", hosts(event))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": url})
    calendar = {"rel": "related", "type": "text/calendar"}
    SubElement(entry, "link", {**calendar, "href": f"{site.url}/feeds/events/{event.id}.ics"})
    SubElement(entry, "category", {"term": event.kind, "label": kind_of(event)})
    content = _say(entry, "content", _content(event, shifts, site))
    content.set("type", "html")
    return entry


def _content(event: Event, shifts: list[Shift], site: Site) -> str:
    """Return the entry's text as HTML; the XML writer escapes it once more, as the type wants."""
    said = [f"<p>{escape(kind_of(event))} with {escape(hosts(event))}</p>", "<ul>"]
    said += [f"<li>{_line(event, shift, site)}</li>" for shift in shifts]
    said.append("</ul>")
    said += [f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs(event)]
    return "".join(said)


def _line(event: Event, shift: Shift, site: Site) -> str:
    line = f"{escape(when(shift))}: {escape(where(event, shift))}"
    if is_off(event, shift):
        return f"{line} (cancelled)"
    return f'{line}. <a href="{escape(site.signup_url(shift))}">Sign up</a>'


def _say(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = text
    return child


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
