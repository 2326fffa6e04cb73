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
from shared.access.sessions import is_secure

from ..config import Settings
from ..rules import colours, names
from ..rules.kinds import CONTACT_KINDS, KINDS, ORGANISER_KINDS, PERSON_KINDS, TAKING_BACK
from ..rules.mailings import paragraphs
from ..rules.return_path import return_path
from ..rules.standard_words import STANDARD
from .invitation import write_invitation
from .letters import Contact, Letter
from .mime import Part, write_mail
from .placeholders import soon_of
from .saying import say, say_in_html, say_in_subject, value_of
from .senders import find_contact, sign
from .signing import signer_of
from .wording import many_lines, one_line

TEMPLATES = Path(__file__).parent.parent / "templates" / "notifications" / "mail"
INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

WITHOUT_ANSWERS = (*CONTACT_KINDS, *ORGANISER_KINDS)
EMPTY_LINES = re.compile(r"\n{3,}")
OF_STRANGERS = ("name", "group", "area", "invited_by", "host", "asker")
"""Details that anybody may have typed who asked for something, and that others then read."""


@dataclass(frozen=True)
class Mail:
    """A finished mail. `body` has CRLF line ends; addresses are as the mail server needs them.

    `sender` is where it comes back to, which only mail servers see.
    """

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
    if contact and (letter.answers_to or letter.notice.kind not in WITHOUT_ANSWERS):
        headers.append(("Reply-To", _address(contact.name, contact.email)))
    headers += _unsubscribing(letter, settings)
    words = _words(letter, settings, host=host, subject=subject)
    parts = _parts(letter, words | {"contact": contact, "signature": signature})
    body = write_mail(headers, parts, boundary=letter.notice.message_id.hex)
    back = _return_path(letter, settings) or sender.addr_spec
    signed = _sign(body, settings, sender.domain)
    return Mail(back, recipient.addr_spec, subject, signed)


def _return_path(letter: Letter, settings: Settings) -> str:
    if not settings.bounce_address:
        return ""
    return return_path(settings.bounce_address, letter.notice.message_id, key=settings.address_key)


def _sign(body: bytes, settings: Settings, domain: str) -> bytes:
    if not settings.dkim_key:
        return body
    domain = settings.dkim_domain or domain
    return signer_of(settings.dkim_key, settings.dkim_selector, domain).sign(body)


def _unsubscribing(letter: Letter, settings: Settings) -> list[tuple[str, str]]:
    """Return the headers by which mail programs unsubscribe somebody (RFC 2369, RFC 8058).

    With one click only where PUBLIC_URL is https, as RFC 8058 demands; elsewhere by a page.
    """
    if "unsubscribe" not in letter.links:
        return []
    url = settings.public_url.rstrip("/") + letter.links["unsubscribe"]
    headers = [("List-Unsubscribe", f"<{url}>")]
    if is_secure(settings.public_url):
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return headers


def _parts(letter: Letter, words: dict[str, Any]) -> Iterator[Part]:
    kind, own = letter.notice.kind, letter.style.words
    text = own or (STANDARD[kind].words if kind in STANDARD else "")
    in_text, in_html = {"said": say(letter, text)}, {"said": say_in_html(letter, text)}
    yield Part("text/plain", _close_gaps(_render(letter, "txt", words | in_text)))
    yield Part("text/html", INLINER.inline(_render(letter, "html", words | in_html)))
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
    kind = letter.notice.kind
    if kind in STANDARD:
        return say_in_subject(letter, letter.style.subject or STANDARD[kind].subject)
    facts: dict[str, Any] = {
        **_details(letter),
        "count": len(letter.entries),
        "network": settings.network_name,
    }
    if letter.schedule:
        facts["headline"] = letter.schedule.headline
    if about := letter.about:
        facts["title"] = about.event.title
        facts |= {name: value_of(name, letter) for name in ("day", "time")}
    return one_line(KINDS[kind].subject.format(**facts))


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
        "newcomers_url": f"{base}/organise/notices/groups/{letter.group.id}/newcomers"
        if letter.group
        else base,
        "event_url": f"{base}/events/{about.event.id}" if about else base,
        "hello": _hello(letter),
        "name": names.greeted(one_line(letter.first_name)),
        "group": letter.group,
        "network": settings.network_name,
        "about": about,
        "event": about and about.event,
        "shift": about and about.shift,
        "signup": about and about.signup,
        "entries": letter.entries,
        "is_on": about and letter.notice.kind not in TAKING_BACK,
        "tells_more": letter.notice.kind in PERSON_KINDS and about and about.has_place,
        "details": _details(letter),
        "schedule": letter.schedule,
        "links": {name: f"{base}{path}" for name, path in letter.links.items()},
        "soon": soon_of(letter),
        "together": letter.together,
        "expires_at": letter.notice.expires_at,
        "colour": letter.style.colour or colours.STANDARD,
        "colour_at_night": _at_night(letter.style.colour or colours.STANDARD),
        "on_button": colours.ON_BUTTON,
        "on_button_at_night": colours.ON_BUTTON_AT_NIGHT,
    }


def _hello(letter: Letter) -> str:
    """Return the greeting, without a name that carries a link."""
    name = names.greeted(one_line(letter.first_name))
    return f"Hello {name}," if name else "Hello,"


def _details(letter: Letter) -> dict[str, Any]:
    """Return the notice's details, with no link in what strangers may have typed as a name."""
    details = {**letter.notice.details, **letter.said}
    typed = {name: names.harmless(details[name]) for name in OF_STRANGERS if details.get(name)}
    return {**details, **typed}


def _render(letter: Letter, extension: str, words: dict[str, Any]) -> str:
    return _templates().get_template(f"{letter.notice.kind}.{extension}").render(words)


def _close_gaps(text: str) -> str:
    """Leave one empty line where parts of a template that are empty left several."""
    return EMPTY_LINES.sub("\n\n", text).strip() + "\n"


def _printable(value: Any) -> Any:
    """Clean every word of others on its way into a mail; what a template made is clean already."""
    return many_lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_at_night = cache(colours.at_night)


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
    environment.filters.update(day=times.day, clock=times.clock, span=times.span)
    environment.filters.update(one_line=one_line, paragraphs=paragraphs, harmless=names.harmless)
    return environment
