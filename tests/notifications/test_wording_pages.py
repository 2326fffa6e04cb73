"""The pages on which a group changes what its mails say and how they look."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from services.notifications import sender
from services.notifications.app import create_app
from services.notifications.models import GroupWording
from services.notifications.rules.colours import STANDARD as STANDARD_COLOUR
from services.notifications.rules.standard_words import STANDARD
from shared.database import Database
from tests.apps import app_on
from tests.entering import signed_in

from .making import NOW, make_group, make_settings, placed, published, receive, waitlisted
from .making import make_event as make_event_facts
from .reading import kept_in

MAILS = "/organise/notices/groups/1/mails"
LOOK = "/organise/notices/groups/1/look"
CONFIRMATION = f"{MAILS}/confirmation"
OWN = {"subject": "See you, {first_name}", "words": "Dear {first_name},\n\nbring cake to {place}."}


def as_role(db: Database, role: str = "organiser", *, group_id: int = 1) -> FlaskClient:
    """Return the browser of somebody with a role in a group."""
    app = app_on(create_app, make_settings(public_url="http://127.0.0.1"), db)
    return signed_in(app, db, (group_id, role), name=f"Some {role}")


def fill_mailbox(db: Database) -> Any:
    """Send what is due; return the newest mail."""
    sender.fill_mailbox(db, make_settings())
    return kept_in(db)[0]


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def saved(browser: FlaskClient, **typed: str) -> None:
    answer = browser.post(CONFIRMATION, data=OWN | typed)
    assert answer.status_code == 303, answer.text


def test_the_list_names_every_kind_and_which_are_changed(db: Database) -> None:
    browser = as_role(db)
    saved(browser)

    page = browser.get(MAILS).text

    assert page.count('class="line"') == len(STANDARD)
    assert page.count("Your own words") == 1
    assert "Some organiser" in page


def test_own_words_are_mailed_from_then_on(db: Database) -> None:
    saved(as_role(db))
    receive(db, placed())

    mail = fill_mailbox(db)

    assert mail.kept.subject == "See you, Ada"
    assert "Dear Ada,\n\nbring cake to Market Square." in mail.text.replace("\r\n", "\n")
    assert "bring cake to Market Square." in mail.html
    assert "thank you for signing up" not in mail.text


def test_other_kinds_and_other_groups_keep_the_standard_words(db: Database) -> None:
    saved(as_role(db))
    other = make_event_facts(id=30, group=make_group(id=2, name="Fosse Neighbours"))
    receive(db, waitlisted())
    assert "cake" not in fill_mailbox(db).text

    receive(db, published(other))
    page = as_role(db, group_id=2).get("/organise/notices/groups/2/mails/confirmation").text

    assert "cake" not in page


def test_a_preview_shows_the_mail_and_stores_nothing(db: Database) -> None:
    page = as_role(db).post(f"{CONFIRMATION}/preview", data=OWN)

    assert page.status_code == 200
    assert "bring cake to Market Square." in html.unescape(page.text)
    assert "Only a preview" in page.text
    assert "all facts in it are made up" in page.text
    assert "style-src 'self' 'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    with db.reading() as session:
        assert session.scalars(select(GroupWording)).all() == []


@pytest.mark.parametrize("kind", STANDARD)
def test_every_kind_can_be_previewed_about_made_up_and_real_sign_ups(
    db: Database, kind: str
) -> None:
    browser = as_role(db, "viewer")
    made_up = browser.get(f"{MAILS}/{kind}")
    receive(db, placed())
    real = browser.get(f"{MAILS}/{kind}")

    assert (made_up.status_code, real.status_code) == (200, 200)
    assert "About a real sign-up of this group, for Winter action day" in real.text
    assert "ada@posts.example" not in real.text
    assert "Hello Ada" not in real.text
    assert "Hello Robin" in real.text


def test_a_preview_leaves_real_events_as_they_are(db: Database) -> None:
    receive(db, placed())
    as_role(db).post(f"{MAILS}/closed/preview", data=OWN)

    receive(db, placed(id=10))

    assert "Winter action day" in fill_mailbox(db).text


@pytest.mark.parametrize("where", ["", "/preview"])
def test_an_unknown_placeholder_is_refused_beside_its_field(db: Database, where: str) -> None:
    typed = {"subject": "Hi {first_name}", "words": "Dear {first_name},\n\nHello {nobody}"}

    answer = as_role(db).post(f"{CONFIRMATION}{where}", data=typed)

    assert answer.status_code == 400
    assert "Line 3: There is no {nobody} in this mail. You can use {soon}" in answer.text
    assert 'id="field-words-error"' in answer.text
    assert "Hello {nobody}</textarea>" in answer.text


def test_each_empty_field_says_which_it_is_and_promises_no_button(db: Database) -> None:
    page = as_role(db).post(CONFIRMATION, data={"subject": "", "words": ""}).text

    assert page.count("Write a subject") == page.count("Write what the mail says") == 2
    assert "go back to the standard words" not in page


def test_the_form_is_headed_by_whose_words_stand_in_it(db: Database) -> None:
    browser = as_role(db)
    standard = vars(STANDARD["confirmation"])
    standard = {name: text.replace("\n", "\r\n") for name, text in standard.items()}

    def heading(path: str = "/preview", **typed: str) -> str:
        answer = browser.post(f"{CONFIRMATION}{path}", data=typed)
        page = answer if answer.status_code != 303 else browser.get(answer.location)
        (found,) = re.findall("<legend>([^<]+)</legend>", page.text)
        return str(found)

    assert heading(**standard) == "The standard words"
    assert heading(**OWN) == "Your own words, not saved yet"
    assert heading("", **OWN | {"words": ""}) == "Your own words, not saved yet"
    assert heading("", **OWN) == heading(**OWN) == "Your own words"
    assert heading(**standard) == "The standard words"


def test_there_is_a_way_back_to_the_standard_and_to_what_was_before(db: Database) -> None:
    browser = as_role(db)
    saved(browser)
    saved(browser, words="Second words")
    browser.post(f"{CONFIRMATION}/standard")
    page = browser.get(CONFIRMATION).text

    assert "The standard words" in page
    first, second = (page.index(words) for words in ("Second words", "bring cake to {place}."))
    assert first < second, "latest first"
    numbers = re.findall(r'name="wording_id" value="(\d+)"', page)
    browser.post(f"{CONFIRMATION}/again", data={"wording_id": numbers[1]})
    receive(db, placed())
    assert "bring cake" in fill_mailbox(db).text


def test_words_of_another_kind_or_group_cannot_be_used_again(db: Database) -> None:
    browser = as_role(db)
    saved(browser)
    browser.post(f"{CONFIRMATION}/standard")
    receive(db, published(make_event_facts(id=30, group=make_group(id=2))))

    for path in (f"{MAILS}/waiting/again", "/organise/notices/groups/2/mails/confirmation/again"):
        asker = as_role(db, group_id=2) if "groups/2" in path else browser
        assert asker.post(path, data={"wording_id": "1"}).status_code == 404
    assert browser.post(f"{CONFIRMATION}/again", data={}).status_code == 400


def test_at_most_twenty_earlier_wordings_are_kept(db: Database) -> None:
    browser = as_role(db)
    for number in range(25):
        saved(browser, words=f"Words {number}")

    with db.reading() as session:
        kept = session.scalars(select(GroupWording).order_by(GroupWording.id)).all()
        assert len(kept) == 21
        assert [wording.words for wording in kept if wording.replaced_at is None] == ["Words 24"]


def test_who_saves_second_sees_what_the_first_one_changed(db: Database) -> None:
    one, two = as_role(db), as_role(db, "owner")
    seen = seen_on(two.get(CONFIRMATION).text)
    saved(one)

    clash = two.post(CONFIRMATION, data=OWN | {"words": "Mine", "seen": seen})
    untouched = {"words": STANDARD["confirmation"].words}
    combined = two.post(CONFIRMATION, data={"subject": "Mine", "seen": seen} | untouched)

    assert clash.status_code == 400
    assert "They wrote:" in clash.text
    assert "bring cake to {place}." in clash.text
    assert combined.status_code == 400, "both changed the subject"


def test_what_only_one_of_two_changed_is_combined(db: Database) -> None:
    one, two = as_role(db), as_role(db, "owner")
    seen = seen_on(two.get(CONFIRMATION).text)
    one.post(CONFIRMATION, data={"subject": "Theirs", "words": STANDARD["confirmation"].words})

    answer = two.post(
        CONFIRMATION,
        data={"subject": STANDARD["confirmation"].subject, "words": "Mine", "seen": seen},
    )

    assert answer.status_code == 303
    page = two.get(CONFIRMATION).text
    assert 'value="Theirs"' in page
    assert ">Mine</textarea>" in page


def test_the_standard_words_typed_again_are_the_standard(db: Database) -> None:
    browser = as_role(db)
    saved(browser)
    standard = STANDARD["confirmation"]
    saved(browser, subject=standard.subject, words=standard.words)

    assert "Your own words" not in browser.get(MAILS).text


def test_viewers_look_and_change_nothing(db: Database) -> None:
    browser = as_role(db, "viewer")
    page = browser.get(CONFIRMATION)

    assert page.status_code == 200
    assert 'fieldset class="form-part" disabled' in page.text
    for path in (CONFIRMATION, f"{CONFIRMATION}/preview", f"{CONFIRMATION}/standard"):
        assert browser.post(path, data=OWN).status_code == 403
    assert browser.post(LOOK, data={"colour": "#000000"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        *(f"{MAILS}/links", f"{MAILS}/sign_in", "/organise/notices/groups/77/mails"),
        "/organise/notices/groups/99999999999999999999/mails",
    ],
)
def test_what_is_not_there_is_404(db: Database, path: str) -> None:
    assert as_role(db, "owner").get(path).status_code == 404


@pytest.mark.parametrize("path", [MAILS, LOOK, CONFIRMATION])
def test_what_is_another_groups_is_404(db: Database, path: str) -> None:
    assert as_role(db, "owner", group_id=2).get(path).status_code == 404


def test_a_colour_is_in_every_mail_of_the_group(db: Database) -> None:
    browser = as_role(db)
    answer = browser.post(LOOK, data={"colour": "#0B5D3B"})
    receive(db, placed())

    assert answer.status_code == 303
    assert "#0b5d3b" in fill_mailbox(db).html
    assert "#0b5d3b" in browser.get(LOOK).text


def test_the_standard_colour_can_be_had_again(db: Database) -> None:
    browser = as_role(db)
    browser.post(LOOK, data={"colour": "#0b5d3b"})
    browser.post(LOOK, data={"colour": STANDARD_COLOUR})
    receive(db, placed())

    assert "#0b5d3b" not in fill_mailbox(db).html


def test_the_nearest_colour_and_the_standard_one_are_a_button_away(db: Database) -> None:
    browser = as_role(db)
    light = browser.post(LOOK, data={"colour": "#F0B45F"}).text
    assert 'name="colour" value="#a2650f"><button class="btn btn-secondary">Use #a2650f<' in light
    assert "Back to the standard colour" not in light, "it is the standard one"

    browser.post(LOOK, data={"colour": "#a2650f"})
    own = browser.get(LOOK).text
    assert f'value="{STANDARD_COLOUR}"><button class="btn btn-secondary">Back to the' in own
    assert "Use #" not in own
    assert "Back to the standard colour" not in as_role(db, "viewer").get(LOOK).text


@pytest.mark.parametrize(
    "colour, said",
    [
        ("#f0b45f", "The nearest that is dark enough is #a2650f."),
        ("brown", "Enter a colour as # and six digits"),
        ("#12345", "Enter a colour as # and six digits"),
        ("#12<b>5", "Enter a colour as # and six digits"),
        ("", "Choose a colour"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused(db: Database, colour: str, said: str) -> None:
    answer = as_role(db).post(LOOK, data={"colour": colour})

    assert answer.status_code == 400
    assert said in answer.text
    assert ("Use #a2650f" in answer.text) == (colour == "#f0b45f")


def test_a_mail_that_is_planned_already_gets_the_words_of_its_hour(db: Database) -> None:
    receive(db, placed(), now=NOW)
    saved(as_role(db))

    assert "bring cake" in fill_mailbox(db).text
