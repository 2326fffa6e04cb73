"""Who has two places at the same time is told so, with the way to change either."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from shared import messages
from shared.database import Database

from . import making
from .driving import work_off
from .post_office import open_post_office

OTHER = "https://muster.example/my/other"
LEAFLETS = "At the same time you have a place elsewhere: Leaflets"


def tell(db: Database, **other: Any) -> EmailMessage:
    """Let somebody who has a place elsewhere get one here; return the newest mail."""
    hours = other.pop("hours", 1)
    starts = making.STARTS + timedelta(hours=hours)
    there = making.make_shift(
        id=6, starts_at=starts, ends_at=starts + timedelta(hours=2), place="Guildhall"
    )
    person = making.make_person(link=OTHER, **other.pop("person", {}))
    facts = making.make_signup(id=8, event_id=4, shift_id=6, **other)
    second = messages.SignupPlaced(signup=facts, person=person)
    event = making.make_event(there, id=4, title="Leaflets")
    making.receive(db, making.published(), making.published(event), second, making.placed())
    with open_post_office() as office:
        work_off(db, office)
    (mail,) = (mail for mail in office.mails() if "Winter action day" in mail["Subject"])
    return mail


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


def test_a_place_at_the_same_time_is_told_with_its_own_link(db: Database) -> None:
    mail = tell(db)
    assert LEAFLETS in text_of(mail)
    assert OTHER in text_of(mail)
    page = mail.get_body(("html",))
    assert page
    assert f'href="{OTHER}"' in page.get_content()


@pytest.mark.parametrize(
    "other",
    [
        {"hours": 2},
        {"hours": -2},
        {"person": {"first_name": "Ben"}},
        {"person": {"email": "ben@posts.example"}},
    ],
    ids=["just after", "just before", "somebody else of one address", "another address"],
)
def test_what_does_not_overlap_is_not_told(db: Database, other: dict[str, Any]) -> None:
    assert "elsewhere" not in text_of(tell(db, **other))


@pytest.mark.parametrize("person", [{"email": "Ada@POSTS.example"}, {"first_name": "ADA"}])
def test_somebody_typed_in_other_letters_is_the_same_person(
    db: Database, person: dict[str, str]
) -> None:
    assert LEAFLETS in text_of(tell(db, person=person))


def test_who_only_waits_elsewhere_is_told_nothing(db: Database) -> None:
    assert "elsewhere" not in text_of(tell(db, state="waiting"))
