"""Calendars, Atom feeds, sitemap and robots.txt: what they tell, and what they never tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.events import operations
from services.events.feeds import atom, calendars, telling
from services.events.feeds.telling import Site
from services.events.models import Campaign, CoHost, Event, Group, Shift
from services.events.operations import feeds
from services.events.pages import sitemap
from shared.database import Database
from tests.events.making import make_draft, make_event, make_group, make_shift, typed_shift

NOW = datetime.now(UTC).replace(microsecond=0)
SITE = Site(url="https://muster.example")
ATOM = "{http://www.w3.org/2005/Atom}"
# What is read here was written by us a moment ago.
read_xml = ElementTree.fromstring
SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def in_days(days: int, hour: int = 10, **more: Any) -> dict[str, Any]:
    """Return a shift so many days from today."""
    day = (NOW + timedelta(days=days)).date()
    return typed_shift(starts_at=f"{day}T{hour:02}:00", ends_at=f"{day}T{hour + 2:02}:00", **more)


def entries(client: FlaskClient, path: str) -> list[Any]:
    answer = client.get(f"/feeds/{path}")
    assert answer.status_code == 200, answer.text
    return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))


def titles(client: FlaskClient, path: str) -> list[str]:
    if ".ics" in path:
        return [str(entry["SUMMARY"]) for entry in entries(client, path)]
    root = read_xml(client.get(f"/feeds/{path}").data)
    return [str(entry.findtext(f"{ATOM}title")) for entry in root.iter(f"{ATOM}entry")]


# Which shifts stand in a feed


@pytest.mark.parametrize("form", ["ics", "atom"])
def test_the_feed_of_everything_has_what_is_public_and_ahead(
    db: Database, visitor: FlaskClient, form: str
) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, title="Ahead", shifts=[in_days(3)])
        make_draft(session, now=NOW, title="Draft", shifts=[in_days(3)])
        make_event(session, now=NOW - timedelta(days=9), title="Past", shifts=[in_days(-2)])
        make_event(session, now=NOW, title="Too far", shifts=[in_days(400)])

    assert titles(visitor, f"schedule.{form}") == ["Ahead"]


@pytest.mark.parametrize("form", ["ics", "atom"])
def test_a_search_is_fed_by_the_schedule_s_own_query(
    db: Database, visitor: FlaskClient, form: str
) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, title="Class", kind="lesson", shifts=[in_days(3)])
        make_event(session, now=NOW, title="Later class", kind="lesson", shifts=[in_days(30)])
        make_event(session, now=NOW, title="Doors", shifts=[in_days(3)])
    until = (NOW + timedelta(days=9)).date()

    assert titles(visitor, f"schedule.{form}?kind=lesson&to={until}") == ["Class"]


def test_a_wrong_search_is_refused_rather_than_everything_fed(visitor: FlaskClient) -> None:
    assert visitor.get("/feeds/schedule.ics?from=yesterday").status_code == 400


@pytest.mark.parametrize("form", ["ics", "atom"])
def test_a_group_s_feed_has_what_it_holds_alone_or_with_others(
    db: Database, visitor: FlaskClient, form: str
) -> None:
    with db.writing() as session:
        ours, theirs = make_group(session, now=NOW), make_group(session, now=NOW, name="Others")
        make_event(session, now=NOW, group_id=ours.id, title="Ours", shifts=[in_days(3)])
        make_event(session, now=NOW, group_id=theirs.id, title="Theirs", shifts=[in_days(4)])
        for title, state in (("Together", "accepted"), ("Asked", "asked"), ("No", "declined")):
            event = make_event(
                session, now=NOW, group_id=theirs.id, title=title, shifts=[in_days(5)]
            )
            session.add(CoHost(event_id=event.id, group_id=ours.id, state=state, asked_at=NOW))
        number = ours.id

    assert set(titles(visitor, f"groups/{number}.{form}")) == {"Ours", "Together"}


@pytest.mark.parametrize("form", ["ics", "atom"])
def test_a_campaign_s_feed_has_its_events(db: Database, visitor: FlaskClient, form: str) -> None:
    with db.writing() as session:
        campaign = make_campaign(session)
        event = make_event(session, now=NOW, title="For it", shifts=[in_days(3)])
        make_event(session, now=NOW, title="Something else", shifts=[in_days(3)])
        event.campaign_id = campaign.id
        number = campaign.id

    assert titles(visitor, f"campaigns/{number}.{form}") == ["For it"]


def test_a_campaign_that_was_never_published_has_no_feed(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        campaign = make_campaign(session)
        campaign.status, campaign.published_at = "draft", None
        number = campaign.id

    assert visitor.get(f"/feeds/campaigns/{number}.ics").status_code == 404


@pytest.mark.parametrize("form", ["ics", "atom"])
def test_a_constituency_s_feed_has_its_shifts_however_its_name_is_written(
    db: Database, visitor: FlaskClient, form: str
) -> None:
    north = in_days(3, constituency="St. Ives, North")
    with db.writing() as session:
        make_event(session, now=NOW, title="There", shifts=[north, in_days(3)])
        make_event(session, now=NOW, title="Elsewhere", shifts=[in_days(3)])

    assert titles(visitor, f"constituencies/st.%20ives%2C%20north.{form}") == ["There"]


@pytest.mark.parametrize(
    "path", ["groups/9.ics", "groups/9.atom", "campaigns/9.ics", "events/9.ics", "shifts/9.ics"]
)
def test_feeds_of_what_is_not_there_are_not_there(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(f"/feeds/{path}").status_code == 404


def test_files_of_a_draft_are_not_there(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        event = make_draft(session, now=NOW, shifts=[in_days(3)])
        paths = [f"/feeds/events/{event.id}.ics", f"/feeds/shifts/{event.shifts[0].id}.ics"]

    assert [visitor.get(path).status_code for path in paths] == [404, 404]


def test_no_feed_has_more_than_programs_can_read(
    db: Database, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_SHIFTS", 2)
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(day) for day in (5, 3, 4)])

    starts = [entry["DTSTART"].dt.date() for entry in entries(visitor, "schedule.ics")]

    assert starts == [(NOW + timedelta(days=day)).date() for day in (3, 4)]


# What calendars say


def test_a_cancelled_shift_stays_cancelled_until_it_is_past(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        event = make_event(session, now=NOW, shifts=[in_days(3), in_days(4)])
        operations.cancel_shift(session, event.id, event.shifts[0].id, now=NOW)
        past = make_event(session, now=NOW - timedelta(days=9), shifts=[in_days(-2)])
        past.status = "cancelled"

    shown = [(str(e["STATUS"]), str(e["SUMMARY"])) for e in entries(visitor, "schedule.ics")]
    assert shown == [("CANCELLED", "Cancelled: Out in Lincoln"), ("CONFIRMED", "Out in Lincoln")]


def test_all_shifts_of_a_cancelled_event_are_cancelled(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        event = make_event(session, now=NOW, shifts=[in_days(3), in_days(4)])
        operations.cancel_event(session, event.id, reason="Storm", now=NOW)
        path = f"events/{event.id}.ics"

    assert [str(e["STATUS"]) for e in entries(visitor, path)] == ["CANCELLED"] * 2
    assert "Storm" in entries(visitor, path)[0]["DESCRIPTION"]
    assert titles(visitor, "schedule.atom") == ["Cancelled: Out in Lincoln"]


def test_uid_stays_and_sequence_grows_when_a_shift_moves_or_is_cancelled(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        shift = make_shift(session, now=NOW, **in_days(3))
        event_id, shift_id = shift.event_id, shift.id

    def look() -> tuple[str, int]:
        (entry,) = entries(visitor, "schedule.ics")
        return str(entry["UID"]), int(entry["SEQUENCE"])

    seen = [look()]
    moved = {"starts_at": datetime.fromisoformat(in_days(3, 11)["starts_at"])}
    with db.writing() as session:
        now = NOW + timedelta(seconds=5)
        operations.change_shift(session, event_id, shift_id, moved, now=now)
    seen.append(look())
    with db.writing() as session:
        operations.cancel_event(session, event_id, reason="", now=NOW + timedelta(seconds=10))
    seen.append(look())

    assert len({uid for uid, _ in seen}) == 1
    assert seen[0][1] < seen[1][1] < seen[2][1] < 2**31


def test_the_calendar_itself_has_no_uid_and_one_zone(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3), in_days(4)])

    calendar = icalendar.Calendar.from_ical(visitor.get("/feeds/schedule.ics").data)

    assert "UID" not in calendar
    assert "METHOD" not in calendar
    (zone,) = calendar.walk("VTIMEZONE")
    assert [str(part["RRULE"].to_ical()) for part in zone.subcomponents] == [
        "b'FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3'",
        "b'FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10'",
    ]


def test_another_zone_is_told_in_utc_and_its_own_hours_in_words(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        shift = make_shift(session, now=NOW, **in_days(3, zone="America/New_York"))
        starts_at = shift.starts_at

    text = visitor.get("/feeds/schedule.ics").text
    (entry,) = entries(visitor, "schedule.ics")

    assert "VTIMEZONE" not in text
    assert f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}" in text
    assert "10:00 to 12:00 (America/New_York)" in entry["DESCRIPTION"]


# What is private


@pytest.mark.parametrize("mode", ["in_person", "online", "both"])
def test_private_addresses_and_links_are_told_nowhere(
    db: Database, visitor: FlaskClient, mode: str
) -> None:
    secrets = ("14 Canary Row", "LN1 3AA", "https://meet.example/canary", "canary@lead.example")
    with db.writing() as session:
        event = make_event(
            session, now=NOW, shifts=[in_days(3, address="14 Canary Row"), in_days(4)]
        )
        event.mode, event.address_shown = mode, "signed_up"
        event.online_url = "https://meet.example/canary"
        for shift in event.shifts:
            shift.lead_name, shift.lead_email = "Canary Lead", "canary@lead.example"
            shift.latitude, shift.longitude, shift.located = 53.23, -0.54, "postcode"

    for path in (
        *("/feeds/schedule.ics", "/feeds/schedule.atom", "/feeds/groups/1.ics"),
        *("/feeds/events/1.ics", "/feeds/shifts/1.ics", "/feeds/constituencies/Lincoln.atom"),
        *("/events/1", "/events/1/share.svg", "/embed/groups/1"),
    ):
        said = visitor.get(path).text.replace("\r\n ", "")
        assert "Castle" in said or mode == "online" or "share" in path
        assert [secret for secret in (*secrets, "53.23", "Canary Lead") if secret in said] == []


# Keeping and asking again


@pytest.mark.parametrize(
    "path", ["schedule.ics", "schedule.atom", "groups/1.ics", "events/1.ics", "shifts/1.ics"]
)
def test_who_has_a_feed_already_is_told_so(db: Database, visitor: FlaskClient, path: str) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3)])
    first = visitor.get(f"/feeds/{path}")

    by_tag = visitor.get(f"/feeds/{path}", headers={"If-None-Match": first.headers["ETag"]})
    modified = {"If-Modified-Since": first.headers["Last-Modified"]}
    by_time = visitor.get(f"/feeds/{path}", headers=modified)

    assert (by_tag.status_code, by_time.status_code) == (304, 304)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in first.headers


@pytest.mark.parametrize("form", ["ics", "atom"])
def test_a_feed_that_something_left_is_another(
    db: Database, visitor: FlaskClient, form: str
) -> None:
    with db.writing() as session:
        event = make_event(session, now=NOW - timedelta(hours=1), shifts=[in_days(3)])
        event_id = event.id
    path = f"/feeds/schedule.{form}?kind=action_day"
    first = visitor.get(path)
    with db.writing() as session:
        operations.change_event(session, event_id, {"kind": "lesson"}, now=NOW)

    modified = {"If-Modified-Since": first.headers["Last-Modified"]}
    later = visitor.get(path, headers=modified)

    assert later.status_code == 200
    assert later.headers["ETag"] != first.headers["ETag"]


def test_places_left_are_no_change_of_an_event_so_only_the_tag_tells(visitor: FlaskClient) -> None:
    assert "Last-Modified" not in visitor.get("/feeds/schedule.ics?places=yes").headers


# Any text


TEXT = st.text(max_size=300)


def shift_saying(title: str, words: str, place: str) -> Shift:
    """Return a shift that was never stored, with texts that no form would take."""
    group = Group(id=1, name=words[:50] or "?", revision=1)
    event = Event(
        id=7,
        revision=1_790_000_000_000,
        group=group,
        kind="lesson",
        status="published",
        mode="in_person",
        address_shown="public",
        title=title,
        description=words,
        bring=words,
        accessibility="",
        published_at=NOW,
        cancel_reason="",
    )
    return Shift(
        id=8,
        event=event,
        revision=1_790_000_000_000,
        place=place,
        address=words,
        postcode="",
        constituency="",
        located="",
        zone="Europe/London",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        cancelled=False,
    )


@given(TEXT, TEXT, TEXT)
def test_any_text_comes_out_of_a_calendar_as_it_went_in(title: str, words: str, place: str) -> None:
    shift = shift_saying(title, words, place)

    written = calendars.write_calendar([shift], name=title, site=SITE)

    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    (entry,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert str(entry["SUMMARY"]) == telling.one_line(title)
    assert str(entry["LOCATION"]) == telling.where(shift.event, shift)
    assert telling.plain(words).strip() in str(entry["DESCRIPTION"])
    assert len(icalendar.Calendar.from_ical(written).subcomponents) == 2


@given(TEXT, TEXT, TEXT)
def test_any_text_comes_out_of_an_atom_feed_as_it_went_in(
    title: str, words: str, place: str
) -> None:
    shift = shift_saying(title, words, place)
    head = atom.Head(name=title, path="/feeds/x.atom", page="/", changed_at=NOW)

    root = read_xml(atom.write_atom([shift], head, SITE))

    (entry,) = root.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == telling.one_line(title)
    content = read_xml(f"<div>{entry.findtext(f'{ATOM}content')}</div>".replace("<br>", "<br/>"))
    assert {part.tag for part in content.iter()} <= {"div", "p", "ul", "li", "br", "a"}
    assert telling.where(shift.event, shift) in "".join(content.itertext())


def test_an_atom_feed_has_what_the_standard_asks(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3)])

    root = read_xml(visitor.get("/feeds/groups/1.atom").data)

    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert element.findtext(f"{ATOM}id", "").startswith("http")
        stamp = datetime.fromisoformat(element.findtext(f"{ATOM}updated", ""))
        assert stamp.utcoffset() == timedelta(0)
    links = {link.get("rel"): link.get("href", "") for link in root.findall(f"{ATOM}link")}
    assert links["self"].endswith("/feeds/groups/1.atom")
    assert links["alternate"].endswith("/groups/1")
    assert root.find(f"{ATOM}entry/{ATOM}author/{ATOM}name") is not None


def test_a_search_has_one_id_however_its_query_is_written(visitor: FlaskClient) -> None:
    queries = ("kind=lesson&from=2027-01-01", "from=2027-01-01&page=3&postcode=&kind=lesson&utm=x")

    answers = [visitor.get(f"/feeds/schedule.atom?{query}").data for query in queries]

    assert len({read_xml(a).findtext(f"{ATOM}id") for a in answers}) == 1


# Search engines


def test_the_sitemap_names_every_public_page(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_event(session, now=NOW, shifts=[in_days(3)])
        make_draft(session, now=NOW, group_id=1)
        make_campaign(session, group_id=1)

    assert paths_in(visitor, "/sitemap.xml") == ["/", "/groups/1", "/campaigns/1", "/events/1"]


def test_a_sitemap_too_large_for_one_file_is_cut(
    db: Database, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "MOST", 2)
    with db.writing() as session:
        for _ in range(2):
            make_event(session, now=NOW, shifts=[in_days(3)])

    files = paths_in(visitor, "/sitemap.xml")

    assert files == [f"/sitemap.xml?page={page}" for page in (1, 2, 3)]
    assert [paths_in(visitor, file) for file in files] == [
        ["/", "/groups/1"],
        ["/groups/2", "/events/1"],
        ["/events/2"],
    ]
    assert visitor.get("/sitemap.xml?page=4").status_code == 404
    assert visitor.get("/sitemap.xml?page=0").status_code == 404


def test_robots_are_kept_out_of_what_is_not_for_them(stranger: FlaskClient) -> None:
    lines = stranger.get("/robots.txt").text.splitlines()

    for path in ("/organise", "/sign-up", "/my", "/mail", "/api"):
        assert f"Disallow: {path}" in lines
    assert lines[-1] == "Sitemap: http://127.0.0.1:8000/sitemap.xml"


def paths_in(client: FlaskClient, path: str) -> list[str]:
    root = read_xml(client.get(path).data)
    found = [str(place.text) for place in root.iter(f"{SITEMAPS}loc")]
    return [address.removeprefix("http://127.0.0.1:8000") for address in found]


def make_campaign(session: Any, *, group_id: int | None = None) -> Campaign:
    """Publish a campaign."""
    campaign = Campaign(
        revision=1,
        group_id=group_id or make_group(session, now=NOW).id,
        status="published",
        published_at=NOW,
        name="Warm homes",
        about="",
        goal_kind="events",
        goal=10,
        starts_on=NOW.date(),
        ends_on=NOW.date(),
    )
    session.add(campaign)
    session.flush()
    return campaign
