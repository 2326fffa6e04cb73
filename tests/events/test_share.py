"""What an event looks like elsewhere: its picture, its tags for networks, its JSON-LD."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.events import operations
from services.events.feeds import picture
from services.events.feeds.picture import EDGE, HEIGHT, WIDTH, Said
from services.events.models import CoHost
from services.events.pages.share import shorten
from shared.database import Database
from tests.events.making import make_draft, make_event, make_group, typed_shift

NOW = datetime.now(UTC).replace(microsecond=0)
SPITEFUL = "</script><script>alert(1)</script>&\u2028'\""


def in_days(days: int, hour: int = 10, **more: Any) -> dict[str, Any]:
    """Return a shift so many days from today."""
    day = (NOW + timedelta(days=days)).date()
    return typed_shift(starts_at=f"{day}T{hour:02}:00", ends_at=f"{day}T{hour + 2:02}:00", **more)


class Head(HTMLParser):
    """The metadata and the scripts of a page, as a browser finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._in_script = tag == "script"
        if tag == "script":
            self.scripts.append((found, ""))
        if tag == "meta":
            name = found.get("property") or found.get("name") or ""
            self.tags[name] = found.get("content") or ""

    def handle_data(self, data: str) -> None:
        if self._in_script:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    @property
    def described(self) -> Any:
        (text,) = (t for a, t in self.scripts if a.get("type") == "application/ld+json")
        return json.loads(text)


def head_of(client: FlaskClient, event_id: int = 1) -> Head:
    answer = client.get(f"/events/{event_id}")
    assert answer.status_code == 200, answer.text
    return Head(answer.text)


# The picture


@pytest.mark.parametrize(
    "form, mimetype", [("png", "image/png"), ("svg", "image/svg+xml; charset=utf-8")]
)
def test_the_picture_is_kept_by_who_has_it(
    db: Database, visitor: FlaskClient, form: str, mimetype: str
) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3)])

    first = visitor.get(f"/events/1/share.{form}")
    again = visitor.get(f"/events/1/share.{form}", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Content-Type"] == mimetype
    assert "max-age" in first.headers["Cache-Control"]
    assert again.status_code == 304


def test_the_picture_has_the_size_that_networks_want(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3)])

    image = Image.open(BytesIO(visitor.get("/events/1/share.png").data))

    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert image.getbbox() is not None


def test_the_picture_says_what_it_is_about_and_changes_with_it(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3), in_days(4, place="Market")])
    before = visitor.get("/events/1/share.svg")
    with db.writing() as session:
        operations.cancel_event(session, 1, reason="", now=NOW)
    after = visitor.get("/events/1/share.svg")

    for words in ("Out in Lincoln", "Fosse Neighbours", "and another", "2 meeting points"):
        assert words in before.text
    assert "Cancelled" in after.text
    assert before.headers["ETag"] != after.headers["ETag"]


@pytest.mark.parametrize("path", ["/events/9/share.png", "/events/1/share.gif"])
def test_there_is_no_picture_of_what_is_not_there(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 404


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200)


@given(TEXT, TEXT, TEXT)
def test_no_text_leaves_the_picture(title: str, where: str, group: str) -> None:
    said = Said(kind="Meeting", title=title, when="Monday", where=where, group=group)

    lines = picture.lay_out(said)

    for line in lines:
        assert line.x + picture._width(line.text, line.size, bold=line.bold) <= WIDTH - EDGE + 1
        assert 0 < line.y < HEIGHT
    assert len(lines) <= 7
    assert len({line.y for line in lines}) == len(lines)


@pytest.mark.parametrize("words", ["Llŷn a Môn", "£5 — “off”", "Łódź, Győr", "Ελλάδα", "Київ"])
def test_the_picture_has_the_letters_of_its_visitors(words: str) -> None:
    font = picture._font(40, bold=True)
    missing = bytes(font.getmask("\uffff"))

    assert [char for char in words if bytes(font.getmask(char)) == missing] == []


# What networks are told


def test_networks_are_told_what_the_event_is_and_where_its_picture_is(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        event = make_event(session, now=NOW, shifts=[in_days(3)])
        revision = event.revision

    tags = head_of(visitor).tags

    assert tags["og:title"] == tags["twitter:title"] == "Out in Lincoln"
    assert tags["og:url"] == "http://127.0.0.1:8000/events/1"
    assert tags["og:image"] == f"http://127.0.0.1:8000/events/1/share.png?v={revision}"
    assert tags["twitter:card"] == "summary_large_image"
    assert "Castle Square" in tags["og:description"]


def test_links_to_share_are_plain_and_complete(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, title="Tea & cake: 100% free?", shifts=[in_days(3)])

    page = visitor.get("/events/1").text
    links = [
        link.replace("&amp;", "&")
        for link in re.findall(r'<a href="([^"]+)" rel="noopener noreferrer"', page)
    ]

    by_host = {urlsplit(link).hostname or urlsplit(link).scheme: link for link in links}
    assert set(by_host) == {"wa.me", "mailto", "www.facebook.com", "x.com", "bsky.app"}
    said = parse_qs(urlsplit(by_host["wa.me"]).query)["text"][0]
    assert said.startswith("Tea & cake: 100% free?: ")
    assert said.endswith("http://127.0.0.1:8000/events/1")
    mail = parse_qs(urlsplit(by_host["mailto"]).query)
    assert mail["subject"] == ["Tea & cake: 100% free?"]
    assert mail["body"][0].endswith("\n\nhttp://127.0.0.1:8000/events/1")


@given(st.text(max_size=300))
def test_a_text_is_cut_after_a_word(text: str) -> None:
    assert len(shorten(text, 40)) <= 41


# What search engines are told


def test_an_event_with_one_shift_is_one_event(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_event(
            session,
            now=datetime(2026, 1, 1, tzinfo=UTC),
            shifts=[typed_shift(starts_at="2027-07-10T10:00", ends_at="2027-07-10T12:00")],
        )

    described = head_of(visitor).described

    assert described["@type"] == "Event"
    assert described["name"] == "Out in Lincoln"
    assert described["startDate"] == "2027-07-10T10:00+01:00"
    assert described["endDate"] == "2027-07-10T12:00+01:00"
    assert described["eventStatus"] == "https://schema.org/EventScheduled"
    assert described["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert described["location"] == {
        "@type": "Place",
        "name": "Castle Square",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "By the castle gate",
            "addressLocality": "Lincoln",
            "postalCode": "LN1 3AA",
        },
    }
    assert described["organizer"][0]["name"] == "Fosse Neighbours"
    assert "offers" not in described
    assert "subEvent" not in described


def test_each_of_many_shifts_is_an_event_within(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        event = make_event(session, now=NOW, shifts=[in_days(3), in_days(4, place="Market")])
        other = make_group(session, now=NOW, name="Others")
        session.add(CoHost(event_id=event.id, group_id=other.id, state="accepted", asked_at=NOW))
        operations.cancel_shift(session, event.id, event.shifts[0].id, now=NOW)

    described = head_of(visitor).described

    assert described["eventStatus"].endswith("EventScheduled")
    assert [part["eventStatus"][19:] for part in described["subEvent"]] == [
        "EventCancelled",
        "EventScheduled",
    ]
    assert described["location"]["name"] == "Market"
    assert [group["name"] for group in described["organizer"]] == ["Fosse Neighbours", "Others"]


def test_a_cancelled_event_says_so_and_keeps_its_page(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3)])
        operations.cancel_event(session, 1, reason="Storm", now=NOW)

    assert head_of(visitor).described["eventStatus"] == "https://schema.org/EventCancelled"


def test_a_shift_that_moved_says_when_it_was_first_said_to_be(
    db: Database, visitor: FlaskClient
) -> None:
    before = datetime(2026, 1, 1, tzinfo=UTC)
    with db.writing() as session:
        event = make_event(session, now=before, shifts=[typed_shift()])
        for hour in (11, 13):
            moved = {
                "starts_at": datetime(2026, 12, 5, hour),
                "ends_at": datetime(2026, 12, 5, hour + 1),
            }
            operations.change_shift(session, event.id, event.shifts[0].id, moved, now=before)

    described = head_of(visitor).described

    assert described["eventStatus"] == "https://schema.org/EventRescheduled"
    assert described["previousStartDate"] == "2026-12-05T10:00+00:00"
    assert described["startDate"] == "2026-12-05T13:00+00:00"


def test_a_draft_that_moves_has_not_moved_for_the_public(
    db: Database, visitor: FlaskClient
) -> None:
    before = datetime(2026, 1, 1, tzinfo=UTC)
    with db.writing() as session:
        event = make_draft(session, now=before, shifts=[typed_shift()])
        moved = {"starts_at": datetime(2026, 12, 5, 11)}
        operations.change_shift(session, event.id, event.shifts[0].id, moved, now=before)
        operations.publish_event(session, event.id, now=before)

    assert head_of(visitor).described["eventStatus"] == "https://schema.org/EventScheduled"


@pytest.mark.parametrize(
    "mode, attendance, kinds",
    [
        ("online", "Online", ["VirtualLocation"]),
        ("both", "Mixed", ["Place", "VirtualLocation"]),
    ],
)
def test_an_online_event_is_at_its_page_as_its_link_is_private(
    db: Database, visitor: FlaskClient, mode: str, attendance: str, kinds: list[str]
) -> None:
    with db.writing() as session:
        event = make_event(session, now=NOW, shifts=[in_days(3)])
        event.mode, event.online_url = mode, "https://meet.example/canary"

    described = head_of(visitor).described

    assert described["eventAttendanceMode"].endswith(f"/{attendance}EventAttendanceMode")
    places = described["location"]
    places = places if isinstance(places, list) else [places]
    assert [place["@type"] for place in places] == kinds
    assert places[-1]["url"] == "http://127.0.0.1:8000/events/1"
    assert "canary" not in json.dumps(described)


def test_no_text_gets_out_of_the_head_of_a_page(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        event = make_event(session, now=NOW, shifts=[in_days(3)])
        # Not through the forms, which refuse some of it.
        event.title = event.description = event.shifts[0].place = SPITEFUL
        event.group.name = SPITEFUL

    head = head_of(visitor)

    assert head.described["name"] == SPITEFUL.replace("\u2028", " ").strip()
    assert all(a.get("src") or a.get("type") == "application/ld+json" for a, _ in head.scripts)
    assert head.tags["og:title"] == head.described["name"]
