"""Composing: a letter becomes a mail with text, HTML and, for who has a place, a calendar part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from shared import times

from ..config import Settings
from ..rules.kinds import CONTACT_KINDS, PERSON_KINDS
from .invitation import write_invitation
from .letters import Letter
from .mime import Part, write_mail
from .senders import Contact, find_contact, sign
from .wording import many_lines, one_line

TEMPLATES = Path(__file__).parent.parent / "templates" / "notifications" / "mail"
INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

EMPTY_LINES = re.compile(r"\n{3,}")
SUBJECTS = {
    "confirmation": "You have a place: {title}, {day}",
    "waiting": "You are on the waiting list: {title}, {day}",
    "promoted": "A place came free for you: {title}, {day}",
    "repeated": "You are already signed up: {title}, {day}",
    "changed": "Changed: {title}, now {day}",
    "cancelled": "You are no longer signed up: {title}, {day}",
    "closed": "Cancelled: {title}, {day}",
    "links": "Your sign-ups",
    "new_signup": "New sign-up: {title}, {day}",
    "daily_signups": "New sign-ups: {count}",
    "sign_in": "Sign in to {network}",
    "organiser_invited": "Welcome to {group}",
    "group_requested": "{group} asks to join",
    "group_approved": "{group} is in: how to begin",
    "group_declined": "{group} was not let in",
    "co_host_asked": "{host} asks you to co-host: {event}",
}


@dataclass(frozen=True)
class Mail:
    """A finished mail. `body` has CRLF line ends; `recipient` is as the mail server needs it."""

    sender: str
    recipient: str
    subject: str
    body: bytes


def compose(letter: Letter, settings: Settings) -> Mail:
    """Write the mail of `letter`. The same letter gives the same Message-ID every time.

    Raises ValueError when the recipient is not an address.
    """
    host = urlsplit(settings.public_url).hostname or "localhost"
    signature = sign(letter, settings)
    sender = _address(signature.name, settings.mail_from or f"noreply@{host}")
    recipient = _address("", letter.recipient)
    subject = _subject(letter, settings)
    headers: list[tuple[str, str | Address]] = [
        ("Subject", subject),
        ("From", sender),
        ("To", recipient),
        ("Date", format_datetime(letter.written_at)),
        ("Message-ID", f"<{letter.notice.message_id}@{host}>"),
        ("Auto-Submitted", "auto-generated"),
    ]
    contact = find_contact(letter)
    if contact and letter.notice.kind not in CONTACT_KINDS:
        headers.append(("Reply-To", _address(contact.name, contact.email)))
    words = _words(letter, settings, host=host, subject=subject)
    parts = _parts(letter, words | {"contact": contact, "signature": signature})
    body = write_mail(headers, parts, boundary=letter.notice.message_id.hex)
    return Mail(sender.addr_spec, recipient.addr_spec, subject, body)


def _parts(letter: Letter, words: dict[str, Any]) -> Iterator[Part]:
    yield Part("text/plain", _close_gaps(_render(letter, "txt", words)))
    yield Part("text/html", INLINER.inline(_render(letter, "html", words)))
    if letter.about and letter.about.method:
        invitation = write_invitation(
            letter,
            letter.about,
            host=words["host"],
            event_url=words["event_url"],
            organiser=Contact(words["signature"].name, words["contact"].email),
        )
        yield Part(f"text/calendar; method={letter.about.method}", invitation, "base64")


def _subject(letter: Letter, settings: Settings) -> str:
    facts: dict[str, Any] = {
        **letter.notice.details,
        "count": len(letter.entries),
        "network": settings.network_name,
    }
    if about := letter.about:
        facts["title"] = about.event.title
        facts["day"] = times.day(about.shift.starts_at, about.shift.zone)
    return one_line(SUBJECTS[letter.notice.kind].format(**facts))


def _address(name: str, email: str) -> Address:
    """Return an address for a header, its domain in ASCII; raise ValueError when it is none."""
    local, _, domain = one_line(email).rpartition("@")
    if not local or not domain:
        raise ValueError("not an address")
    return Address(
        display_name=one_line(name), username=local, domain=domain.encode("idna").decode()
    )


def _words(letter: Letter, settings: Settings, *, host: str, subject: str) -> dict[str, Any]:
    """Return what the templates speak of."""
    base = settings.public_url.rstrip("/")
    about = letter.about
    return {
        "subject": subject,
        "host": host,
        "base_url": base,
        "event_url": f"{base}/events/{about.event.id}" if about else base,
        "first_name": letter.first_name,
        "group": letter.group,
        "network": settings.network_name,
        "about": about,
        "event": about and about.event,
        "shift": about and about.shift,
        "signup": about and about.signup,
        "entries": letter.entries,
        "is_on": about and letter.notice.kind not in ("cancelled", "closed"),
        "tells_more": letter.notice.kind in PERSON_KINDS and about and about.has_place,
        "details": letter.notice.details,
        "expires_at": letter.notice.expires_at,
    }


def _render(letter: Letter, extension: str, words: dict[str, Any]) -> str:
    return _templates().get_template(f"{letter.notice.kind}.{extension}").render(words)


def _close_gaps(text: str) -> str:
    """Leave one empty line where parts of a template that are empty left several."""
    return EMPTY_LINES.sub("\n\n", text).strip() + "\n"


def _printable(value: Any) -> Any:
    """Clean every word of others on its way into a mail; what a template made is clean already."""
    return many_lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def load_templates() -> None:
    """Compile all templates now, so that the first mail need not wait for it."""
    for name in _templates().list_templates():
        _templates().get_template(name)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
        auto_reload=False,
    )
    environment.filters.update(day=times.day, clock=times.clock, span=times.span, one_line=one_line)
    return environment
