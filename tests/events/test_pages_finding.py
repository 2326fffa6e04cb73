"""Searching, months, constituencies and an event's page, as visitors see them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.events import operations
from services.events.geography import AREAS
from services.events.models import Campaign, CoHost, Election, Event, GroupArea, Shift
from services.events.pages.events import render_event
from services.events.rules.finding import next_month
from shared.database import Database
from shared.times import local
from tests.events.making import make_draft, make_event, make_group, typed_shift

LN = AREAS["LN"]
NEAR_LN = {"latitude": LN.latitude + 0.02, "longitude": LN.longitude, "located": "postcode"}
KEPT = ("/", "/?postcode=LN2", "/?view=month", "/constituencies/Lincoln")
FAR = {"latitude": 51.5, "longitude": -0.1, "located": "postcode"}


@pytest.fixture
def today(db: Database) -> date:
    """Return the day that it is in the United Kingdom."""
    with db.reading() as session:
        return local(db.now(session), "Europe/London").date()


@contextmanager
def writing(db: Database) -> Iterator[tuple[Session, datetime]]:
    with db.writing() as session:
        yield session, db.now(session)


def shift_on(day: date, starts: str = "10:00", ends: str = "12:00", **typed: Any) -> Any:
    return typed_shift(starts_at=f"{day}T{starts}", ends_at=f"{day}T{ends}", **typed)


Publish = Callable[..., int]


@pytest.fixture
def publish(db: Database, today: date) -> Publish:
    """Return a function that publishes an event in ten days and returns its number.

    `at` are columns of all its shifts, `of` columns of itself.
    """

    def publish_event(
        *, at: dict[str, Any] | None = None, of: dict[str, Any] | None = None, **typed: Any
    ) -> int:
        with writing(db) as (session, now):
            days = typed.pop("days", 10)
            shifts = typed.pop("shifts", [shift_on(today + timedelta(days))])
            event = make_event(session, now=now, shifts=shifts, **typed)
            for name, value in (of or {}).items():
                setattr(event, name, value)
            session.flush()
            if at:
                session.execute(update(Shift).where(Shift.event_id == event.id).values(**at))
            return event.id

    return publish_event


def test_a_search_says_how_far_it_is(visitor: FlaskClient, publish: Publish) -> None:
    publish(title="Near", at=NEAR_LN)
    publish(title="Far", at=FAR)
    page = visitor.get("/?postcode=ln2&miles=10").text
    assert ">Near</a>" in page
    assert ">Far</a>" not in page
    assert "about 1 mile · Lincoln" in page
    assert "we take the middle of the Lincoln area" in page


def test_a_postcode_that_nobody_knows_is_said_and_not_refused(
    visitor: FlaskClient, publish: Publish
) -> None:
    publish(title="Far", at=FAR)
    answer = visitor.get("/?postcode=the+hill&miles=2")
    assert answer.status_code == 200
    assert "We do not know where the hill is" in answer.text
    assert ">Far</a>" in answer.text


@pytest.mark.parametrize(
    "query, field",
    [("miles=3", "miles"), ("miles=x", "miles"), ("group=x", "group"), ("group=0", "group")],
)
def test_a_choice_that_is_not_offered_is_named(
    stranger: FlaskClient, query: str, field: str
) -> None:
    answer = stranger.get(f"/?{query}")
    assert answer.status_code == 400
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)


@pytest.mark.parametrize("query", ["view=week", "month=december", "month=2026-13", "month=1999-01"])
def test_a_view_that_is_not_there_is_refused(stranger: FlaskClient, query: str) -> None:
    assert stranger.get(f"/?{query}").status_code == 400


def test_the_filters_offer_where_and_with_whom_something_is_on(
    visitor: FlaskClient, publish: Publish, db: Database
) -> None:
    publish(shifts=[shift_on(date(2090, 1, 2), constituency="Romford")])
    with writing(db) as (session, now):
        make_draft(session, now=now, shifts=[typed_shift(constituency="Secret")])
    page = visitor.get("/").text
    assert '<option value="Romford">' in page
    assert ">Fosse Neighbours</option>" in page
    assert "Secret" not in page


def test_the_other_filters_are_kept_from_page_to_page(
    visitor: FlaskClient, publish: Publish
) -> None:
    for number in range(21):
        publish(title=f"Day {number}.", days=10 + number, at=NEAR_LN)
    page = visitor.get("/?postcode=LN2&miles=25&places=yes&constituency=Lincoln").text
    assert "/?postcode=LN2&amp;miles=25&amp;constituency=Lincoln&amp;places=yes&amp;page=2" in page


def test_a_search_without_result_says_what_is_nearest(
    visitor: FlaskClient, publish: Publish
) -> None:
    far = publish(title="Far and free", at=FAR)
    full = publish(title="Near and full", at={**NEAR_LN, "taken": 10})
    page = visitor.get("/?postcode=LN2&miles=10&places=yes").text
    assert "Nothing matches" in page
    assert f'<a href="/events/{far}">Far and free</a>' in page
    assert "But farther than 10 miles." in page
    assert f'<a href="/events/{full}">Near and full</a>' in page
    assert "But full: you can join its waiting list." in page
    assert re.search("about 1[12][0-9] miles", page)


def test_nothing_is_suggested_of_what_nobody_may_see(
    visitor: FlaskClient, db: Database, publish: Publish
) -> None:
    with writing(db) as (session, now):
        make_draft(session, now=now, title="Still secret")
    page = visitor.get("/?kind=training").text
    assert "Still secret" not in page
    assert "Nothing at all is planned" in page


def cells(page: str) -> list[str]:
    return re.findall(r"<td.*?</td>", page, re.DOTALL)


def test_a_month_has_a_cell_for_each_day_and_weeks_for_rows(
    visitor: FlaskClient, publish: Publish, today: date
) -> None:
    month = next_month(next_month(today.replace(day=1)))
    publish(title="On the third", shifts=[shift_on(month.replace(day=3), "09:30")])
    page = visitor.get(f"/?view=month&month={month:%Y-%m}").text
    found = [cell for cell in cells(page) if "<time" in cell]
    assert len(found) == (next_month(month) - month).days
    assert len(cells(page)) % 7 == 0
    assert "On the third" in found[2]
    assert "09:30" in found[2]
    assert page.count("On the third") == 1
    assert f"{next_month(month):%B %Y}" in page


def test_a_month_can_be_left_for_the_ones_beside_it(visitor: FlaskClient, today: date) -> None:
    this = today.replace(day=1)
    page = visitor.get("/?view=month&kind=training").text
    assert 'rel="prev"' not in page
    assert f"kind=training&amp;view=month&amp;month={next_month(this):%Y-%m}" in page
    later = visitor.get(f"/?view=month&month={next_month(this):%Y-%m}").text
    assert 'rel="prev"' in later


def test_a_month_that_is_past_shows_this_one(visitor: FlaskClient, today: date) -> None:
    assert f"What’s on in {today:%B %Y}" in visitor.get("/?view=month&month=2020-01").text


def test_a_day_with_many_events_leads_to_its_list(
    visitor: FlaskClient, publish: Publish, today: date
) -> None:
    day = next_month(today.replace(day=1))
    for number in range(6):
        publish(title=f"Number {number}", shifts=[shift_on(day)])
    page = visitor.get(f"/?view=month&month={day:%Y-%m}").text
    assert "and 2 more" in page
    assert f'href="/?from={day}&amp;to={day}"' in page


def test_what_is_free_to_all_may_be_kept_for_a_moment(
    visitor: FlaskClient, publish: Publish
) -> None:
    event_id = publish(title="Out in Lincoln")
    for path in (*KEPT, f"/events/{event_id}"):
        answer = visitor.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=15"
        assert "Set-Cookie" not in answer.headers
        again = visitor.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == "public, max-age=15"
        assert again.headers["ETag"] == answer.headers["ETag"]


def test_a_changed_page_is_sent_anew(visitor: FlaskClient, publish: Publish, db: Database) -> None:
    event_id = publish()
    for path in ("/", f"/events/{event_id}"):
        tag = visitor.get(path).headers["ETag"]
        with writing(db) as (session, _):
            session.execute(update(Shift).values(taken=Shift.taken + 3))
        assert visitor.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["/?kind=party", "/events/4711", "/constituencies/Nowhere"])
def test_what_is_refused_is_kept_nowhere(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).headers["Cache-Control"] == "no-store"


def test_a_constituency_shows_its_events_and_its_groups_with_their_mp(
    visitor: FlaskClient, publish: Publish, db: Database
) -> None:
    publish(title="Out in Lincoln")
    publish(title="Elsewhere", shifts=[shift_on(date(2090, 1, 2), constituency="Newark")])
    with writing(db) as (session, now):
        group = make_group(session, now=now, name="Lincoln Neighbours")
        group.representative_name, group.representative_role = "Ash Example", "Candidate"
        group.areas.append(GroupArea(kind="constituency", name="Lincoln"))
    page = visitor.get("/constituencies/lincoln").text
    assert "<h1>Lincoln</h1>" in page
    assert "Out in Lincoln" in page
    assert "Elsewhere" not in page
    for words in ("Lincoln Neighbours", "Ash Example", "Candidate"):
        assert words in page


def test_a_constituency_of_drafts_is_not_there(visitor: FlaskClient, db: Database) -> None:
    with writing(db) as (session, now):
        make_draft(session, now=now)
    assert visitor.get("/constituencies/Lincoln").status_code == 404


def test_the_page_of_an_event_says_what_helps_to_come(
    visitor: FlaskClient, publish: Publish, db: Database
) -> None:
    event_id = publish(of={"bring": "Good shoes", "accessibility": "No steps", "mode": "both"})
    page = visitor.get(f"/events/{event_id}").text
    for words in ("Good shoes", "No steps", "You can also come online."):
        assert words in page


def test_the_link_of_an_online_event_is_shown_to_nobody_here(
    visitor: FlaskClient, publish: Publish
) -> None:
    event_id = publish(of={"mode": "online", "online_url": "https://meet.example/secret"})
    for path in (f"/events/{event_id}", "/", f"/events/{event_id}/places.json"):
        assert "meet.example" not in visitor.get(path).text
    assert "The link comes by mail" in visitor.get(f"/events/{event_id}").text


def test_an_address_for_those_who_signed_up_is_shown_to_nobody_else(
    visitor: FlaskClient, publish: Publish
) -> None:
    event_id = publish(of={"address_shown": "signed_up"}, at=NEAR_LN)
    for path in (f"/events/{event_id}", "/", "/?postcode=LN2", "/constituencies/Lincoln"):
        page = visitor.get(path).text.replace("\u00a0", " ")
        assert "By the castle gate" not in page
        assert "LN1 3AA" not in page
        assert "Lincoln" in page
    page = visitor.get(f"/events/{event_id}").text
    assert "The exact address comes by mail" in page


def test_an_event_names_its_co_hosts_campaign_and_election(
    visitor: FlaskClient, publish: Publish, db: Database
) -> None:
    event_id = publish()
    with writing(db) as (session, now):
        event = operations.find_event(session, event_id)
        for name, state in (("Thames Neighbours", "accepted"), ("Shy Neighbours", "asked")):
            other = make_group(session, now=now, name=name)
            event.co_hosts.append(CoHost(group_id=other.id, state=state, asked_at=now))
        event.election = Election(
            id="parl.lincoln.2029-05-03", title="Lincoln, 2029", day=date(2029, 5, 3)
        )
        event.campaign = make_campaign(event, now)
    page = visitor.get(f"/events/{event_id}").text
    for words in ("Thames Neighbours", "Lincoln, 2029", "A thousand doors"):
        assert words in page
    assert "Shy Neighbours" not in page


def make_campaign(event: Event, now: datetime) -> Campaign:
    return Campaign(
        revision=1,
        group_id=event.group_id,
        status="published",
        published_at=now,
        name="A thousand doors",
        about="",
        goal_kind="events",
        goal=10,
        starts_on=now.date(),
        ends_on=now.date(),
    )


def test_training_and_campaigning_can_be_booked_together(
    visitor: FlaskClient, publish: Publish, db: Database, today: date
) -> None:
    day = today + timedelta(10)
    shifts = [
        shift_on(day, "10:00", "11:00", work="training"),
        shift_on(day, "11:00", "13:00", work="campaigning", needs="First steps"),
    ]
    event_id = publish(kind="campaign_and_train", shifts=shifts)
    with db.reading() as session:
        training, campaigning = (s.id for s in operations.find_event(session, event_id).shifts)
    link = f'href="/sign-up/{training}?with={campaigning}"'
    page = visitor.get(f"/events/{event_id}").text
    assert page.count("Book training and campaigning together") == 1
    assert link in page
    assert "Campaigning, needs training: First steps" in page
    with writing(db) as (session, now):
        operations.cancel_shift(session, event_id, campaigning, now=now)
    assert link not in visitor.get(f"/events/{event_id}").text


def test_the_button_follows_the_places(
    visitor: FlaskClient, publish: Publish, db: Database
) -> None:
    event_id = publish()

    def button() -> str:
        answer = visitor.get(f"/events/{event_id}/places.json").json
        assert answer is not None
        words: str = answer["shifts"][0]["button"]
        return words

    assert button() == "Sign up"
    with writing(db) as (session, now):
        session.execute(update(Shift).values(taken=10))
    assert button() == "Join the list"
    with writing(db) as (session, now):
        operations.cancel_event(session, event_id, reason="", now=now)
    assert button() == ""


def test_a_preview_shows_a_draft_without_a_way_in(app: Flask, db: Database) -> None:
    with app.test_request_context("/"), db.writing() as session:
        from flask import g

        g.session, g.now = session, db.now(session)
        event = make_draft(session, now=g.now, title="Not yet public")
        page = render_event(event, preview=True)
    assert "Not yet public" in page
    assert "/sign-up/" not in page
    assert "places.json" not in page
