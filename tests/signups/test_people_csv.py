"""Taking people in from a CSV file: looked at first, then as a whole, and undone again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from services.signups.chores import CHORES
from services.signups.models import Consent, PeopleImport, Person, PersonTag
from services.signups.operations import people
from services.signups.rules import people_csv as rules
from shared.access import Who
from shared.database import Database
from shared.refusals import NotThere
from tests.entering import SignedInClient, signed_in
from tests.signups.making import LATER, NOW, make_shift, news, sign_up, signup_of
from tests.signups.test_console import words_of
from tests.signups.visiting import open_shift

HEAD = "Name,Email,Phone,Postcode,Tags\n"
FORM = "/organise/people/groups/1/import"


def upload(session: Session, *lines: str, head: str = HEAD) -> PeopleImport:
    """Upload a list; say its lines below the head."""
    session.info["by"] = Who(name="Robin Example")
    content = (head + "\n".join(lines)).encode()
    return people.start_import(session, 1, name="list.csv", content=content, now=NOW)


def foreseen(session: Session, *lines: str) -> list[str]:
    """Return what each line would do."""
    return [row.action for row in people.look_at_rows(session, upload(session, *lines))]


def take_in(session: Session, *lines: str) -> PeopleImport:
    found = upload(session, *lines)
    people.apply_import(session, found.id, now=LATER)
    return found


def everybody(session: Session) -> dict[str, str]:
    """Return all names, each with its tags."""
    found = people.list_people(session, 1, people.Wanted(), page=1, now=LATER)
    return {row.person.name: ", ".join(row.tags) for row in found}


@pytest.fixture
def ada(session: Session) -> int:
    """Return the number of Ada, who signed up."""
    shift = make_shift(session)
    sign_up(session, shift, "Ada Example", phone="+447700900123")
    number = signup_of(session, shift, "Ada Example").person_id
    assert number is not None
    return number


def test_each_row_says_what_it_would_do_and_nothing_is_done(session: Session, ada: int) -> None:
    people.add_tag(session, ada, "cook")
    assert foreseen(
        session,
        "Ben Sample,ben@mail.example,,,",
        "Ada Example,ADA.example@mail.example,,,Driver; cook",
        "A. Example,ada.example@mail.example,,,driver",
        "ben sample,ben@mail.example,,,driver",
        "Bo,not an address,,,",
        "Bo www.example.org,bo@mail.example,,,",
        ",bo@mail.example,,,",
        f"Bo,bo@mail.example,123,,{'x' * 41}",
    ) == ["new", "tags", "nothing", "twice", *["problem"] * 4]
    assert everybody(session) == {"Ada Example": "cook"}


def test_what_is_wrong_with_a_row_is_said(session: Session, ada: int) -> None:
    found = upload(session, f",nobody,123456,,{'x' * 41}", "", "Ben,ben@mail.example,0,,")
    first, second = people.look_at_rows(session, found)
    assert (first.line, second.line) == (2, 4)
    assert list(first.problems) == [
        "A tag is too long: 40 characters are the most.",
        "There is no name.",
        "Enter an email address in the form name@example.org.",
    ]
    assert list(second.problems) == ["Enter a telephone number, like 020 7946 0018."]


def test_new_people_come_in_and_known_ones_get_tags_only(session: Session, ada: int) -> None:
    found = take_in(
        session,
        "Ben Sample,Ben@Mail.example,020 7946 0018,ln13aa,driver; Cook;driver",
        "Ada Example,ada.example@mail.example,020 7946 0099,AB1 2CD,driver",
        "Bo,not an address,,,",
    )
    assert everybody(session) == {"Ada Example": "driver", "Ben Sample": "cook, driver"}
    ben = session.scalars(select(Person).where(Person.name == "Ben Sample")).one()
    assert (ben.email, ben.phone) == ("ben@mail.example", "+442079460018")
    assert (ben.postcode, ben.verified_at) == ("LN1 3AA", None)
    assert session.get_one(Person, ada).phone == "+447700900123"
    assert session.scalars(select(Consent.purpose)).all() == ["taking part"]
    assert news(session) == ["SignupPlaced ada"]
    assert (found.body, found.applied_at) == ("", LATER)


def test_a_list_is_taken_in_once(session: Session, ada: int) -> None:
    found = take_in(session, "Ben,ben@mail.example,,,")
    with pytest.raises(rules.ImportIsOver):
        people.apply_import(session, found.id, now=LATER)
    assert foreseen(session, "Ben,ben@mail.example,,,") == ["nothing"]


def test_who_came_by_a_list_signs_up_as_themselves(session: Session, ada: int) -> None:
    take_in(session, "Ben Sample,ben.sample@mail.example,,,driver")
    shift = make_shift(session)
    sign_up(session, shift, "Ben Sample")
    assert everybody(session) == {"Ada Example": "", "Ben Sample": "driver"}


def test_who_was_merged_is_known_by_either_address(session: Session, ada: int) -> None:
    take_in(session, "Ada E.,ada@other.example,,,driver")
    other = session.scalars(select(Person.id).where(Person.email == "ada@other.example")).one()
    people.merge_people(session, ada, other, by="Robin", now=LATER)
    again = "Ada E.,ada@other.example,,,"
    assert foreseen(session, f"{again}driver", f"{again}cook") == ["nothing", "tags"]


def test_an_import_is_undone_but_for_who_was_seen_since(session: Session, ada: int) -> None:
    found = take_in(
        session,
        "Ben Sample,ben.sample@mail.example,,,driver",
        "Cleo,cleo@mail.example,,,cook",
        "Dev,dev@mail.example,,,cook",
        "Eve,eve@mail.example,,,",
        "Ada Example,ada.example@mail.example,,,driver",
    )
    people.add_tag(session, ada, "cook")
    sign_up(session, make_shift(session), "Ben Sample")
    numbers = {row.name: row.id for row in session.scalars(select(Person))}
    people.add_note(session, numbers["Dev"], "Called", by="Robin", now=LATER)
    people.merge_people(session, ada, numbers["Eve"], by="Robin", now=LATER)
    assert people.undo_import(session, found.id, now=LATER) == 3
    session.expire_all()
    assert everybody(session) == {"Ada Example": "cook", "Ben Sample": "driver", "Dev": "cook"}
    with pytest.raises(rules.ImportCannotBeUndone):
        people.undo_import(session, found.id, now=LATER)
    left = select(func.count()).select_from(PersonTag)
    assert session.scalars(left).one() == 3


def test_what_was_not_taken_in_cannot_be_undone(session: Session, ada: int) -> None:
    found = upload(session, "Ben,ben@mail.example,,,")
    with pytest.raises(rules.ImportCannotBeUndone):
        people.undo_import(session, found.id, now=LATER)
    with pytest.raises(NotThere):
        people.undo_import(session, 4711, now=LATER)


def test_a_list_that_nobody_takes_in_is_forgotten_after_a_day(session: Session, ada: int) -> None:
    found = upload(session, "Ben,ben@mail.example,,,")
    (chore,) = (chore for chore in CHORES if chore.name == "forget lists of people")
    chore.run(session, NOW + timedelta(hours=23))
    session.refresh(found)
    assert found.body
    chore.run(session, NOW + timedelta(hours=25))
    session.refresh(found)
    assert found.body == ""
    with pytest.raises(rules.ImportIsOver):
        people.apply_import(session, found.id, now=LATER)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "This file is empty."),
        (b"Name,Email\n", "There is nothing below"),
        (b"Name,Phone\nAda,1\n", "There is none for “email”."),
        (b"Phone\n1\n", "There is none for “name” and “email”."),
        (b"Name,Email,E-mail\nAda,a,b\n", "The column “email” is there twice."),
        (b"Name,Email\n\xff\xfe,x\n", "not in UTF-8"),
        (b"Name,Email\nAda\0,x\n", "characters that no text has"),
        (b"Name,Email\n" + b"x,y\n" * 2001, "2,000 are the most"),
        (b"x" * (512 * 1024 + 1), "512 KiB are the most"),
        (b'Name,Email\n"' + b"x" * 140_000 + b'",y\n', "cannot be read"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(content: bytes, said: str) -> None:
    with pytest.raises(rules.ListIsUnreadable) as refused:
        rules.open_list(rules.decode(content))
    assert said in refused.value.sentence


def test_lists_of_other_programs_are_read(session: Session, ada: int) -> None:
    read = rules.open_list(
        rules.decode("\ufeffE-mail;Full name;Size\r\na@b.example;Ada;3".encode())
    )
    assert read == [(2, {"email": "a@b.example", "name": "Ada"})]
    assert rules.open_list("name,email,phone\nAda,a@b.example,'+447700900123") == [
        (2, {"name": "Ada", "email": "a@b.example", "phone": "+447700900123"})
    ]


def post_file(client: SignedInClient, content: bytes) -> TestResponse:
    """Upload a file as browsers do; the body is made here so that no temporary file is."""
    parts = (
        b'--part\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n'
        % client.csrf.encode(),
        b'--part\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n%s\r\n--part--\r\n" % content,
    )
    kind = "multipart/form-data; boundary=part"
    return client.post(FORM, data=b"".join(parts), content_type=kind)


def send(client: SignedInClient, content: bytes) -> str:
    """Upload a file; return where it is looked at, or what was wrong with it."""
    answer = post_file(client, content)
    if answer.status_code == 400:
        return words_of(answer.text)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_an_organiser_looks_takes_in_and_undoes(app: Flask, db: Database) -> None:
    open_shift(db)
    organiser = signed_in(app, db, (1, "organiser"))
    assert "Choose a CSV file." in words_of(organiser.post(FORM).text)
    assert "This file is empty." in send(organiser, b" ")
    page = send(organiser, b"name,email\nAda,ada@mail.example\nBo,nobody\n")
    shown = words_of(organiser.get(page).text)
    assert "New: 1 · Left out: 1" in shown
    assert "Take in 1 row, leave out 1" in shown
    assert organiser.post(f"{page}/apply").status_code == 303
    assert "Taken in. 1 new" in words_of(organiser.get(page).text)
    assert "list.csv" in organiser.get(FORM).text
    assert "Ada" in organiser.get("/organise/people/groups/1").text
    assert organiser.post(f"{page}/apply").status_code == 409
    undone = organiser.post(f"{page}/undo")
    assert "Undone." in words_of(organiser.get(undone.headers["Location"]).text)
    assert "Nobody yet" in organiser.get("/organise/people/groups/1").text


def test_a_file_up_to_the_limit_is_taken_and_a_larger_body_is_not(app: Flask, db: Database) -> None:
    open_shift(db)
    organiser = signed_in(app, db, (1, "organiser"))
    too_large = b"name,email\n" + b"x" * (512 * 1024)
    assert "512 KiB are the most" in send(organiser, too_large)
    assert post_file(organiser, b"x" * 700_000).status_code == 413


def test_the_template_is_a_list_that_can_be_taken_in(app: Flask, db: Database) -> None:
    open_shift(db)
    organiser = signed_in(app, db, (1, "organiser"))
    template = organiser.get(f"{FORM}/template.csv").data
    page = send(organiser, template)
    assert "New: 1" in words_of(organiser.get(page).text)
