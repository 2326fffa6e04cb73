"""Facts and messages that are valid by default, for the tests of notifications."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.config import Settings
from services.notifications.handlers import HANDLERS
from shared import messages
from shared.database import Database
from shared.messages import EventFacts, GroupFacts, Message, Person, ShiftFacts, SignupFacts
from tests.entering import SESSION_PUBLIC_KEY

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STARTS = datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
TODAY = NOW + timedelta(days=9)
"""What the clock of a test's database shows at first, on whatever day the test runs."""


def make_settings(**differences: Any) -> Settings:
    """Return settings of an installation without a mail server."""
    values: dict[str, Any] = {
        "database_url": "sqlite://",
        "session_public_key": SESSION_PUBLIC_KEY,
        "address_key": "a" * 40,
        "public_url": "https://muster.example",
        "change_notice_wait": 0,
        "smtp_timeout": 2.0,
    }
    return Settings(**values | differences)


def make_group(**differences: Any) -> GroupFacts:
    """Return a group whose contact does not ask for notices of sign-ups."""
    group = GroupFacts(
        id=1,
        revision=1,
        name="Friends of Elmbridge",
        contact_name="Morwenna Trask",
        contact_email="morwenna@elmbridge.example",
        privacy_url="https://elmbridge.example/privacy",
        imprint="Friends of Elmbridge, 1 Mill Lane, Elmbridge",
        signup_notices="off",
    )
    return replace(group, **differences)


def make_shift(**differences: Any) -> ShiftFacts:
    """Return a shift two weeks after NOW."""
    shift = ShiftFacts(
        id=5,
        revision=1,
        place="Market Square",
        address="By the clock tower",
        postcode="LN2 1AB",
        constituency="Lincoln",
        starts_at=STARTS,
        ends_at=STARTS + timedelta(hours=2),
        zone="Europe/London",
        capacity=10,
        closes_at=STARTS,
        cancelled=False,
    )
    return replace(shift, **differences)


def make_event(*shifts: ShiftFacts, **differences: Any) -> EventFacts:
    """Return a published event that reminds nobody, with one shift unless others are given."""
    event = EventFacts(
        id=3,
        revision=1,
        status="published",
        kind="action_day",
        title="Winter action day",
        description="Out and about.",
        contact_name="Tobias Quill",
        contact_email="tobias@elmbridge.example",
        group=make_group(),
        shifts=shifts or (make_shift(),),
        reminders=(),
    )
    return replace(event, **differences)


def make_signup(**differences: Any) -> SignupFacts:
    """Return a sign-up that has a place."""
    signup = SignupFacts(
        id=9, revision=1, event_id=3, shift_id=5, shift_revision=1, state="placed", party=1
    )
    return replace(signup, **differences)


def make_person(**differences: Any) -> Person:
    """Return somebody who signed up."""
    person = Person(
        first_name="Ada", email="ada@posts.example", link="https://muster.example/my/abc"
    )
    return replace(person, **differences)


def placed(**differences: Any) -> messages.SignupPlaced:
    """Return the message that somebody has a place at once."""
    return messages.SignupPlaced(signup=make_signup(**differences), person=make_person())


def waitlisted(*, ahead: int = 2, **differences: Any) -> messages.SignupWaitlisted:
    """Return the message that somebody is on the waiting list."""
    signup = make_signup(**{"state": "waiting"} | differences)
    return messages.SignupWaitlisted(signup=signup, person=make_person(), ahead=ahead)


def promoted(**differences: Any) -> messages.SignupPromoted:
    """Return the message that a place came free for somebody."""
    return messages.SignupPromoted(
        signup=make_signup(**{"revision": 2} | differences), person=make_person()
    )


def repeated(**differences: Any) -> messages.SignupRepeated:
    """Return the message that somebody signed up again."""
    return messages.SignupRepeated(signup=make_signup(**differences), person=make_person())


def cancelled(**differences: Any) -> messages.SignupCancelled:
    """Return the message that somebody cancelled."""
    signup = make_signup(**{"state": "cancelled", "revision": 3} | differences)
    return messages.SignupCancelled(signup=signup, person=make_person())


def moved(before: ShiftFacts | None = None, **differences: Any) -> messages.SignupMoved:
    """Return the message that a shift was `before`, and is no longer."""
    was = before or make_shift(place="Station Forecourt")
    return messages.SignupMoved(
        signup=make_signup(**{"revision": 2} | differences),
        person=make_person(),
        before=messages.ShiftBefore(
            place=was.place,
            address=was.address,
            postcode=was.postcode,
            starts_at=was.starts_at,
            ends_at=was.ends_at,
        ),
    )


def closed(*, state_before: str = "placed", **differences: Any) -> messages.SignupClosed:
    """Return the message that a sign-up ended with its event."""
    signup = make_signup(**{"state": "closed", "revision": 4} | differences)
    return messages.SignupClosed(
        signup=signup, person=make_person(), state_before=state_before, reason="Snow is forecast."
    )


def link_requested(**differences: Any) -> messages.LinkRequested:
    """Return the message that somebody asked for the link to a place."""
    link = messages.LostLink(
        event_id=3, shift_id=5, state="placed", link="https://muster.example/my/lost"
    )
    seeker = messages.LinkSeeker(first_name="Ada", email="ada@posts.example", links=(link,))
    facts = {"request_id": "6b1f2a52-3f3a-4a4b-9d3f-1f6f3d0f7a11", "person": seeker}
    return messages.LinkRequested(**facts | differences)


def published(event: EventFacts | None = None) -> messages.EventPublished:
    """Return the message that an event is before the public."""
    return messages.EventPublished(event=event or make_event())


def receive(db: Database, *received: Message, now: datetime = NOW) -> None:
    """Let the handlers do their work, one message after the other."""
    for message in received:
        with db.writing() as session:
            HANDLERS[type(message)](session, message, now)
