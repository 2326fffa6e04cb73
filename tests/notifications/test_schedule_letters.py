"""What the mails to subscribers say, each of their kinds, and that no word of others bends them."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from services.notifications.mail.composing import compose
from services.notifications.mail.letters import Letter
from services.notifications.mail.schedule import Item, Line, Schedule
from services.notifications.models import Group, Notice
from services.notifications.rules import kinds

from .making import NOW, STARTS, make_settings
from .test_mail import NUMBER, parts_of

TOKEN = "b9Fvw0r3Zq6n2XHk8sT1uYcD"
BAD = "Day\r\nBcc: everybody@list.example <b>bold</b>"


def line(**facts: Any) -> Line:
    at = {"starts_at": STARTS, "ends_at": STARTS + timedelta(hours=2), "zone": "Europe/London"}
    return Line(**at | {"where": "Market Square", "distance": "3 miles", "is_full": False} | facts)


def item(title: str = "Winter action day", **facts: Any) -> Item:
    usual = {"kind": "Action day", "group": "Friends of Elmbridge", "lines": [line()]}
    return Item(event_id=3, title=title, **usual | facts)


def schedule(**parts: Any) -> Schedule:
    usual = {"changed": [], "new": [item()], "coming": [], "more": 0, "is_first": False}
    return Schedule(**usual | {"where": "within 10 miles of LN2 1AB"} | parts)


def letter_to_subscriber(
    kind: str = "schedule", said: Schedule | None = None, **differs: Any
) -> Letter:
    """Return a letter of one of the kinds that subscribers get."""
    confirm = kind == "schedule_confirm"
    links = {"confirm": f"/mail/schedule/confirm/{TOKEN}"}
    if not confirm:
        links = {"search": "/?postcode=LN2", "preferences": f"/mail/preferences/{TOKEN}"}
        links["unsubscribe"] = f"/mail/unsubscribe/{TOKEN}"
    parts: dict[str, Any] = {
        "notice": Notice(id=1, kind=kind, message_id=NUMBER, calendar_sequence=0, details={}),
        "written_at": NOW,
        "recipient": "ada@posts.example",
        "first_name": "" if confirm else "Ada",
        "group": None,
        "schedule": None if confirm else said or schedule(),
        "links": links,
        "said": {"where": "within 10 miles of LN2 1AB", "weekday": "Thursday", "hour": 17}
        | {"opening": "Please confirm", "has": "", "ticked": "", "by_tick": False},
    }
    return Letter(**parts | differs)


def write(kind: str = "schedule", said: Schedule | None = None, **differs: Any) -> EmailMessage:
    """Compose a mail to a subscriber and read it back as their program does."""
    mail = compose(letter_to_subscriber(kind, said, **differs), make_settings())
    message = message_from_bytes(mail.body, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("kind", kinds.SUBSCRIBER_KINDS)
def test_every_kind_says_the_same_in_text_and_html_with_one_way_on(kind: str) -> None:
    message = write(kind)

    parts = parts_of(message)
    assert list(parts) == ["text/plain", "text/html"]
    for part in parts.values():
        assert "within 10 miles of LN2 1AB" in part
        assert "https://muster.example/" in part
        assert "because" in part
    assert parts["text/html"].count('class="button"') == 1
    assert "{{" not in parts["text/html"]
    assert message["From"] == "Muster <noreply@muster.example>"
    assert message["Reply-To"] is None
    assert not message.defects


def test_all_three_parts_stand_in_order() -> None:
    off = item("Sold out", what="cancelled")
    moved = item("Moved on", what="moved", before=line(where="Station"))
    again = item("Room again", what="reopened")
    said = schedule(
        changed=[off, moved, again],
        new=[item("Brand new", lines=[line(is_full=True)], others=2)],
        coming=[item("Still there")],
        more=7,
    )

    for part in parts_of(write(said=said)).values():
        words = ("Sold out", "Moved on", "Room again", "Brand new", "Still there", "7 more")
        places = [part.index(word, part.index("Hello")) for word in words]
        assert places == sorted(places)
        assert "Station" in part
        assert "full at the moment" in part
        assert "and 2 more times" in part
        assert "It was full, and has places again." in part


def test_an_empty_line_stands_before_each_part_of_the_text() -> None:
    said = schedule(changed=[item(what="cancelled")], coming=[item()], more=2)

    text = "\n".join(parts_of(write(said=said))["text/plain"].splitlines())

    for part in ("CHANGED", "NEW", "STILL COMING UP", "And 2 more on our site.", "See all"):
        assert f"\n\n{part}" in text


@pytest.mark.parametrize("what", ["cancelled", "moved", "reopened"])
def test_of_many_changes_of_an_event_it_says_how_many_more_there_are(what: str) -> None:
    changed = [item(what=what, before=line(where="Station"), others=others) for others in (0, 27)]

    for part in parts_of(write(said=schedule(changed=changed))).values():
        assert part.count("and 27 more times") == 1


def test_the_subject_names_the_first_and_counts_the_rest() -> None:
    other = Item(**vars(item("Garden day")) | {"event_id": 4})

    assert write()["Subject"] == "Coming up: Winter action day"
    said = schedule(new=[item(), other], more=3)
    assert write(said=said)["Subject"] == "Coming up: Winter action day and 4 more"


def test_the_subject_says_when_there_is_nothing_but_changes() -> None:
    moved = Item(**vars(item("Garden day", what="moved", before=line())) | {"event_id": 4})

    assert write(said=schedule(changed=[moved], new=[]))["Subject"] == "Changed: Garden day"
    both = write(said=schedule(changed=[moved]))
    assert both["Subject"] == "Coming up: Winter action day and 1 more"


def test_a_group_signs_what_is_only_about_its_events() -> None:
    group = Group(
        id=1,
        name="Friends of Elmbridge",
        contact_name="Morwenna Trask",
        contact_email="morwenna@elmbridge.example",
        reply_email="",
        imprint="1 Mill Lane",
        privacy_url="https://elmbridge.example/privacy",
    )

    message = write(group=group)

    assert message["From"] == "Friends of Elmbridge <noreply@muster.example>"
    assert message["Reply-To"] == "Morwenna Trask <morwenna@elmbridge.example>"
    for part in parts_of(message).values():
        assert "1 Mill Lane" in part
        assert "https://elmbridge.example/privacy" in part


def test_no_word_of_others_bends_it() -> None:
    bad = item(BAD, group=BAD, lines=[line(where=BAD)])

    message = write(said=schedule(new=[bad]), first_name=BAD)

    assert message["Bcc"] is None
    assert "everybody@list.example" in message["Subject"]
    assert "<b>bold</b>" not in parts_of(message)["text/html"]


def test_who_has_it_already_is_led_to_their_choices() -> None:
    links = {"preferences": f"/mail/preferences/{TOKEN}"}

    for part in parts_of(write("schedule_confirm", links=links, first_name="Ada")).values():
        assert "Nothing has changed" in part
        assert f"https://muster.example/mail/preferences/{TOKEN}" in part
        assert "forgotten" not in part
