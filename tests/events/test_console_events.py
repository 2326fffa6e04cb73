"""Planning in the browser: lists, drafts, details, publishing, moving, copying, putting away."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from services.events.models import AuditEntry, CoHost, Event, Organiser
from shared.database import Database
from shared.messages import EventCancelled, EventChanged, EventPublished
from tests.entering import SignedInClient, signed_in
from tests.events.making import (
    NOW,
    forget_told,
    make_draft,
    make_event,
    make_group,
    told,
    typed_shift,
)

FAR = "2031-05-03"
DETAILS = {
    "kind": "action_day",
    "title": "Out in Lincoln",
    "description": "We talk with people on their doorsteps.",
    "mode": "in_person",
    "address_shown": "public",
    "contact_name": "Sam Sample",
    "contact_email": "sam@fosse.example",
}


@pytest.fixture
def organiser(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of somebody who plans in group 1."""
    with db.writing() as session:
        make_group(session)
        session.add(Organiser(id=1, email="robin@fosse.example", name="Robin", created_at=NOW))
        forget_told(session)
    return signed_in(app, db, (1, "organiser"))


@pytest.fixture
def make(db: Database) -> Callable[..., int]:
    """Return a function that makes an event of group 1, a draft unless it is to be published."""

    def make(*, published: bool = False, **typed: Any) -> int:
        far = typed_shift(starts_at=f"{FAR}T10:00", ends_at=f"{FAR}T12:00")
        with db.writing() as session:
            maker = make_event if published else make_draft
            shifts = {"shifts": [far], **typed}
            event_id = maker(session, now=db.now(session), **{"group_id": 1, **shifts}).id
            forget_told(session)
            return event_id

    return make


def stored(db: Database, event_id: int) -> Event:
    with db.reading() as session:
        event = session.get_one(Event, event_id)
        _ = event.shifts, event.group
        session.expunge_all()
        return event


def seen_in(page: str) -> str:
    return unescape(re.findall(r'name="seen" value="([^"]*)"', page)[0])


def actions(db: Database) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_whoever_signs_in_sees_their_groups_what_is_next_and_what_waits(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make(published=True, title="Out in Newark")
    make(title="Half a plan", shifts=[])
    with db.writing() as session:
        session.get_one(Event, event_id).shifts[0].taken = 13
    page = organiser.get("/organise").text
    assert "Fosse Neighbours" in page
    assert "Out in Newark" in page
    assert "Castle Square is over by 3" in page
    assert "Not ready: it has no shift." in page


def test_other_groups_plans_do_not_wait_for_somebody(
    app: Flask, db: Database, organiser: SignedInClient, make: Callable[..., int]
) -> None:
    make(title="Half a plan")
    with db.writing() as session:
        make_group(session, name="Thames Neighbours")
        session.add(Organiser(id=2, email="sam@thames.example", name="Sam", created_at=NOW))
    page = signed_in(app, db, (2, "owner"), organiser_id=2).get("/organise").text
    assert "Thames Neighbours" in page
    assert "Half a plan" not in page
    assert "Nothing is published yet" in page


def test_an_administrator_without_groups_is_told_how_to_found_one(app: Flask, db: Database) -> None:
    with db.writing() as session:
        session.add(Organiser(id=1, email="robin@fosse.example", name="Robin", created_at=NOW))
    assert "Found a group" in signed_in(app, db).get("/organise").text


def test_somebody_without_a_group_is_told_what_to_do(app: Flask, db: Database) -> None:
    with db.writing() as session:
        session.add(Organiser(id=1, email="robin@fosse.example", name="Robin", created_at=NOW))
    nobody = signed_in(app, db, (77, "viewer"))
    assert "You are in no group yet" in nobody.get("/organise").text


def test_a_group_s_events_stand_in_four_lists_and_can_be_searched(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    make(published=True, title="Coming")
    make(title="Drafted")
    past, away = make(published=True, title="Gone"), make(title="Put away")
    with db.writing() as session:
        shift = session.get_one(Event, past).shifts[0]
        for name in ("starts_at", "ends_at", "closes_at"):
            setattr(shift, name, getattr(shift, name) - timedelta(days=3650))
    organiser.post(f"/organise/events/{away}/archive")
    for show, title in (
        ("upcoming", "Coming"),
        ("drafts", "Drafted"),
        ("past", "Gone"),
        ("archived", "Put away"),
    ):
        page = organiser.get(f"/organise/groups/1/events?show={show}").text
        titles = re.findall(r'class="line-title"><a [^>]*>([^<]*)<', page)
        assert titles == [title]
    assert "Coming" in organiser.get("/organise/groups/1/events?q=castle").text
    assert "Nothing matches" in organiser.get("/organise/groups/1/events?q=100%25").text


def test_a_co_hosted_event_stands_in_both_lists_and_only_the_host_changes_it(
    app: Flask, db: Database, organiser: SignedInClient, make: Callable[..., int]
) -> None:
    event_id = make(published=True, title="Together")
    with db.writing() as session:
        other = make_group(session, name="Thames Neighbours").id
        session.add(CoHost(event_id=event_id, group_id=other, state="accepted", asked_at=NOW))
    guest = signed_in(app, db, (other, "owner"), organiser_id=2)
    assert "Together" in guest.get(f"/organise/groups/{other}/events").text
    assert "Edit the details" not in guest.get(f"/organise/events/{event_id}").text
    assert guest.get(f"/organise/events/{event_id}/details").status_code == 404


def test_who_may_look_finds_what_people_were_told_once_an_event_is_published(
    app: Flask, db: Database, organiser: SignedInClient, make: Callable[..., int]
) -> None:
    published, draft = make(published=True), make()
    viewer = signed_in(app, db, (1, "viewer"), organiser_id=2)
    for who in (organiser, viewer):
        page = who.get(f"/organise/events/{published}").text
        link = f'<a href="/organise/notices/events/{published}">What they were told</a>'
        assert link in page
    assert "What they were told" not in organiser.get(f"/organise/events/{draft}").text


def test_a_new_event_begins_with_its_kind_and_gets_its_places(
    organiser: SignedInClient, db: Database
) -> None:
    assert "Campaign and train" in organiser.get("/organise/groups/1/events/new").text
    path = "/organise/groups/1/events/new"
    assert organiser.get(f"{path}?kind=campaign_and_train").status_code == 200
    form = {"kind": "campaign_and_train", "title": "Learn and do", "day": FAR, "mode": "in_person"}
    answer = organiser.post(path, data={**form, "places": "Lincoln\r\nNewark\r\n\r\nLincoln"})
    assert answer.headers["Location"] == "/organise/events/1/shifts"
    event = stored(db, 1)
    assert [(s.place, s.work) for s in sorted(event.shifts, key=lambda s: s.id)] == [
        ("Lincoln", "training"),
        ("Lincoln", "campaigning"),
        ("Newark", "training"),
        ("Newark", "campaigning"),
    ]
    assert (event.contact_email, event.status) == ("robin@fosse.example", "draft")


def test_a_new_event_without_title_or_day_is_asked_for_both(organiser: SignedInClient) -> None:
    answer = organiser.post("/organise/groups/1/events/new", data={"kind": "meeting"})
    assert answer.status_code == 400
    assert answer.text.count("Give the event a title.") == 2
    assert answer.text.count("Give the day.") == 2


def test_a_kind_that_is_none_is_not_there(organiser: SignedInClient) -> None:
    answer = organiser.post("/organise/groups/1/events/new", data={"kind": "party"})
    assert answer.status_code == 404


def test_changed_details_are_told(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make(published=True)
    path = f"/organise/events/{event_id}/details"
    new = {"mode": "both", "online_url": "https://meet.example/x", "bring": "A pen"}
    form = {**DETAILS, **new, "accessibility": "No steps.", "address_shown": "signed_up"}
    answer = organiser.post(path, data={**form, "seen": seen_in(organiser.get(path).text)})
    assert answer.status_code == 303
    with db.writing() as session:
        (message,) = told(session)
    assert isinstance(message, EventChanged)
    facts = message.event
    assert (facts.mode, facts.online_url) == ("both", "https://meet.example/x")
    assert (facts.bring, facts.accessibility) == ("A pen", "No steps.")
    assert facts.address_shown == "signed_up"
    assert actions(db)[-1] == "event.changed"


def test_what_two_organisers_changed_in_different_fields_is_combined(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make()
    path = f"/organise/events/{event_id}/details"
    seen = seen_in(organiser.get(path).text)
    organiser.post(path, data={**DETAILS, "seen": seen, "bring": "A pen"})
    answer = organiser.post(path, data={**DETAILS, "seen": seen, "title": "Out in Newark"})
    assert answer.status_code == 303
    assert "Meanwhile somebody else changed: What to bring" in organiser.get(answer.location).text
    event = stored(db, event_id)
    assert (event.title, event.bring) == ("Out in Newark", "A pen")


def test_what_both_changed_is_shown_and_then_kept_or_overwritten(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make()
    path = f"/organise/events/{event_id}/details"
    seen = seen_in(organiser.get(path).text)
    organiser.post(path, data={**DETAILS, "seen": seen, "title": "Out in Derby", "bring": "Tea"})
    mine = {**DETAILS, "title": "Out in Newark"}
    answer = organiser.post(path, data={**mine, "seen": seen})
    assert answer.status_code == 400
    assert "Out in Derby" in answer.text
    assert 'value="Out in Newark"' in answer.text
    assert ">Tea</textarea>" in answer.text
    again = {**mine, "bring": "Tea", "seen": seen_in(answer.text)}
    organiser.post(path, data={**again, "theirs-title": "yes"})
    assert stored(db, event_id).title == "Out in Derby"
    organiser.post(path, data=again)
    assert (stored(db, event_id).title, stored(db, event_id).bring) == ("Out in Newark", "Tea")


def test_a_wrong_field_does_not_make_others_changes_forgotten(
    organiser: SignedInClient, make: Callable[..., int]
) -> None:
    path = f"/organise/events/{make()}/details"
    seen = seen_in(organiser.get(path).text)
    organiser.post(path, data={**DETAILS, "seen": seen, "title": "Out in Derby"})
    wrong = {**DETAILS, "seen": seen, "title": "Out in Newark", "contact_email": "nobody"}
    answer = organiser.post(path, data=wrong)
    assert answer.text.count("Enter an email address in the form name@example.org.") == 2
    again = {**DETAILS, "seen": seen_in(answer.text), "title": "Out in Newark"}
    assert "They wrote:" in organiser.post(path, data=again).text


def test_publishing_names_everything_that_is_missing(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make(shifts=[], mode="online")
    answer = organiser.post(f"/organise/events/{event_id}/publish")
    assert answer.status_code == 400
    assert "It has no shift" in answer.text
    assert "It has no link for those who come online" in answer.text
    assert stored(db, event_id).status == "draft"


def test_a_draft_is_previewed_and_published(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make()
    preview = organiser.get(f"/organise/events/{event_id}/preview")
    assert "Out in Lincoln" in preview.text
    assert "review" in preview.text
    assert "/sign-up/" not in preview.text
    answer = organiser.post(f"/organise/events/{event_id}/publish")
    assert "Published." in organiser.get(answer.location).text
    with db.writing() as session:
        assert [type(message) for message in told(session)] == [EventPublished]
    assert actions(db)[-1] == "event.published"


@pytest.mark.parametrize(
    "before, after, utc",
    [("2031-03-29", "2031-03-30", "09:00"), ("2031-10-25", "2031-10-26", "10:00")],
)
def test_a_moved_event_keeps_what_clocks_show(
    organiser: SignedInClient,
    make: Callable[..., int],
    db: Database,
    before: str,
    after: str,
    utc: str,
) -> None:
    shift = typed_shift(starts_at=f"{before}T10:00", ends_at=f"{before}T12:00")
    event_id = make(published=True, shifts=[shift])
    path = f"/organise/events/{event_id}/move"
    assert before in organiser.get(path).text
    assert organiser.post(path, data={"day": after}).status_code == 303
    assert f"{stored(db, event_id).shifts[0].starts_at:%Y-%m-%d %H:%M}" == f"{after} {utc}"
    with db.writing() as session:
        assert [type(message) for message in told(session)] == [EventChanged]


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"day": "2020-01-01"}, "must lie in the future"),
        ({"day": "2031-03-30", "minutes": "-510"}, "The clocks go forward then"),
        ({"day": "soon"}, "Give it as a date."),
        ({}, "Give the new first day."),
        ({"day": FAR, "minutes": "half"}, "Type minutes"),
    ],
)
def test_a_move_that_cannot_be_is_said_beside_its_field(
    organiser: SignedInClient, make: Callable[..., int], typed: dict[str, str], sentence: str
) -> None:
    answer = organiser.post(f"/organise/events/{make(published=True)}/move", data=typed)
    assert answer.status_code == 400
    assert answer.text.count(sentence) == 2


def test_a_copy_is_a_draft_on_another_day_without_its_lead(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    shift = typed_shift(
        starts_at=f"{FAR}T10:00", ends_at=f"{FAR}T12:00", lead_name="Kim", needs="First aid"
    )
    event_id = make(published=True, shifts=[shift], bring="A pen")
    answer = organiser.post(f"/organise/events/{event_id}/copy", data={"day": "2031-11-08"})
    copy = stored(db, int(answer.location.split("/")[-1].split("?")[0]))
    assert (copy.status, copy.bring, copy.shifts[0].needs) == ("draft", "A pen", "First aid")
    assert f"{copy.shifts[0].starts_at:%Y-%m-%d %H:%M}" == "2031-11-08 10:00"
    assert (copy.shifts[0].lead_name, copy.shifts[0].taken) == ("", 0)
    with db.writing() as session:
        assert told(session) == []


def test_cancelling_carries_the_reason_to_everybody(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    event_id = make(published=True)
    path = f"/organise/events/{event_id}/cancel"
    assert organiser.get(path).status_code == 200
    assert organiser.post(path, data={"reason": "A storm is near."}).status_code == 303
    with db.writing() as session:
        (message,) = told(session)
    assert isinstance(message, EventCancelled)
    assert message.reason == "A storm is near."
    assert "A storm is near." in organiser.get(f"/organise/events/{event_id}").text


def test_an_archived_event_can_be_taken_out_again(
    organiser: SignedInClient, make: Callable[..., int], db: Database
) -> None:
    path = f"/organise/events/{make()}/archive"
    organiser.post(path)
    assert stored(db, 1).archived_at is not None
    organiser.post(path, data={"undo": "yes"})
    assert stored(db, 1).archived_at is None
    assert actions(db)[-2:] == ["event.archived", "event.unarchived"]


def test_what_is_still_to_come_is_not_archived(
    organiser: SignedInClient, make: Callable[..., int]
) -> None:
    answer = organiser.post(f"/organise/events/{make(published=True)}/archive")
    assert answer.status_code == 409
    assert "still to come" in answer.text


@pytest.mark.parametrize(
    "path", ["", "/details", "/preview", "/publish", "/move", "/copy", "/cancel", "/archive"]
)
def test_events_of_others_are_not_there(
    app: Flask, db: Database, organiser: SignedInClient, make: Callable[..., int], path: str
) -> None:
    event_id = make()
    foreign = signed_in(app, db, (99, "owner"), organiser_id=2)
    for client, number in ((foreign, event_id), (organiser, 4711)):
        ask = client.post if path in ("/publish", "/archive") else client.get
        assert ask(f"/organise/events/{number}{path}").status_code == 404


def test_a_viewer_looks_and_changes_nothing(
    app: Flask, db: Database, organiser: SignedInClient, make: Callable[..., int]
) -> None:
    event_id = make()
    viewer = signed_in(app, db, (1, "viewer"), organiser_id=2)
    assert viewer.get(f"/organise/events/{event_id}").status_code == 200
    assert viewer.get(f"/organise/events/{event_id}/shifts").status_code == 403
    assert viewer.post(f"/organise/events/{event_id}/publish").status_code == 403
