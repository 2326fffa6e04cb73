"""What a mail says, and that no word of others can bend it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import pytest
from icalendar import Calendar

from services.notifications.mail.composing import Mail, compose
from services.notifications.mail.letters import About, Contact, Entry, Letter
from services.notifications.mail.mime import Part, write_mail
from services.notifications.mail.wording import many_lines, one_line
from services.notifications.models import Event, Group, Notice, Shift, Signup
from services.notifications.rules import kinds
from services.notifications.rules.truth import Place, calendar_method

from .making import STARTS, make_settings

SUMMER = datetime(2027, 6, 5, 9, 0, tzinfo=UTC)
NUMBER = UUID("6b1f2a52-3f3a-4a4b-9d3f-1f6f3d0f7a11")


TO_ORGANISERS = {
    "name": "Ada",
    "link": "https://muster.example/sign-in/link/abc",
    "code": "042137",
    "group": "Friends of Elmbridge",
    "role": "organiser",
    "invited_by": "Morwenna Trask",
    "area": "Elmbridge North",
    "event": "Winter action day",
    "host": "Fosse Neighbours",
}
ABOUT_ONESELF = {
    "name": "Ada",
    "links": [
        {"group": "Friends of Elmbridge", "name": "Ada", "link": "https://muster.example/my"}
    ],
}


WORDS = "Bring a pen.\nAnd a coat.\n\nMore at https://elmbridge.example/day"
SAID: dict[str, dict[str, object]] = {
    "mailing": {"subject": "What to bring", "words": WORDS, "title": "Winter action day"},
    "mailing_test": {"subject": "What to bring", "words": WORDS, "title": "Winter action day"},
    "welcome": {
        **{"group": "Friends of Elmbridge", "words": WORDS, "representative": "Kit Marlow, MP"},
        **{"buddy_name": "Pat", "buddy_how": "Look for the green hat."},
    },
    "enquiry": {
        **{"asker": "Zed Quayle", "email": "zed@posts.example", "about": "Winter action day"},
        **{"words": WORDS, "link": "https://muster.example/organise/notices/enquiries/1"},
    },
    "enquiry_answer": {
        **{"asked": "May I bring a dog?", "asked_at": STARTS, "about": "Winter action day"},
        **{"words": WORDS, "answered_by": "Robin Example"},
    },
    "newcomer_late": {"newcomers": []},
}
ANSWERS_TO = {
    "enquiry": Contact("Zed Quayle", "zed@posts.example"),
    "mailing": Contact("Tobias Quill", "tobias@elmbridge.example"),
}
LISTED = ("links", "daily_signups", "mailing", "mailing_test")
"""Kinds that list sign-ups, instead of speaking of one."""

ABOUT_NOTHING = ("enquiry", "enquiry_answer")


def make_letter(kind: str = "confirmation", **words: object) -> Letter:
    """Return a letter about a sign-up; `words` replace those of any of its parts."""

    def word(name: str, usual: object) -> object:
        return words.get(name, usual)

    group = Group(
        id=1,
        revision=1,
        name=word("group_name", "Friends of Elmbridge"),
        contact_name="Morwenna Trask",
        contact_email="morwenna@elmbridge.example",
        privacy_url="https://elmbridge.example/privacy",
        imprint=word("imprint", "Friends of Elmbridge\n1 Mill Lane"),
        signup_notices="off",
        reply_email=word("reply_email", ""),
    )
    event = Event(
        id=3,
        revision=1,
        group_id=1,
        status="published",
        kind="action_day",
        title=word("title", "Winter action day"),
        contact_name="Tobias Quill",
        contact_email=word("contact_email", "tobias@elmbridge.example"),
        bring=word("bring", ""),
        accessibility=word("accessibility", ""),
        mode=word("mode", "in_person"),
        online_url=word("online_url", ""),
        address_shown=word("address_shown", "public"),
    )
    starts = word("starts_at", STARTS)
    assert isinstance(starts, datetime)
    shift = Shift(
        id=5,
        revision=1,
        event_id=3,
        place=word("place", "Market Square"),
        address="By the clock tower",
        postcode="LN2 1AB",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        zone=word("zone", "Europe/London"),
        cancelled=False,
        work=word("work", ""),
        needs=word("needs", ""),
    )
    state = str(word("state", "waiting" if kind == "waiting" else "placed"))
    signup = Signup(
        id=9,
        revision=1,
        event_id=3,
        shift_id=5,
        state=state,
        party=word("party", 1),
        first_name="Ada",
        email="ada@posts.example",
        link="https://muster.example/my/abc",
        had_place=True,
        calendar_uid=NUMBER,
        calendar_sequence=0,
    )
    notice = Notice(
        id=1,
        kind=kind,
        message_id=NUMBER,
        calendar_sequence=word("sequence", 0),
        details={
            **{"ahead": 2, "state_before": "placed", "reason": word("reason", "Snow.")},
            **{"until": "2026-11-20T15:00:00+00:00", "why": "offer", "party_before": 3},
            **(TO_ORGANISERS if kind in kinds.ORGANISER_KINDS else {}),
            "is_new": word("is_new", False),
            **(ABOUT_ONESELF if kind in kinds.PRIVACY_KINDS else {}),
        },
        expires_at=datetime(2026, 11, 20, 12, 15, tzinfo=UTC),
    )
    before = Place(
        place="Station Forecourt",
        address="",
        postcode="",
        starts_at=starts - timedelta(hours=1),
        ends_at=starts + timedelta(hours=1),
    )
    listed = kind in LISTED
    from_network = kind in (*kinds.ORGANISER_KINDS, *kinds.PRIVACY_KINDS)
    about = About(
        event=event,
        shift=shift,
        signup=signup,
        method=calendar_method(kind, state, had_place=True),
        before=before,
        changes=["time", "place"],
    )
    entry = Entry(event=event, shift=shift, state="placed", link="https://muster.example/my/lost")
    return Letter(
        notice=notice,
        said=SAID.get(kind, {}),
        answers_to=ANSWERS_TO.get(kind),
        written_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
        recipient=str(word("recipient", "ada@posts.example")),
        first_name=str(word("first_name", "Ada")),
        group=None if from_network else group,
        about=None if listed or from_network or kind in ABOUT_NOTHING else about,
        entries=[entry] if listed else [],
        together=[about] if kind == "reminder" else [],
    )


def write(kind: str = "confirmation", **words: object) -> EmailMessage:
    """Compose a mail and read it back."""
    return read_back(compose(make_letter(kind, **words), make_settings()))


def read_back(mail: Mail) -> EmailMessage:
    """Read a mail as its reader's program does."""
    message = message_from_bytes(mail.body, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def parts_of(message: EmailMessage) -> dict[str, str]:
    return {part.get_content_type(): part.get_content() for part in message.iter_parts()}


def calendar_of(message: EmailMessage) -> Calendar:
    calendar = Calendar.from_ical(parts_of(message)["text/calendar"])
    assert isinstance(calendar, Calendar)
    return calendar


TO_PEOPLE = kinds.PERSON_KINDS + kinds.CONTACT_KINDS


@pytest.mark.parametrize("kind", TO_PEOPLE)
def test_every_kind_says_the_same_in_text_and_html_with_one_way_on(kind: str) -> None:
    message = write(kind)

    parts = parts_of(message)
    assert list(parts)[:2] == ["text/plain", "text/html"]
    for part in (parts["text/plain"], parts["text/html"]):
        assert "Winter action day" in part
        assert "Friends of Elmbridge" in part
        assert "https://muster.example/" in part
    assert parts["text/html"].count('class="button"') == 1
    assert "{{" not in parts["text/html"]
    assert not message.defects


@pytest.mark.parametrize("kind", TO_PEOPLE)
def test_the_headers_say_who_writes_and_who_reads_answers(kind: str) -> None:
    message = write(kind)

    assert message["From"] == "Friends of Elmbridge <noreply@muster.example>"
    assert message["Message-ID"] == f"<{NUMBER}@muster.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    reads = {
        "new_signup": None,
        "newcomer": None,
        "enquiry": "Zed Quayle <zed@posts.example>",
        "daily_signups": None,
        "links": "Morwenna Trask <morwenna@elmbridge.example>",
    }
    assert message["Reply-To"] == reads.get(kind, "Tobias Quill <tobias@elmbridge.example>")


@pytest.mark.parametrize("kind", kinds.ORGANISER_KINDS)
def test_the_installation_signs_what_organisers_get(kind: str) -> None:
    message = write(kind)

    parts = parts_of(message)
    assert list(parts) == ["text/plain", "text/html"]
    for part in parts.values():
        assert "https://muster.example/sign-in/link/abc" in part
        assert "Answers to it are not read." in part
    assert parts["text/html"].count('class="button"') == 1
    assert "{{" not in parts["text/html"]
    assert message["From"] == "Muster <noreply@muster.example>"
    assert message["Reply-To"] is None
    assert not message.defects


@pytest.mark.parametrize("kind", kinds.ORGANISER_KINDS)
def test_only_the_mail_to_sign_in_has_a_code(kind: str) -> None:
    message = write(kind)

    assert {"042137" in part for part in parts_of(message).values()} == {kind == "sign_in"}
    assert "042137" not in message["Subject"]


def test_the_mail_to_sign_in_says_until_when() -> None:
    assert "until 12:15 (UK time)" in parts_of(write("sign_in"))["text/plain"]


@pytest.mark.parametrize(
    "event,group,read_by",
    [
        ("tobias@elmbridge.example", "post@elmbridge.example", "Tobias Quill <tobias@"),
        ("", "post@elmbridge.example", "Friends of Elmbridge <post@"),
        ("", "", "Morwenna Trask <morwenna@"),
    ],
)
def test_answers_go_to_the_event_then_the_groups_reply_address_then_its_contact(
    event: str, group: str, read_by: str
) -> None:
    message = write(contact_email=event, reply_email=group)

    assert message["Reply-To"].startswith(read_by)
    (entry,) = calendar_of(message).walk("VEVENT")
    assert entry["ORGANIZER"] == f"mailto:{message['Reply-To'].addresses[0].addr_spec}"
    assert message["Reply-To"].addresses[0].addr_spec in parts_of(message)["text/plain"]


TOLD = {
    "bring": "Warm clothes.\nA pen.",
    "accessibility": "Step-free way in.",
    "mode": "both",
    "online_url": "https://meet.example/room",
    "work": "campaigning",
    "needs": "Doorstep basics",
}


@pytest.mark.parametrize("kind", ["confirmation", "promoted", "changed", "repeated"])
def test_who_has_a_place_is_told_what_to_bring_and_how_to_join(kind: str) -> None:
    message = write(kind, **TOLD)

    text, html = parts_of(message)["text/plain"], parts_of(message)["text/html"]
    for part in (text, html):
        for words in ("Warm clothes.", "A pen.", "Step-free", "https://meet.example/room"):
            assert words in part
        assert "Campaigning" in part
        assert "the training “Doorstep basics”" in part.replace("The", "the")
    (entry,) = calendar_of(message).walk("VEVENT")
    assert entry["CONFERENCE"] == "https://meet.example/room"
    assert entry["CONFERENCE"].params["VALUE"] == "URI"
    assert "Join online: https://meet.example/room" in entry["DESCRIPTION"]
    assert "Please bring: Warm clothes. A pen." in entry["DESCRIPTION"]
    assert entry["URL"] == "https://muster.example/events/3"


@pytest.mark.parametrize("kind", ["waiting", "repeated", "changed", "new_signup"])
def test_the_waiting_list_is_not_told_how_to_join(kind: str) -> None:
    for part in parts_of(write(kind, state="waiting", **TOLD)).values():
        assert "meet.example" not in part
        assert "Warm clothes" not in part


@pytest.mark.parametrize("kind", ["cancelled", "closed"])
def test_who_has_no_place_any_more_is_told_neither_way_nor_address(kind: str) -> None:
    message = write(kind, state=kind, address_shown="signed_up", **TOLD)

    for part in parts_of(message).values():
        assert "meet.example" not in part
        assert "LN2 1AB" not in part


@pytest.mark.parametrize("kind", ["waiting", "repeated", "changed", "new_signup"])
def test_an_address_that_is_not_public_is_not_told_to_the_waiting_list(kind: str) -> None:
    parts = parts_of(write(kind, state="waiting", address_shown="signed_up"))

    for part in parts.values():
        assert "Market Square" in part
        assert "By the clock tower" not in part
        assert "LN2 1AB" not in part
        assert "address is for those with a place" in part


@pytest.mark.parametrize("kind", ["confirmation", "promoted", "changed"])
def test_who_has_a_place_is_told_an_address_that_is_not_public(kind: str) -> None:
    message = write(kind, address_shown="signed_up")

    assert "By the clock tower, LN2 1AB" in parts_of(message)["text/plain"]
    (entry,) = calendar_of(message).walk("VEVENT")
    assert entry["LOCATION"] == "Market Square, By the clock tower, LN2 1AB"


def test_a_link_left_over_from_an_online_event_is_not_told() -> None:
    for part in parts_of(write(online_url="https://meet.example/old")).values():
        assert "meet.example" not in part


@pytest.mark.parametrize("kind", ["confirmation", "promoted", "changed", "repeated"])
def test_who_has_a_place_gets_an_invitation_as_the_last_part(kind: str) -> None:
    message = write(kind, sequence=2)

    last = list(message.iter_parts())[-1]
    assert last.get_content_type() == "text/calendar"
    assert last.get_param("method") == "REQUEST"
    assert last.get_content_charset() == "utf-8"
    calendar = calendar_of(message)
    assert calendar["METHOD"] == "REQUEST"
    (entry,) = calendar.walk("VEVENT")
    assert entry["UID"] == f"{NUMBER}@muster.example"
    assert entry["SEQUENCE"] == 2
    assert entry["STATUS"] == "CONFIRMED"
    assert entry["LOCATION"] == "Market Square, By the clock tower, LN2 1AB"
    assert entry["ORGANIZER"] == "mailto:tobias@elmbridge.example"
    assert entry["ATTENDEE"] == "mailto:ada@posts.example"
    assert entry["ATTENDEE"].params["RSVP"] == "FALSE"


@pytest.mark.parametrize("kind", ["cancelled", "closed"])
def test_who_had_a_place_gets_the_entry_taken_back(kind: str) -> None:
    calendar = calendar_of(write(kind, state=kind, sequence=3))

    (entry,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], entry["STATUS"], entry["SEQUENCE"]) == ("CANCEL", "CANCELLED", 3)
    assert entry["UID"] == f"{NUMBER}@muster.example"


@pytest.mark.parametrize("kind", ["waiting", "repeated", "changed", "new_signup", "links"])
def test_nobody_on_the_waiting_list_gets_an_entry(kind: str) -> None:
    assert "text/calendar" not in parts_of(write(kind, state="waiting"))


@pytest.mark.parametrize("starts,wall", [(STARTS, "20261205T100000"), (SUMMER, "20270605T100000")])
def test_the_entry_has_british_wall_time_and_the_two_rules(starts: datetime, wall: str) -> None:
    text = parts_of(write(starts_at=starts))["text/calendar"]

    assert f"DTSTART;TZID=Europe/London:{wall}" in text
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert text.count("RRULE:") == 2
    assert "RDATE" not in text
    (entry,) = Calendar.from_ical(text).walk("VEVENT")
    assert entry["DTSTART"].dt == starts


def test_the_entry_of_a_shift_abroad_is_in_utc() -> None:
    text = parts_of(write(zone="Europe/Paris"))["text/calendar"]

    assert "DTSTART:20261205T100000Z" in text
    assert "VTIMEZONE" not in text


def test_times_are_said_with_day_and_zone() -> None:
    text = parts_of(write(starts_at=SUMMER))["text/plain"]

    assert "Saturday 5 June 2027, 10:00 to 12:00 (UK time)" in text


def test_a_change_says_what_was_and_what_is() -> None:
    text = parts_of(write("changed"))["text/plain"]

    assert "The time was: Saturday 5 December 2026, 09:00 to 11:00" in text
    assert "The place was: Station Forecourt" in text
    assert "When:   Saturday 5 December 2026, 10:00 to 12:00" in text
    assert "Your place is kept for you." in text


@pytest.mark.parametrize("kind", ["confirmation", "promoted", "changed", "closed", "offered"])
def test_an_empty_line_stands_before_the_link_and_after_it(kind: str) -> None:
    lines = parts_of(write(kind))["text/plain"].splitlines()

    link = lines.index("https://muster.example/my/abc")
    assert lines[link - 2] == lines[link + 1] == ""


def test_the_end_of_an_event_says_why() -> None:
    assert "The reason: Snow." in parts_of(write("closed", state="closed"))["text/plain"]


EVIL = "x\r\nBcc: everyone@list.example\n\n\x00<script>\ud800\u202e{{777*777}}"


@pytest.mark.parametrize(
    "field", ["title", "group_name", "first_name", "place", "imprint", "reason"]
)
@pytest.mark.parametrize("kind", ["confirmation", "closed"])
def test_no_word_of_others_bends_a_mail(field: str, kind: str) -> None:
    message = write(kind, **{field: EVIL, "state": "closed" if kind == "closed" else "placed"})

    assert message["Bcc"] is None
    assert set(message.keys()) == {
        *("Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type"),
    }
    for text in parts_of(message).values():
        assert "\x00" not in text
        assert "\u202e" not in text
        assert "603729" not in text
    assert "<script>" not in parts_of(message)["text/html"]
    lines = parts_of(message)["text/calendar"].splitlines()
    assert not any(line.startswith("Bcc") for line in lines)


def hidden(words: str) -> str:
    """Return words as mail programs read them out of an encoded word (RFC 2047)."""
    return f"=?utf-8?b?{base64.b64encode(words.encode()).decode()}?="


@pytest.mark.parametrize(
    "more", ["", " out in the rain along the river with all of our neighbours"]
)
@pytest.mark.parametrize("field", ["title", "group_name", "first_name"])
@pytest.mark.parametrize("kind", ["confirmation", "closed"])
def test_what_is_hidden_in_an_encoded_word_stays_there(kind: str, field: str, more: str) -> None:
    evil = hidden("x\r\nBcc: everyone@list.example\r\n\r\nhttps://shop.example")

    message = write(
        kind, **{field: evil + more, "state": "closed" if kind == "closed" else "placed"}
    )

    assert message["Bcc"] is None
    assert message.get_content_type() == "multipart/alternative"
    read_by_programs = str(make_header(decode_header(str(message["Subject"]))))
    assert "shop.example" not in read_by_programs
    assert "shop.example" not in str(message["From"])


@pytest.mark.parametrize("more", ["", " and on" * 20, " ünd on" * 20])
def test_no_header_is_written_with_an_encoded_word(more: str) -> None:
    headers = [("Subject", hidden("x\r\nBcc: everyone@list.example\r\n\r\n") + more)]

    with pytest.raises(ValueError, match="Subject"):
        write_mail(headers, [], boundary="b")


@pytest.mark.parametrize("word", ["walk", "a-walk-of-" * 9, "Wälder"])
def test_long_headers_are_folded_between_words(word: str) -> None:
    subject = " ".join([word] * 30)
    mail = write_mail([("Subject", subject)], [Part("text/plain", "x")], boundary="b")

    lines = mail.split(b"\r\nMIME-Version")[0].split(b"\r\n")
    assert len(lines) > 1
    assert lines[0].startswith(b"Subject: ")
    assert all(line.startswith(b" ") for line in lines[1:])
    assert all(len(line) <= 78 or b" " not in line.split(b": ")[-1].strip() for line in lines)
    assert message_from_bytes(mail, policy=default)["Subject"] == subject


@pytest.mark.parametrize(
    "address", ["a@posts.example\r\nBcc: b@list.example", "a@posts.example>, <b@list.example"]
)
def test_an_address_is_one_address(address: str) -> None:
    try:
        message = write(recipient=address)
    except (ValueError, IndexError):
        return
    assert message["Bcc"] is None
    assert len(message["To"].addresses) == 1


def test_a_domain_is_written_in_ascii() -> None:
    mail = compose(make_letter(recipient="ada@bücher.example"), make_settings())

    assert mail.recipient == "ada@xn--bcher-kva.example"


def test_the_sender_can_be_chosen() -> None:
    mail = compose(make_letter(), make_settings(mail_from="post@elmbridge.example"))

    assert mail.sender == "post@elmbridge.example"


def test_lines_end_as_mail_servers_want_them() -> None:
    body = compose(make_letter(), make_settings()).body

    assert body.count(b"\n") == body.count(b"\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 998


def test_words_keep_their_letters() -> None:
    assert one_line(" Zoë\tO’Brien \n") == "Zoë O’Brien"
    assert many_lines("one\r\ntwo\x07") == "one\ntwo"
    assert one_line("نا\u200cمه") == "نا\u200cمه"
