"""What groups may write into their mails, what comes out of it, and what never does."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.mail.composing import TEMPLATES, compose
from services.notifications.mail.letters import Style
from services.notifications.mail.placeholders import VALUES
from services.notifications.rules import colours, kinds, names
from services.notifications.rules.occasions import OCCASIONS
from services.notifications.rules.standard_words import STANDARD, allowed_in
from services.notifications.rules.wordings import MEANINGS, fill, placeholders_in, problems_of
from services.notifications.schemas import WordingForm

from .making import make_settings
from .test_mail import make_letter, parts_of, read_back

EVIL = "x\r\nBcc: everyone@list.example\n\n<script>alert(1)</script>{{777*777}}{0.__class__}"
TOMORROW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
"""The day after letters of these tests are written."""

STATES = {kind: kinds.KINDS[kind].true_in[0] for kind in STANDARD}


def write_own(kind: str, words: str, *, subject: str = "Hi", **facts: object) -> EmailMessage:
    """Compose a mail in a group's own words and read it back."""
    letter = make_letter(kind, **{"state": STATES[kind], **facts})
    style = Style(subject=subject, words=words)
    return read_back(compose(replace(letter, style=style), make_settings()))


@pytest.mark.parametrize("kind", STANDARD)
def test_every_placeholder_of_every_kind_is_filled_in_text_html_and_subject(kind: str) -> None:
    for name in allowed_in(kind):
        words, subject = f"[[{{{name}}}]]", f"<<{{{name}}}>>"
        message = write_own(kind, words, subject=subject, starts_at=TOMORROW)
        parts = parts_of(message)
        html = re.sub(r"</?strong>", "", parts["text/html"])
        for said in (parts["text/plain"], html, str(message["Subject"])):
            (value,) = re.findall(r"(?:\[\[|<<)(.*?)(?:\]\]|>>)", said, re.DOTALL)
            assert value.strip(), (name, said)
            assert "{" not in value


def test_every_kind_says_when_it_is_sent() -> None:
    assert set(OCCASIONS) == set(kinds.KINDS)


def test_every_placeholder_has_a_meaning_and_a_value() -> None:
    used = {name for kind in STANDARD for name in allowed_in(kind)}

    assert used == set(MEANINGS) == set(VALUES)


@pytest.mark.parametrize("kind", STANDARD)
def test_the_standard_words_are_such_as_a_group_could_save(kind: str) -> None:
    standard = STANDARD[kind]
    typed = {"subject": standard.subject, "words": standard.words}

    assert WordingForm(kind).load(typed) == typed


@pytest.mark.parametrize("kind", STANDARD)
def test_own_words_say_the_same_in_text_and_html(kind: str) -> None:
    words = "Dear {first_name},\n\nsee https://elmbridge.example/day.\nUntil then!"
    parts = {
        name: part.replace("\r\n", "\n") for name, part in parts_of(write_own(kind, words)).items()
    }

    assert "Dear Ada,\n\nsee https://elmbridge.example/day.\nUntil then!" in parts["text/plain"]
    assert "Dear Ada,</p>" in parts["text/html"]
    assert 'href="https://elmbridge.example/day"' in parts["text/html"]
    assert "day</a>.<br>\nUntil then!</p>" in parts["text/html"]
    assert STANDARD[kind].words.split("\n\n")[1][:30] not in parts["text/plain"]


@pytest.mark.parametrize(
    "words, problem",
    [
        ("Hello {name},", "There is no {name} in this mail."),
        ("Hello\n\n{first_name} {ahead}", "Line 3: There is no {ahead} in this mail."),
        ("{0.__class__}", "There is no {0.__class__} in this mail."),
        ("{{ 7 * 7 }}", "There is no { 7 * 7 } in this mail."),
        ("one\ntwo {first_name", "Line 2: A brace is opened and not closed"),
        ("one\r\ntwo first_name}", "Line 2: A brace is closed and was not opened"),
        ("\n\n{title} {x}", "Line 3: There is no {x} in this mail."),
        ("{}", "There is no {} in this mail."),
        ("{First_name}", "There is no {First_name} in this mail."),
    ],
)
def test_what_is_wrong_with_braces_is_named_with_its_line(words: str, problem: str) -> None:
    errors = WordingForm("confirmation").validate({"subject": "Hi", "words": words})

    assert errors["words"][0].startswith(problem)
    assert "subject" not in errors


def test_the_sentence_about_an_unknown_placeholder_says_which_there_are() -> None:
    (problem,) = problems_of("{nobody}", allowed_in("waiting"))

    assert "{ahead}, {first_name}, {title}" in problem


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"subject": "Hi\r\nBcc: b@list.example", "words": "x"}, "subject"),
        ({"subject": "Hi\x00", "words": "x"}, "subject"),
        ({"subject": "Hi", "words": "\u202eevil"}, "words"),
        ({"subject": "Hi", "words": "x" * 4001}, "words"),
        ({"subject": "x" * 151, "words": "x"}, "subject"),
        ({"subject": "Hi", "words": "  \n "}, "words"),
        ({"subject": "{title", "words": "x"}, "subject"),
    ],
)
def test_words_that_bend_a_mail_are_refused(typed: dict[str, str], field: str) -> None:
    assert set(WordingForm("confirmation").validate(typed)) == {field}


@pytest.mark.parametrize("kind", STANDARD)
def test_no_value_bends_a_mail_in_own_words(kind: str) -> None:
    everything = "\n\n".join(f"{{{name}}}" for name in allowed_in(kind))
    facts = dict.fromkeys(("title", "group_name", "place", "first_name", "reason"), EVIL)
    message = write_own(kind, everything, subject=everything.replace("\n", " "), **facts)

    assert message["Bcc"] is None
    assert "<script>" not in parts_of(message)["text/html"]
    for part in (*parts_of(message).values(), str(message["Subject"])):
        assert "603729" not in part
        assert "class 'str'" not in part
    assert "\n" not in message["Subject"]


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_no_text_at_all_breaks_a_mail(words: str) -> None:
    message = write_own("confirmation", words or "x", subject=words or "x")

    assert not message.defects
    assert list(parts_of(message)) == ["text/plain", "text/html", "text/calendar"]


def test_html_that_a_group_writes_is_shown_and_not_obeyed() -> None:
    parts = parts_of(write_own("told", "<b>Come</b> & <img src=x onerror=alert(1)>"))

    assert "&lt;b&gt;Come&lt;/b&gt; &amp; &lt;img" in parts["text/html"]


def test_a_value_is_not_read_again() -> None:
    assert fill("{a} {b}", {"a": "{b}", "b": "x"}.__getitem__) == "{b} x"


def test_an_empty_value_takes_its_space_along() -> None:
    assert fill("Hello {name}, you", lambda _: "") == "Hello, you"
    assert fill("{name} and {name}.", lambda _: "") == " and."


def test_a_wording_from_before_is_mailed_without_what_is_no_longer_known() -> None:
    text = parts_of(write_own("told", "Hello {first_name} {nickname}."))["text/plain"]

    assert "Hello Ada." in text


@pytest.mark.parametrize("kind", STANDARD)
def test_the_standard_words_use_what_their_kind_has(kind: str) -> None:
    used = placeholders_in(STANDARD[kind].words) | placeholders_in(STANDARD[kind].subject)

    assert used <= set(allowed_in(kind))


LINKS = (
    *("Buy-pills.example", "www.pills", "http://pills", "HTTPS://pills", "a@b", "pills.example/x"),
    *("Ada http:pills", "pills。example", "pills．example", "ｗｗｗ.pills", "a/b", "a\\b"),
    *("xn--pill.xn--p1ai", "Ada (pills.example)", "mailto:ada", "пилюли.рф", "Ada pills.co.uk"),
)
PEOPLE = (
    *("Ada", "Ada Lovelace", "Dr. Ada", "St. John", "J. R. R.", "J.R.", "O’Brien-Núñez", "Zoë"),
    *("Ada Jr.", "محمد", "王小明", "Anne Marie", "Ada, Countess", "D'Arcy", "Wwwendy"),
)


@pytest.mark.parametrize("name", LINKS)
def test_a_name_that_carries_a_link_is_not_greeted(name: str) -> None:
    assert names.greeted(name) == ""
    assert "." not in names.harmless(name)


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_greeted_by_their_names(name: str) -> None:
    assert names.greeted(name) == names.harmless(name) == name


TO_PERSON = (*kinds.PERSON_KINDS, *kinds.ORGANISER_KINDS)


@pytest.mark.parametrize("kind", TO_PERSON)
@pytest.mark.parametrize("name", ["Buy-pills.example", "https://pills.example/now"])
def test_no_mail_echoes_a_name_that_carries_a_link(kind: str, name: str) -> None:
    letter = make_letter(kind, first_name=name)
    message = read_back(compose(letter, make_settings()))

    for said in (*parts_of(message).values(), str(message["Subject"])):
        assert "pills" not in said
    greeting = "Good to have you\r\n" if kind == "welcome" else "Hello,"
    assert greeting in parts_of(message)["text/plain"]


@pytest.mark.parametrize("kind", kinds.CONTACT_KINDS)
def test_the_contact_reads_such_a_name_as_harmless_text(kind: str) -> None:
    letter = make_letter(kind)
    for entry in letter.entries:
        object.__setattr__(entry, "first_name", "Buy-pills.example")
    if letter.about:
        letter.about.signup.first_name = "Buy-pills.example"
    object.__setattr__(letter, "said", {**letter.said, "asker": "Buy-pills.example"})
    parts = parts_of(read_back(compose(letter, make_settings())))

    for part in parts.values():
        assert "Buy-pills example" in part
        assert "pills.example" not in part


@pytest.mark.parametrize("kind", ["group_requested", "group_approved", "group_declined"])
def test_a_group_that_asks_to_join_does_not_advertise_either(kind: str) -> None:
    letter = make_letter(kind)
    letter.notice.details["group"] = "Pills.example"
    message = read_back(compose(letter, make_settings()))

    for said in (*parts_of(message).values(), str(message["Subject"])):
        assert "Pills.example" not in said


def test_every_template_greets_by_the_rule() -> None:
    for path in TEMPLATES.glob("*"):
        assert "{{ first_name }}" not in path.read_text(), f"{path.name}: write {{{{ hello }}}}"


STEPS = (0, 32, 64, 96, 128, 160, 192, 224, 255)
EVERY_COLOUR = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product(STEPS, repeat=3)]


def test_every_colour_has_a_nearest_that_can_be_read_by_day_and_by_night() -> None:
    for colour in EVERY_COLOUR:
        by_day = colours.nearest_readable(colour)
        by_night = colours.at_night(by_day)
        assert colours.COLOUR.fullmatch(by_day)
        assert colours.contrast(by_day, colours.ON_BUTTON) >= 4.5
        assert colours.contrast(by_day, "#fffdf8") >= 4.5
        assert colours.contrast(by_night, colours.PAPER_AT_NIGHT) >= 4.5
        assert colours.contrast(by_night, colours.ON_BUTTON_AT_NIGHT) >= 4.5
        assert colours.is_readable(colour) == (by_day == colour)


def test_contrast_is_what_wcag_says() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert colours.is_readable(colours.STANDARD)


def test_a_mail_has_its_groups_colour_by_day_and_a_lighter_one_by_night() -> None:
    letter = replace(make_letter(), style=Style(colour="#0b5d3b"))
    html = parts_of(read_back(compose(letter, make_settings())))["text/html"]

    assert "background-color: #0b5d3b" in html.replace("background-color:#", "background-color: #")
    assert colours.STANDARD not in html
    assert f"color: {colours.at_night('#0b5d3b')} !important" in html
