"""Who has to prove an address is asked by mail, before they have a place and afterwards."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from shared import messages
from shared.database import Database

from . import making
from .driving import work_off
from .post_office import open_post_office

UNTIL = making.STARTS - timedelta(hours=1)


def held(**signup: object) -> messages.SignupHeld:
    facts = making.make_signup(**signup)
    return messages.SignupHeld(signup=facts, person=making.make_person(), until=UNTIL)


def mails_after(db: Database, *told: messages.Message) -> list[EmailMessage]:
    """Let the service hear all of it, and return what was sent then to the person."""
    making.receive(db, making.published(), *told)
    with open_post_office() as office:
        work_off(db, office)
    return [mail for mail in office.mails() if "Please confirm" in mail["Subject"]]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return " ".join(str(part.get_content()).split())


def test_held_places_are_given_for_a_button(db: Database) -> None:
    (mail,) = mails_after(db, held(state="pending", party=2))

    assert "places for 2 people are held for you until" in text_of(mail)


@pytest.mark.parametrize(
    "state, party, kept",
    [
        ("placed", 1, "your place is kept for you"),
        ("placed", 3, "your places are kept for you"),
        ("waiting", 3, "your spot in the line is kept for you"),
    ],
)
def test_who_came_with_very_many_is_asked_and_keeps_what_they_have_until_then(
    db: Database, state: str, party: int, kept: str
) -> None:
    (mail,) = mails_after(db, held(state=state, party=party))

    assert "very many people signed up at once" in text_of(mail)
    assert kept in text_of(mail)
    page = mail.get_body(("html",))
    assert page
    assert kept in page.get_content()


def test_who_has_left_meanwhile_is_not_asked(db: Database) -> None:
    later = making.make_signup().revision + 1

    assert mails_after(db, held(state="placed"), making.cancelled(revision=later)) == []
