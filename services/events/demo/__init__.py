"""Made-up groups and events to try Muster with; their dates lie ahead of whatever today is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import times
from shared.access import NETWORK

from .. import operations
from ..models import Campaign, CoHost, Election, Event, Group, Shift
from ..operations import campaigns, elections, organisers
from ..schemas import EventSchema, GroupSchema
from ..schemas.campaigns import CampaignSchema
from . import programme
from .places import ZONE

MONDAY, WEDNESDAY, THURSDAY, SATURDAY, SUNDAY = 0, 2, 3, 5, 6
ADMINISTRATOR = "admin@muster.example"
CAMPAIGN = "Every street in the Midlands"

GROUPS: tuple[dict[str, str], ...] = (
    {
        "name": "Midland Mosaic",
        "contact_name": "Robin Example",
        "contact_email": "robin@midland-mosaic.example",
        "privacy_url": "https://midland-mosaic.example/privacy",
        "imprint": "Midland Mosaic, a made-up group\n1 Example Street, Nottingham",
    },
    {
        "name": "Four Corners of London",
        "contact_name": "Sam Sample",
        "contact_email": "sam@four-corners.example",
        "privacy_url": "https://four-corners.example/privacy",
        "imprint": "Four Corners of London, a made-up group\n2 Example Street, London",
    },
    {
        "name": "Fosse Community Project",
        "contact_name": "Jo Specimen",
        "contact_email": "jo@fosse-project.example",
        "privacy_url": "https://fosse-project.example/privacy",
        "imprint": "Fosse Community Project, a made-up group\n3 Example Street, Lincoln",
        "signup_notices": "daily",
    },
)


def load_demo(session: Session, *, now: datetime) -> int:
    """Publish what of the demo is not ahead of `now` already; return how many events that was."""
    midlands, london, project = (found_or_made(session, group, now=now) for group in GROUPS)
    add_people(session, midlands, london, project, now=now)
    today = times.local(now, ZONE).date()
    campaign = campaign_of(session, midlands, today, now=now)
    belongs = {"campaign_id": campaign.id, "election_id": campaign.election_id}
    action_day = programme.action_day(next_day(today, SATURDAY, ahead=10)) | belongs
    events = (
        (midlands, action_day),
        (london, programme.campaign_and_train(next_day(today, SUNDAY, ahead=17))),
        (project, programme.english_class(next_day(today, WEDNESDAY, ahead=2))),
        (project, programme.jobs_club(next_day(today, THURSDAY, ahead=3))),
        (midlands, programme.online_evening(next_day(today, MONDAY, ahead=5))),
        (london, programme.garden_morning(next_day(today, SATURDAY, ahead=24))),
    )
    missing = [
        (group, event)
        for group, event in events
        if not is_ahead(session, group, event["title"], now=now)
    ]
    for group, event in missing:
        drafted = EventSchema().load({"group_id": group.id, **event})
        made = operations.create_event(session, drafted, now=now)
        if event is action_day:
            hold_together(made, project, now=now)
        operations.publish_event(session, made.id, now=now)
    return len(missing)


def campaign_of(session: Session, group: Group, today: date, *, now: datetime) -> Campaign:
    """Return the group's campaign that goes on for weeks yet, begun now if there is none."""
    going_on = Campaign.ends_on >= today + timedelta(weeks=4)
    asked = select(Campaign).where(Campaign.name == CAMPAIGN, Campaign.status == "published")
    found = session.scalars(asked.where(going_on)).first()
    if found is not None:
        return found
    election = election_of(session, today, now=now)
    typed = {
        "name": CAMPAIGN,
        "about": "From Lincoln to Stoke we knock on every door once before polling day.",
        "goal_kind": "signups",
        "goal": 250,
        "starts_on": f"{today}",
        "ends_on": f"{election.day}",
        "election_id": election.id,
    }
    drafted = campaigns.create_campaign(session, group.id, CampaignSchema().load(typed), now=now)
    return campaigns.publish_campaign(session, drafted.id, now=now)


def election_of(session: Session, today: date, *, now: datetime) -> Election:
    """Return a made-up local election on the first Thursday of May that is far enough ahead."""
    year = next(y for y in (today.year, today.year + 1) if may_day(y) > today + timedelta(weeks=8))
    key = f"local.lincoln.{may_day(year)}"
    found = session.get(Election, key)
    title = f"Lincoln council, {year} (made up)"
    return found or elections.add_election(session, {"id": key, "title": title}, now=now)


def may_day(year: int) -> date:
    """Return the first Thursday of May."""
    return next_day(date(year, 5, 1), THURSDAY, ahead=0)


def hold_together(event: Event, group: Group, *, now: datetime) -> None:
    """Let another group hold an event too, as if it had been asked and had accepted."""
    event.co_hosts.append(CoHost(group=group, group_id=group.id, state="accepted", asked_at=now))


def add_people(session: Session, *groups: Group, now: datetime) -> None:
    """Let somebody look after the network, and the contact of each group own it."""
    if not organisers.list_organisers(session, NETWORK):
        organisers.add_administrator(session, ADMINISTRATOR, name="Alex Admin", now=now)
    for group in groups:
        if not organisers.list_organisers(session, group.id):
            organisers.admit_owner(
                session, group.id, group.contact_email, name=group.contact_name, now=now
            )


def found_or_made(session: Session, group: dict[str, str], *, now: datetime) -> Group:
    """Return the demo's group of this name, founded now if it is not there."""
    found = session.scalars(select(Group).where(Group.name == group["name"])).first()
    return found or operations.create_group(session, GroupSchema().load(group), now=now)


def is_ahead(session: Session, group: Group, title: str, *, now: datetime) -> bool:
    """Tell whether the group has an event of this title that is not over."""
    ahead = select(Shift.id).join(Event).where(
        Event.group_id == group.id, Event.title == title, Shift.ends_at > now
    )  # fmt: skip
    return session.scalars(ahead.limit(1)).first() is not None


def next_day(today: date, weekday: int, *, ahead: int) -> date:
    """Return the first such weekday that is at least so many days ahead; Monday is 0."""
    earliest = today + timedelta(days=ahead)
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)
