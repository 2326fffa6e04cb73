"""Campaigns: their life, how far they have come, and their pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import ValidationError
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.events import operations
from services.events import rules as event_rules
from services.events.models import AuditEntry, Campaign, Event
from services.events.operations import campaigns
from services.events.rules import campaigns as rules
from services.events.schemas.campaigns import CampaignSchema
from shared.database import Database
from shared.refusals import NotThere
from tests.events.making import (
    LATER,
    NOW,
    make_draft,
    make_event,
    make_group,
    typed_shift,
)
from tests.events.organising import organiser_of, text_of


def typed_campaign(**typed: Any) -> dict[str, Any]:
    """Return a campaign as it is typed."""
    return {
        "name": "Lincoln by foot",
        "about": "A thousand doors.",
        "goal_kind": "signups",
        "goal": 100,
        "starts_on": "2026-11-01",
        "ends_on": "2090-05-06",
        **typed,
    }


def make_campaign(session: Session, *, publish: bool = False, **typed: Any) -> Campaign:
    """Draft a campaign of a group, which is founded if none is named."""
    group_id = typed.pop("group_id", None) or make_group(session).id
    details = CampaignSchema().load(typed_campaign(**typed))
    campaign = campaigns.create_campaign(session, group_id, details, now=NOW)
    if publish:
        campaigns.publish_campaign(session, campaign.id, now=NOW)
    return campaign


def give_event(session: Session, campaign: Campaign, *, draft: bool = False, **typed: Any) -> Event:
    """Give the campaign an event."""
    event = make_draft(session, **typed) if draft else make_event(session, **typed)
    event.campaign_id = campaign.id
    session.flush()
    return event


def reached(session: Session, campaign: Campaign) -> int:
    return campaigns.measure_progress(session, [campaign])[campaign.id].reached


def test_a_campaign_is_drafted_published_archived_and_brought_back(session: Session) -> None:
    campaign = make_campaign(session)
    assert campaign.status == "draft"
    with pytest.raises(NotThere):
        campaigns.find_public_campaign(session, campaign.id)
    campaigns.publish_campaign(session, campaign.id, now=NOW)
    campaigns.archive_campaign(session, campaign.id, now=LATER)
    assert campaigns.find_public_campaign(session, campaign.id).status == "archived"
    assert campaigns.list_campaigns(session, status="published") == []
    campaigns.restore_campaign(session, campaign.id, now=LATER)
    assert campaign.status == "published"
    asked = select(AuditEntry.action).filter_by(object_kind="campaign").order_by(AuditEntry.id)
    assert [action.partition(".")[2] for action in session.scalars(asked)] == [
        "created",
        "published",
        "archived",
        "restored",
    ]


def test_a_draft_that_was_put_away_comes_back_as_a_draft(session: Session) -> None:
    campaign = make_campaign(session)
    campaigns.archive_campaign(session, campaign.id, now=NOW)
    assert campaigns.restore_campaign(session, campaign.id, now=NOW).status == "draft"


def test_what_cannot_be_done_to_a_campaign_is_refused(session: Session) -> None:
    campaign = make_campaign(session, publish=True)
    with pytest.raises(rules.CampaignIsAlreadyPublished):
        campaigns.publish_campaign(session, campaign.id, now=NOW)
    with pytest.raises(rules.CampaignIsNotArchived):
        campaigns.restore_campaign(session, campaign.id, now=NOW)
    campaigns.archive_campaign(session, campaign.id, now=NOW)
    with pytest.raises(rules.CampaignWasAlreadyArchived):
        campaigns.archive_campaign(session, campaign.id, now=NOW)
    with pytest.raises(rules.CampaignIsArchived):
        campaigns.publish_campaign(session, campaign.id, now=NOW)
    with pytest.raises(rules.CampaignIsArchived):
        campaigns.change_campaign(session, campaign.id, {"name": "Other"}, now=NOW)


def test_a_change_raises_the_revision_only_if_something_changed(session: Session) -> None:
    campaign = make_campaign(session)
    before = campaign.revision
    campaigns.change_campaign(session, campaign.id, {"name": campaign.name}, now=LATER)
    assert campaign.revision == before
    campaigns.change_campaign(session, campaign.id, {"goal": 5}, now=LATER)
    assert (campaign.goal, campaign.revision > before) == (5, True)


def test_one_day_alone_cannot_be_moved_past_the_other(session: Session) -> None:
    campaign = make_campaign(session)
    with pytest.raises(rules.CampaignEndsTooEarly):
        campaigns.change_campaign(session, campaign.id, {"ends_on": date(2026, 10, 1)}, now=LATER)


def test_a_campaign_of_no_group_or_for_no_election_is_refused(session: Session) -> None:
    with pytest.raises(NotThere):
        make_campaign(session, group_id=4711)
    with pytest.raises(NotThere):
        make_campaign(session, election_id="parl.2029-05-03")


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"goal": 0}, "goal"),
        ({"goal": "many"}, "goal"),
        ({"goal_kind": "votes"}, "goal_kind"),
        ({"ends_on": "2026-10-31"}, "ends_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"name": " "}, "name"),
        ({"about": "x" * 5001}, "about"),
    ],
)
def test_what_is_wrong_with_a_campaign_is_named(typed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CampaignSchema().load(typed_campaign(**typed))
    assert list(refused.value.messages_dict) == [field]


def test_signups_are_the_places_taken_in_shifts_that_stand(session: Session) -> None:
    campaign = make_campaign(session, publish=True)
    event = give_event(session, campaign, shifts=[typed_shift(), typed_shift(), typed_shift()])
    for shift, taken in zip(event.shifts, (3, 4, 5), strict=True):
        shift.taken = taken
    event.shifts[2].cancelled = True
    off = give_event(session, campaign)
    off.shifts[0].taken = 9
    session.flush()
    operations.cancel_event(session, off.id, reason="", now=NOW)
    give_event(session, campaign, draft=True).shifts[0].taken = 9
    make_event(session).shifts[0].taken = 9
    session.flush()
    assert reached(session, campaign) == 7


def test_conversations_are_what_teams_reported(session: Session) -> None:
    campaign = make_campaign(session, goal_kind="conversations")
    event = give_event(session, campaign, shifts=[typed_shift(), typed_shift()])
    assert reached(session, campaign) == 0
    event.shifts[0].conversations = 41
    session.flush()
    assert reached(session, campaign) == 41


def test_events_are_those_before_the_public(session: Session) -> None:
    campaign = make_campaign(session, goal_kind="events")
    give_event(session, campaign, shifts=[typed_shift(), typed_shift()])
    give_event(session, campaign, draft=True)
    assert reached(session, campaign) == 1


def test_many_campaigns_are_measured_at_once(session: Session) -> None:
    first, second = make_campaign(session), make_campaign(session, goal_kind="events")
    give_event(session, first).shifts[0].taken = 2
    give_event(session, second)
    session.flush()
    progress = campaigns.measure_progress(session, [first, second])
    assert (progress[first.id].reached, progress[second.id].reached) == (2, 1)
    assert campaigns.measure_progress(session, []) == {}


@pytest.mark.parametrize(
    "reached, goal, percent, left", [(0, 3, 0, 3), (1, 3, 33, 2), (2, 3, 66, 1), (9, 3, 100, 0)]
)
def test_the_share_is_whole_only_when_the_goal_is_reached(
    reached: int, goal: int, percent: int, left: int
) -> None:
    progress = rules.Progress(reached=reached, goal=goal)
    assert (progress.percent, progress.left) == (percent, left)


def test_a_campaign_is_ahead_runs_and_is_over() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    day = timedelta(days=1)
    said = [rules.when_of(first, last, one) for one in (first - day, first, last, last + day)]
    assert said == ["ahead", "running", "running", "over"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaigns SET status = 'lost'",
        "UPDATE campaigns SET status = 'published'",
        "UPDATE campaigns SET goal = 0",
        "UPDATE campaigns SET goal_kind = 'votes'",
        "UPDATE campaigns SET ends_on = '2026-10-01'",
        "UPDATE campaigns SET group_id = 4711",
    ],
)
def test_what_a_campaign_must_never_be_the_database_refuses(
    session: Session, statement: str
) -> None:
    make_campaign(session)
    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_the_public_sees_published_campaigns_with_their_progress(
    visitor: FlaskClient, db: Database
) -> None:
    assert "No campaigns just now" in text_of(visitor.get("/campaigns"))
    with db.writing() as session:
        campaign = make_campaign(session, publish=True)
        make_campaign(session, name="Secret plans")
        shift = typed_shift(starts_at="2090-01-05T10:00", ends_at="2090-01-05T12:00")
        give_event(session, campaign, shifts=[shift]).shifts[0].taken = 40
    page = text_of(visitor.get("/campaigns"))
    assert "Lincoln by foot" in page
    assert "Secret plans" not in page
    shown = text_of(visitor.get("/campaigns/1"))
    assert '<progress class="goal-bar" max="100" value="40"' in shown
    assert "40%" in shown
    assert "Out in Lincoln" in shown
    assert "/feeds/campaigns/1.ics" in shown
    assert visitor.get("/campaigns/2").status_code == 404
    assert visitor.get("/campaigns/99999999999999999999").status_code == 404


def test_an_archived_campaign_says_so_and_is_listed_no_more(
    visitor: FlaskClient, db: Database
) -> None:
    with db.writing() as session:
        campaign = make_campaign(session, publish=True)
        campaigns.archive_campaign(session, campaign.id, now=NOW)
    assert "Lincoln by foot" not in text_of(visitor.get("/campaigns"))
    assert "This campaign is over" in text_of(visitor.get("/campaigns/1"))


def test_a_group_shows_its_campaigns(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        make_campaign(session, publish=True)
    assert "Lincoln by foot" in text_of(visitor.get("/groups/1"))


def test_an_organiser_drafts_changes_and_publishes(app: Flask, db: Database) -> None:
    with db.writing() as session:
        make_group(session)
    organiser = organiser_of(app, db, (1, "organiser"))
    assert "No campaigns yet" in text_of(organiser.get("/organise/groups/1/campaigns"))
    assert "New campaign" in text_of(organiser.get("/organise/groups/1/campaigns/new"))
    sent = organiser.post("/organise/groups/1/campaigns/new", data=typed_campaign())
    assert (sent.status_code, sent.location) == (303, "/organise/campaigns/1")
    page = text_of(organiser.get("/organise/campaigns/1"))
    seen = page.split('name="seen" value="')[1].split('"')[0].replace("&#34;", '"')
    changed = organiser.post("/organise/campaigns/1", data=typed_campaign(goal="250", seen=seen))
    assert changed.status_code == 303
    assert organiser.post("/organise/campaigns/1/publish").status_code == 303
    assert organiser.post("/organise/campaigns/1/publish").status_code == 409
    assert "of 250" in text_of(organiser.get("/organise/groups/1/campaigns"))
    assert organiser.post("/organise/campaigns/1/archive").status_code == 303
    assert "Bring it back" in text_of(organiser.get("/organise/campaigns/1"))
    assert organiser.post("/organise/campaigns/1/restore").status_code == 303


@pytest.mark.parametrize("field, value", [("goal", "0"), ("ends_on", "2020-01-01"), ("name", "")])
def test_each_error_of_a_campaign_stands_beside_its_field(
    app: Flask, db: Database, field: str, value: str
) -> None:
    with db.writing() as session:
        make_campaign(session)
    organiser = organiser_of(app, db, (1, "organiser"))
    for path in ("/organise/groups/1/campaigns/new", "/organise/campaigns/1"):
        answer = organiser.post(path, data=typed_campaign(**{field: value}))
        assert answer.status_code == 400
        assert f'id="field-{field}-error"' in text_of(answer)


def test_viewers_look_and_foreign_groups_see_nothing(app: Flask, db: Database) -> None:
    with db.writing() as session:
        make_campaign(session)
        make_group(session, name="Other")
    viewer = organiser_of(app, db, (1, "viewer"))
    foreign = organiser_of(app, db, (2, "owner"), organiser_id=2)
    assert viewer.get("/organise/campaigns/1").status_code == 200
    assert viewer.post("/organise/campaigns/1/publish").status_code == 403
    assert foreign.get("/organise/campaigns/1").status_code == 404
    assert foreign.post("/organise/campaigns/1/publish").status_code == 404
    assert foreign.get("/organise/groups/1/campaigns").status_code == 404


def test_an_event_of_any_group_may_refer_to_a_published_campaign(session: Session) -> None:
    theirs, ours = make_campaign(session, publish=True), make_group(session, name="River Friends")
    event = make_draft(session, group_id=ours.id)
    refers: Any = {"campaign_id": theirs.id}
    operations.change_event(session, event.id, refers, now=NOW)
    assert event.campaign_id == theirs.id
    refers = {"campaign_id": make_campaign(session).id}
    with pytest.raises(event_rules.CampaignIsNotYours):
        operations.change_event(session, event.id, refers, now=NOW)
