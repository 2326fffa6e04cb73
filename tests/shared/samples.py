"""Real objects for the arguments of guarded routes, by which the matrix of access asks for each.

A route with a new argument needs one line in the table of its service: the name of the argument,
and the id of something that belongs to the group OWN. Where a route means something else by the
name, a line in EXCEPTIONS says so, by its endpoint.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from services.events import models
from services.events.rules import IMPORT_STATES, JOIN_STATES
from services.notifications.models import Enquiry, Newcomer, Notice
from services.notifications.operations import mailings
from services.signups.models import PeopleImport
from shared.database import Database
from shared.tables import TOKENS
from tests.events import making
from tests.notifications import making as told
from tests.signups import making as signing_up

OWN, FOREIGN, THIRD = 1, 2, 3
"""The groups of the matrix."""

Samples = dict[str, Any]


def events_samples(db: Database, organisers: dict[str, int]) -> Samples:
    """Make three groups with everything that a group can have."""
    with db.writing() as session:
        now = db.now(session)
        for number, name in ((OWN, "Own"), (FOREIGN, "Foreign"), (THIRD, "Third")):
            assert making.make_group(session, name=name, now=now).id == number
        mine, theirs, together = (
            making.make_event(session, group_id=group, now=making.NOW)
            for group in (OWN, FOREIGN, FOREIGN)
        )
        part = making.make_group(session, name="Part", now=now)
        part.parent_id = OWN
        for whose, group, state in (
            (mine, THIRD, "asked"),
            (theirs, OWN, "asked"),
            (together, OWN, "accepted"),
        ):
            row = models.CoHost(event_id=whose.id, group_id=group, state=state, asked_at=now)
            session.add(row)
        add_organisers(session, organisers, now=now)
        session.add(
            models.SignedInSession(
                id=SESSION,
                organiser_id=organisers["owner of own"],
                browser="Firefox",
                created_at=now,
                expires_at=now.replace(year=now.year + 1),
            )
        )
        series = models.Series(group_id=OWN, rule="FREQ=WEEKLY;COUNT=4", first_day=FIRST_DAY)
        rest = [series, *planned(now), join_request(now), models.Election(**ELECTION)]
        session.add_all(rest)
        session.flush()
        mine.series_id, mine.series_day = series.id, series.first_day
        samples: Samples = {
            "group_id": OWN,
            "event_id": mine.id,
            "shift_id": mine.shifts[0].id,
            "part_id": part.id,
            "series_id": series.id,
            "campaign_id": rest[1].id,
            "import_id": rest[2].id,
            "request_id": rest[3].id,
            "election_id": ELECTION["id"],
            "organiser_id": organisers["viewer of own"],
            "session_id": SESSION,
            "asked_by": theirs.id,
            "held_with": together.id,
            "administrator_id": organisers["administrator"],
        }
    return samples


FIRST_DAY = date(2026, 12, 5)
SESSION = uuid.UUID("22222222-2222-4222-8222-222222222222")
ELECTION: dict[str, Any] = {
    "id": "parl.lincoln.2029-05-03",
    "title": "Lincoln",
    "day": date(2029, 5, 3),
}


def planned(now: datetime) -> tuple[models.Campaign, models.Import]:
    """Return a campaign and an import of the group OWN."""
    campaign = models.Campaign(
        **{"group_id": OWN, "revision": 1, "status": "draft", "name": "Spring", "about": ""},
        **{"goal_kind": "signups", "goal": 10},
        **{"starts_on": date(2027, 1, 1), "ends_on": date(2027, 2, 1)},
    )
    brought = models.Import(
        **{"group_id": OWN, "actor": "Robin", "file_name": "events.csv", "content": ""},
        **{"state": IMPORT_STATES[0], "notes": [], "created_at": now},
    )
    return campaign, brought


def join_request(now: datetime) -> models.JoinRequest:
    """Return a group that asks to join."""
    words = ("name", "area", "about", "contact_name", "privacy_url", "imprint")
    return models.JoinRequest(
        **dict.fromkeys(words, "Hill"),
        state=JOIN_STATES[0],
        contact_email="kim@hill.example",
        asked_at=now,
    )


def add_organisers(session: Session, organisers: dict[str, int], *, now: datetime) -> None:
    """Write down everybody who signs in."""
    for name, number in organisers.items():
        email = f"organiser{number}@fosse.example"
        session.add(models.Organiser(id=number, name=name, email=email, created_at=now))
    session.flush()


def signups_samples(db: Database, _organisers: dict[str, int]) -> Samples:
    """Let the service hear of the groups, and of an event of OWN that somebody signed up for."""
    db.info["settings"] = signing_up.make_settings(db.url)
    with db.writing() as session:
        now = db.now(session)
        for number in (FOREIGN, THIRD, OWN):
            group = signing_up.group_facts(id=number)
            shift = signing_up.shift_facts(id=number, starts_at=now + timedelta(days=9))
            signing_up.make_event(session, shift, id=number, group=group, now=now)
        signing_up.sign_up(session, OWN, now=now)
        signup = signing_up.signup_of(session, OWN, "Ada Example")
        return {
            "group_id": OWN,
            "event_id": OWN,
            "shift_id": OWN,
            "signup_id": told.placed().signup.id,
            "person_id": signup.person_id,
            "people_import_id": make_people_import(session, now=now),
        }


def make_people_import(session: Session, *, now: datetime) -> int:
    """Upload a list of people for the group OWN."""
    row = {"group_id": OWN, "file_name": "list.csv", "body": "name,email\nAda,ada@mail.example"}
    found = PeopleImport(**row, by="Robin", at=now, made={})
    session.add(found)
    session.flush()
    return found.id


def notifications_samples(db: Database, _organisers: dict[str, int]) -> Samples:
    """Keep a confirmation of a sign-up for an event of the group OWN."""
    told.receive(db, told.published(), replace(told.placed(), first=True))
    with db.writing() as session:
        told_once = select(Notice.id).where(Notice.kind == "confirmation")
        draft = {"subject": "Hello", "words": "You", "audience": "coming", "purpose": "practical"}
        mailing = mailings.create_mailing(
            session, told.make_event().id, draft, by="Robin", now=told.NOW
        )
        return {
            "notice_id": session.scalars(told_once).one(),
            "signup_id": session.scalars(
                select(Notice.signup_id).where(Notice.kind == "confirmation")
            ).one(),
            "kind": "confirmation",
            "group_id": OWN,
            "event_id": mailing.event_id,
            "mailing_id": mailing.id,
            "enquiry_id": ask(session),
            "newcomer_id": session.scalars(select(Newcomer.id)).one(),
        }


def ask(session: Session) -> int:
    """Ask the group OWN something."""
    words = {"name": "Zed", "email": "zed@posts.example", "words": "May I come?"}
    rest = {"nonce": "1", "state": "open", "suspicion": "", "done_by": ""}
    asked = Enquiry(group_id=OWN, asked_at=told.NOW, **words, **rest)
    session.add(asked)
    session.flush()
    return asked.id


SAMPLES: dict[str, Callable[[Database, dict[str, int]], Samples]] = {
    "events": events_samples,
    "signups": signups_samples,
    "notifications": notifications_samples,
}

EXCEPTIONS: dict[str, dict[str, str]] = {
    # These are for the group that was asked, and the event is another group's.
    "console_co_hosts.accept_co_host": {"event_id": "asked_by"},
    "console_co_hosts.decline_co_host": {"event_id": "asked_by"},
    "console_co_hosts.leave_event": {"event_id": "held_with"},
    "console_co_hosts.withdraw_co_host": {"group_id": "third"},
    "console_tokens.revoke_network_token": {"token_id": "network_token_id"},
    "console_access.remove_administrator": {"organiser_id": "administrator_id"},
}


FIELDS: dict[str, dict[str, str]] = {
    "console_events.create_event": {"kind": "action_day"},
}
"""Fields without which a form is not looked at."""


class NoSample(Exception):
    """A route has an argument that the matrix has no sample of."""


def arguments_of(rule: Rule, samples: Samples) -> dict[str, Any]:
    """Return what to put into a route's arguments."""
    given: dict[str, Any] = {}
    for name in rule.arguments:
        sample = EXCEPTIONS.get(rule.endpoint, {}).get(name, name)
        if sample not in samples:
            raise NoSample(
                f"{rule.rule} has the argument {name!r}, of which the matrix of access has no"
                " sample: add the id of one that is the group OWN's to tests/shared/samples.py."
            )
        given[name] = samples[sample]
    return given


def token_ids(db: Database) -> Samples:
    """Return a token of the group OWN, and one of the network."""
    with db.reading() as session:
        of = {row.group_id: row.id for row in session.execute(select(TOKENS))}
    return {"token_id": of[OWN], "network_token_id": of[0], "third": THIRD}
