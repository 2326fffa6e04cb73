"""A feed reader that nobody here wrote understands the Atom feeds."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest
import requests

from tests.foreign.served import SHIFTS, Served

pytestmark = pytest.mark.foreign


def read(served: Served, path: str) -> Any:
    return feedparser.parse(f"{served.address}/feeds/{path}")


@pytest.mark.parametrize(
    "path",
    [
        "schedule.atom",
        "schedule.atom?kind=action_day",
        "groups/1.atom",
        "constituencies/lincoln.atom",
    ],
)
def test_feedparser_finds_nothing_wrong_and_every_event(served: Served, path: str) -> None:
    feed = read(served, path)

    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    assert {entry.title for entry in feed.entries} == {shift.title for shift in SHIFTS}


def test_feedparser_shows_what_the_clocks_show(served: Served) -> None:
    said = {entry.title: entry.content[0].value for entry in read(served, "schedule.atom").entries}

    assert "Saturday 27 March 2027, 10:00 to 12:00 (UK time)" in said["In winter"]
    assert "Sunday 28 March 2027, 10:00 to 12:00 (UK time)" in said["On the change"]
    assert "Monday 29 March 2027, 10:00 to 12:00 (UK time)" in said["In spring"]
    assert "Saturday 10 July 2027, 10:00 to 12:00 (UK time)" in said["In summer, by the sea"]
    assert "Saturday 30 October 2027, 10:00 to 12:00 (UK time)" in said["In autumn"]
    assert "Sunday 31 October 2027, 10:00 to 12:00 (UK time)" in said["On the change back"]
    assert "Monday 1 November 2027, 10:00 to 12:00 (UK time)" in said["In November"]
    assert "11:00 to 13:00 (Europe/Paris)" in said["Abroad"]


def test_feedparser_finds_links_ids_and_authors(served: Served) -> None:
    feed = read(served, "schedule.atom")

    assert feed.feed.title == "What’s on"
    assert len({entry.id for entry in feed.entries}) == len(SHIFTS)
    for entry in feed.entries:
        assert entry.link == entry.id
        assert entry.author == "Fosse Neighbours"
        assert entry.tags[0].label == "Action day"
        assert entry.updated_parsed[:3] == (2027, 1, 15)
        assert entry.content[0].type == "text/html"


def test_a_reader_that_has_the_feed_is_told_so(served: Served) -> None:
    address = f"{served.address}/feeds/schedule.atom"
    first = requests.get(address, timeout=10)

    again = feedparser.parse(address, etag=first.headers["ETag"])
    later = feedparser.parse(address, modified=first.headers["Last-Modified"])

    assert (again.status, later.status) == (304, 304)
