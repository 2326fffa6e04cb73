"""What an event looks like where somebody shares a link to it: pictures, and words for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, g

from .. import operations
from ..feeds import picture
from ..feeds.schema_org import describe_event
from ..feeds.telling import hosts, kind_of, one_line, paragraphs, still_on, when, where
from ..models import Event
from .caching import keep_for_all
from .feeds import this_site

SHARE = Blueprint("share", __name__)
FRESH_SECONDS = 3600
DRAWN: dict[str, tuple[Callable[[picture.Said], bytes], str]] = {
    "png": (picture.draw_png, "image/png"),
    "svg": (picture.write_svg, "image/svg+xml"),
}
MOST_WORDS = 200
"""Characters of a description that the networks show."""


@SHARE.get("/events/<int:event_id>/share.<any(png, svg):form>")
def show_picture(event_id: int, form: str) -> Response:
    """The picture that networks show beside a link to the event."""
    event = operations.find_public_event(g.session, event_id)
    draw, mimetype = DRAWN[form]
    return keep_for_all(draw(said_of(event)), mimetype, seconds=FRESH_SECONDS)


@SHARE.app_context_processor
def offer_words() -> dict[str, Any]:
    """Let templates say of an event what other sites are told of it."""
    return {"share_of": share_of, "schema_of": lambda event: describe_event(event, this_site())}


def said_of(event: Event) -> picture.Said:
    """Return what the picture says: the next shift, and how many more there are."""
    first, more = next_and_rest(event)
    rest = f", and {len(more)} more" if len(more) > 1 else ", and another" if more else ""
    places = list(dict.fromkeys(where(event, shift) for shift in [first, *more]))
    return picture.Said(
        kind=kind_of(event),
        title=one_line(event.title),
        when=when(first) + rest,
        where=places[0] if len(places) == 1 else f"{len(places)} meeting points",
        group=hosts(event),
        cancelled=event.status == "cancelled",
    )


def next_and_rest(event: Event) -> tuple[Any, Sequence[Any]]:
    """Return the next shift, or the first of all when none is ahead, and those after it."""
    shifts = still_on(event)
    ahead = [shift for shift in shifts if shift.ends_at > g.now] or shifts
    return ahead[0], ahead[1:]


def share_of(event: Event) -> dict[str, Any]:
    """Return what a page needs so that its link can be shared, and looks well where it is."""
    url = this_site().event_url(event)
    first, _ = next_and_rest(event)
    title = one_line(event.title)
    words = f"{title}: {when(first)}"
    about = one_line(" ".join(paragraphs(event)))
    return {
        "url": url,
        "title": title,
        "about": shorten(f"{when(first)}, {where(event, first)}. {about}", MOST_WORDS),
        "picture": f"{url}/share.png?v={event.revision}",
        "picture_words": f"{title}, {when(first)}, with {hosts(event)}",
        "links": links_for(url, title=title, words=words),
    }


def links_for(url: str, *, title: str, words: str) -> list[tuple[str, str]]:
    """Return where a link can be shared, as plain addresses: nothing of theirs is loaded here."""
    body = quote(f"{words}\n\n{url}")
    return [
        ("WhatsApp", f"https://wa.me/?{urlencode({'text': f'{words} {url}'})}"),
        ("Email", f"mailto:?subject={quote(title)}&body={body}"),
        ("Facebook", f"https://www.facebook.com/sharer/sharer.php?{urlencode({'u': url})}"),
        ("X", f"https://x.com/intent/post?{urlencode({'text': words, 'url': url})}"),
        ("Bluesky", f"https://bsky.app/intent/compose?{urlencode({'text': f'{words} {url}'})}"),
    ]


def shorten(text: str, most: int) -> str:
    """Return the text, cut after a word when it is too long."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0].rstrip(' ,.;:')}…"
