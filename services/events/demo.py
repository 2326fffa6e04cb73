"""Made-up groups and events to try Muster with; their dates lie ahead of whatever today is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import times
from shared.access import NETWORK

from . import operations
from .models import Event, Group, Shift
from .operations import organisers
from .schemas import EventSchema, GroupSchema

ADMINISTRATOR = "admin@muster.example"
ZONE = "Europe/London"
WEDNESDAY, THURSDAY, SATURDAY, SUNDAY = 2, 3, 5, 6


@dataclass(frozen=True)
class Meet:
    """Where people meet, at which hours, and for how many there is room."""

    constituency: str
    place: str
    address: str
    postcode: str
    hours: tuple[tuple[str, str], ...]
    capacity: int | None


MORNING, AFTERNOON, LATE = ("10:00", "12:00"), ("13:00", "15:00"), ("15:30", "17:30")

MIDLANDS = (
    Meet("Lincoln", "Castle Square", "By the castle gate, Lincoln", "LN1 3AA",
         (MORNING, AFTERNOON, LATE), 12),
    Meet("Newark", "Market Place", "Outside the Buttermarket, Newark-on-Trent", "NG24 1DU",
         (MORNING, AFTERNOON), 8),
    Meet("Nottingham South", "Old Market Square", "By the left lion, Nottingham", "NG1 2BY",
         (MORNING, AFTERNOON, LATE), 20),
    Meet("Derby North", "Market Place", "In front of the Guildhall, Derby", "DE1 3AH",
         (MORNING, AFTERNOON), 12),
    Meet("Burton and Uttoxeter", "Station forecourt", "Borough Road, Burton upon Trent", "DE14 2AL",
         (MORNING, AFTERNOON), 4),
    Meet("Stoke-on-Trent Central", "Hanley Town Hall", "Albion Street, Hanley", "ST1 1QQ",
         (MORNING, AFTERNOON, LATE), 10),
)  # fmt: skip
LONDON = (
    Meet("Kensington and Bayswater", "High Street Kensington station",
         "Arcade entrance, Kensington", "W8 5SA", (("10:00", "13:00"), ("14:00", "16:30")), 15),
    Meet("Battersea", "Clapham Junction station", "St John's Hill entrance, Wandsworth", "SW11 2QP",
         (("10:00", "13:00"), ("14:00", "16:30")), 15),
    Meet("Romford", "Market Place", "By the church gate, Romford, Havering", "RM1 3AB",
         (("10:00", "13:00"), ("14:00", "16:30")), 10),
    Meet("Richmond Park", "Richmond station", "The Quadrant, Richmond", "TW9 1EZ",
         (("10:00", "13:00"), ("14:00", "16:30")), 6),
)  # fmt: skip
CLASSROOM = (
    Meet("Lincoln", "Fosse Community Hall", "Upstairs room, Monks Road, Lincoln", "LN2 5HX",
         (("18:30", "20:00"),), 14),
)  # fmt: skip
JOBS_TABLE = (
    Meet("Lincoln", "Fosse Community Hall", "Ground floor, Monks Road, Lincoln", "LN2 5HX",
         (("10:00", "12:30"),), None),
)  # fmt: skip

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
    programme = (
        (midlands, action_day(next_day(today, SATURDAY, ahead=10))),
        (london, campaign_and_train(next_day(today, SUNDAY, ahead=17))),
        (project, english_class(next_day(today, WEDNESDAY, ahead=2))),
        (project, jobs_club(next_day(today, THURSDAY, ahead=3))),
    )
    missing = [
        (group, event)
        for group, event in programme
        if not is_ahead(session, group, event["title"], now=now)
    ]
    for group, event in missing:
        drafted = EventSchema().load({"group_id": group.id, **event})
        made = operations.create_event(session, drafted, now=now)
        operations.publish_event(session, made.id, now=now)
    return len(missing)


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


def shifts(meets: tuple[Meet, ...], *days: date) -> Iterator[dict[str, Any]]:
    """Yield the shifts at these meeting points on each of the days."""
    for day in days:
        for meet in meets:
            for starts, ends in meet.hours:
                yield {
                    "constituency": meet.constituency,
                    "place": meet.place,
                    "address": meet.address,
                    "postcode": meet.postcode,
                    "starts_at": f"{day}T{starts}",
                    "ends_at": f"{day}T{ends}",
                    "zone": ZONE,
                    "capacity": meet.capacity,
                }


def weekly(first: date, weeks: int) -> list[date]:
    """Return the same weekday of so many weeks."""
    return [first + timedelta(weeks=week) for week in range(weeks)]


def action_day(day: date) -> dict[str, Any]:
    """One day, six constituencies from Lincoln to Stoke."""
    return {
        "kind": "action_day",
        "title": "Action day from Lincoln to Stoke",
        "description": (
            "One day, six constituencies: we talk with people on their doorsteps and hand out"
            " leaflets. Come for two hours or stay all day.\n\n"
            "Nobody goes alone. At the meeting point you get a team, a map and a short"
            " introduction; if it is your first time, somebody who has done it before goes with"
            " you.\n\nWear good shoes and something against the rain. We bring water and biscuits."
        ),
        "shifts": list(shifts(MIDLANDS, day)),
    }


def campaign_and_train(day: date) -> dict[str, Any]:
    """A day of learning by doing, in four parts of London."""
    return {
        "kind": "campaign_and_train",
        "title": "London campaign and train day",
        "description": (
            "An hour of practice first, then out together: how to open a conversation, how to"
            " listen, how to note down what matters to people.\n\n"
            "We meet in Kensington, Wandsworth, Havering and Richmond. Choose the place that is"
            " easiest to reach; all four do the same, morning and afternoon."
        ),
        "shifts": list(shifts(LONDON, day)),
    }


def english_class(first: date) -> dict[str, Any]:
    """A class every Wednesday evening."""
    return {
        "kind": "community_project",
        "title": "English conversation class",
        "description": (
            "Free lessons for everyone who wants to speak more English. Helpers and learners sign"
            " up here, for one evening or for all.\n\n"
            "Tea is at half past six, the lesson ends at eight. Children are welcome; there is a"
            " corner with toys."
        ),
        "shifts": list(shifts(CLASSROOM, *weekly(first, 6))),
    }


def jobs_club(first: date) -> dict[str, Any]:
    """A club every Thursday morning, with room for everyone."""
    return {
        "kind": "community_project",
        "title": "Jobs club",
        "description": (
            "Write an application, practise an interview, or help somebody else with theirs."
            " There are computers, a printer and people who know how it is done.\n\n"
            "Come when you like between ten and half past twelve."
        ),
        "shifts": list(shifts(JOBS_TABLE, *weekly(first, 4))),
    }
