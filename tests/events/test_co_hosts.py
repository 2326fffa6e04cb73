"""Groups that hold an event together: asked, accepted, declined, ended; and who sees what."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events import operations
from services.events.config import Settings
from services.events.models import AuditEntry, Event
from services.events.operations import co_hosts, planning
from services.events.rules import co_hosts as rules
from shared.database import Database
from shared.messages import CoHostAsked, EventChanged
from shared.refusals import NotThere
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY, give_token, with_token
from tests.events.making import (
    LATER,
    NOW,
    forget_told,
    make_draft,
    make_event,
    make_group,
    told,
    typed_shift,
)
from tests.events.organising import organiser_of, text_of


@pytest.fixture
def session(session: Session) -> Session:
    """Return a session that knows the settings of its process."""
    session.info["settings"] = Settings(
        database_url="sqlite://",
        public_url="https://muster.example",
        session_key=SESSION_KEY,
        session_public_key=SESSION_PUBLIC_KEY,
    )
    return session


def event_and_group(session: Session) -> tuple[Event, int]:
    """Return a published event, and another group that is asked to hold it too."""
    event = make_event(session)
    group = make_group(session, name="River Friends", contact_email="kim@river.example")
    forget_told(session)
    co_hosts.ask_co_host(session, event.id, group.id, now=NOW)
    return event, group.id


def waiting_for(session: Session, group_id: int) -> list[int]:
    """Return which groups' answers wait for the organisers of a group."""
    waiting = planning.list_waiting(session, {group_id}, administrator=False, now=LATER)
    return [one.group_id for one in waiting.asked]


def states(event: Event) -> list[str]:
    return [one.state for one in event.co_hosts]


def test_the_contact_of_a_group_that_is_asked_is_told(session: Session) -> None:
    event, group_id = event_and_group(session)
    (message,) = told(session)
    assert isinstance(message, CoHostAsked)
    assert (message.group_id, message.host_name) == (group_id, "Fosse Neighbours")
    assert message.person.email == "kim@river.example"
    assert message.person.link == f"https://muster.example/organise/events/{event.id}/co-hosts"
    assert waiting_for(session, group_id) == [group_id]
    assert waiting_for(session, event.group_id) == []


def test_nobody_is_asked_to_hold_what_was_cancelled(session: Session) -> None:
    event, group_id = event_and_group(session)
    operations.cancel_event(session, event.id, reason="", now=LATER)
    assert waiting_for(session, group_id) == []


def test_who_accepts_is_told_to_the_other_services(session: Session) -> None:
    event, group_id = event_and_group(session)
    forget_told(session)
    co_hosts.accept_co_host(session, event.id, group_id, now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    assert message.event.co_hosts == (group_id,)
    assert set(operations.groups_of_event(session, event.id)) == {event.group_id, group_id}
    assert list(operations.host_of_event(session, event.id)) == [event.group_id]


def test_who_declines_is_told_to_nobody_and_may_be_asked_again(session: Session) -> None:
    event, group_id = event_and_group(session)
    forget_told(session)
    co_hosts.decline_co_host(session, event.id, group_id, now=LATER)
    assert (told(session), states(event)) == ([], ["declined"])
    assert group_id not in co_hosts.groups_in_touch(session, event.id)
    co_hosts.ask_co_host(session, event.id, group_id, now=LATER)
    assert states(event) == ["asked"]


def test_who_leaves_is_told_of_and_sees_the_event_no_more(session: Session) -> None:
    event, group_id = event_and_group(session)
    co_hosts.accept_co_host(session, event.id, group_id, now=LATER)
    forget_told(session)
    co_hosts.end_co_host(session, event.id, group_id, now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    assert message.event.co_hosts == ()
    assert list(operations.groups_of_event(session, event.id)) == [event.group_id]


def test_what_is_withdrawn_before_the_answer_is_told_to_nobody(session: Session) -> None:
    event, group_id = event_and_group(session)
    forget_told(session)
    co_hosts.end_co_host(session, event.id, group_id, now=LATER)
    assert (told(session), states(event)) == ([], [])
    with pytest.raises(NotThere):
        co_hosts.accept_co_host(session, event.id, group_id, now=LATER)


def test_a_draft_is_held_together_without_a_word(session: Session) -> None:
    event = make_draft(session)
    group = make_group(session, name="River Friends")
    co_hosts.ask_co_host(session, event.id, group.id, now=NOW)
    forget_told(session)
    co_hosts.accept_co_host(session, event.id, group.id, now=NOW)
    assert told(session) == []


def test_what_makes_no_sense_is_refused(session: Session) -> None:
    event, group_id = event_and_group(session)
    with pytest.raises(rules.GroupWasAlreadyAsked):
        co_hosts.ask_co_host(session, event.id, group_id, now=NOW)
    with pytest.raises(rules.GroupIsTheHost):
        co_hosts.ask_co_host(session, event.id, event.group_id, now=NOW)
    with pytest.raises(NotThere):
        co_hosts.ask_co_host(session, event.id, 4711, now=NOW)
    co_hosts.accept_co_host(session, event.id, group_id, now=NOW)
    with pytest.raises(rules.GroupIsACoHostAlready):
        co_hosts.ask_co_host(session, event.id, group_id, now=NOW)
    with pytest.raises(rules.NothingWasAsked):
        co_hosts.decline_co_host(session, event.id, group_id, now=NOW)
    operations.cancel_event(session, event.id, reason="", now=NOW)
    other = make_group(session, name="Third")
    with pytest.raises(rules.EventIsNotOpenToCoHosts):
        co_hosts.ask_co_host(session, event.id, other.id, now=NOW)


def test_both_trails_say_what_was_agreed(session: Session) -> None:
    event, group_id = event_and_group(session)
    co_hosts.accept_co_host(session, event.id, group_id, now=NOW)
    asked = select(AuditEntry.group_id).filter_by(action="co_host.accepted")
    assert set(session.scalars(asked)) == {event.group_id, group_id}


def test_a_group_is_found_by_number_and_name(session: Session) -> None:
    group = make_group(session, name="River Friends")
    for typed in (str(group.id), "river friends", "River  Friends"):
        assert co_hosts.find_named(session, typed) is group
    with pytest.raises(ValidationError, match="Did you mean “River Friends”"):
        co_hosts.find_named(session, "River Friend")
    make_group(session, name="River Friends")
    with pytest.raises(ValidationError, match="Several groups have this name"):
        co_hosts.find_named(session, "River Friends")


def two_groups(app: Flask, db: Database) -> tuple[Any, Any]:
    """Return the browsers of the host's organiser and of another group's."""
    with db.writing() as session:
        shift = {"place": "Square", "starts_at": "2090-12-05T10:00", "ends_at": "2090-12-05T12:00"}
        make_event(session, shifts=[shift])
        make_group(session, name="River Friends")
    host = organiser_of(app, db, (1, "organiser"))
    return host, organiser_of(app, db, (2, "organiser"), organiser_id=2)


PATH = "/organise/events/1/co-hosts"


def test_two_groups_agree_on_the_page(app: Flask, db: Database) -> None:
    host, other = two_groups(app, db)
    assert other.get(PATH).status_code == 404
    assert "Only Fosse Neighbours" in text_of(host.get(PATH))
    assert host.post(PATH, data={"group": "River Friends"}).status_code == 303
    page = text_of(other.get(PATH))
    assert "Fosse Neighbours asks you to hold Out in Lincoln with them" in page
    assert "Ask another group" not in page
    assert host.post(f"{PATH}/2/accept").status_code == 404
    assert other.post(f"{PATH}/2/withdraw").status_code == 404
    assert other.post(f"{PATH}/2/accept").status_code == 303
    assert "Leave this event" in text_of(other.get(PATH))
    assert "Out in Lincoln" in text_of(other.get("/groups/2"))
    assert other.post(f"{PATH}/2/leave").status_code == 303
    assert other.get(PATH).status_code == 404
    assert "Out in Lincoln" not in text_of(other.get("/groups/2"))


def test_who_declines_stands_on_the_hosts_list_only(app: Flask, db: Database) -> None:
    host, other = two_groups(app, db)
    host.post(PATH, data={"group": "2"})
    assert other.post(f"{PATH}/2/decline").status_code == 303
    assert other.get(PATH).status_code == 404
    assert "Declined" in text_of(host.get(PATH))
    assert host.post(f"{PATH}/2/withdraw").status_code == 303
    assert "Only Fosse Neighbours" in text_of(host.get(PATH))


@pytest.mark.parametrize("typed", ["", "River Friend"])
def test_a_group_that_cannot_be_found_is_named(app: Flask, db: Database, typed: str) -> None:
    host, _other = two_groups(app, db)
    answer = host.post(PATH, data={"group": typed})
    assert answer.status_code == 400
    assert 'id="field-group-error"' in text_of(answer)


def test_a_co_host_looks_and_does_not_edit(app: Flask, db: Database) -> None:
    host, other = two_groups(app, db)
    host.post(PATH, data={"group": "2"})
    other.post(f"{PATH}/2/accept")
    assert other.post(PATH, data={"group": "2"}).status_code == 404
    assert other.post(f"{PATH}/1/accept").status_code == 404


def test_how_to_reach_a_lead_is_for_the_host_alone(app: Flask, db: Database) -> None:
    led = typed_shift(lead_name="Kim Lead", lead_email="kim@fosse.example")
    with db.writing() as session:
        session.info["settings"] = app.config["SETTINGS"]
        event = make_event(session, shifts=[led])
        other = make_group(session, name="River Friends").id
        co_hosts.ask_co_host(session, event.id, other, now=NOW)
        co_hosts.accept_co_host(session, event.id, other, now=NOW)
        held = {"host": event.group_id, "other": other, "network": 0}
        path = f"/api/events/{event.id}"
    for name, group_id in held.items():
        program = with_token(app, give_token(db, f"muster_{name}", group_id=group_id))
        for shown in (program.get(path).json, program.get("/api/events").json["events"][0]):
            (shift,) = shown["shifts"]
            expected = "" if name == "other" else "kim@fosse.example"
            assert (shift["lead_name"], shift["lead_email"]) == ("Kim Lead", expected), name
