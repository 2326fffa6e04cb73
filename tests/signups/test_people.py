"""What organisers see and keep of the people of their group."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.signups import operations
from services.signups.handlers import HANDLERS
from services.signups.models import Notice, Person, PersonTag
from services.signups.operations import people
from services.signups.rules import people as rules
from shared.database import Database
from shared.messages import NoticeComplained, NoticeFailed, NoticeSent
from shared.messages.from_notifications import NoticeMessage
from tests.entering import SignedInClient, signed_in
from tests.signups import making
from tests.signups.making import LATER, NOW, STARTS, make_shift, sign_up, signup_of
from tests.signups.test_console import words_of
from tests.signups.visiting import open_shift

PEOPLE = "/organise/people/groups/1"


@pytest.fixture
def organiser(app: Flask, db: Database) -> SignedInClient:
    """Return the browser of somebody who organises in group 1."""
    return signed_in(app, db, (1, "organiser"))


@pytest.fixture
def crowd(session: Session) -> int:
    """Return a shift for two that Ada and Ben have places on, and Cleo waits for."""
    shift = make_shift(session, capacity=2)
    sign_up(session, shift, "Ada Example", phone="+447700900123", postcode="LN1 3AA")
    sign_up(session, shift, "Ben Sample")
    sign_up(session, shift, "Cleo 100%")
    return shift


@pytest.fixture
def crowd_there(db: Database) -> list[int]:
    """Return the numbers of three people whom the group knows."""
    names = ("Ada Example", "Ben Example", "Cleo Example")
    shift = open_shift(db, capacity=None)
    with db.writing() as session:
        for name in names:
            sign_up(session, shift, name, now=db.now(session))
        return [person_of(session, shift, name) for name in names]


def person_of(session: Session, shift: int, name: str) -> int:
    number = signup_of(session, shift, name).person_id
    assert number is not None
    return number


def names(session: Session, **wanted: object) -> list[str]:
    """Return the first names of those who are found, in the order of the list."""
    asked = people.Wanted(**wanted)  # type: ignore[arg-type]
    found = people.list_people(session, 1, asked, page=1, now=LATER)
    assert people.count_people(session, 1, asked, now=LATER) == len(found)
    return [listed.person.name.split()[0] for listed in found]


@pytest.mark.parametrize(
    "words, found",
    [
        ("", ["Ada", "Ben", "Cleo"]),
        ("exam", ["Ada", "Ben", "Cleo"]),
        ("ada example", ["Ada"]),
        ("sample ben", ["Ben"]),
        ("ben.sample@mail", ["Ben"]),
        ("07700900123", ["Ada"]),
        ("+44 7700 900123", ["Ada"]),
        ("07700 900-123", ["Ada"]),
        ("ln1", ["Ada"]),
        ("100%", ["Cleo"]),
        ("%", ["Cleo"]),
        ("_", []),
        ("nobody", []),
    ],
)
def test_people_are_found_by_what_is_known(
    session: Session, crowd: int, words: str, found: list[str]
) -> None:
    assert names(session, words=words) == found


def test_people_are_found_by_what_they_signed_up_for(session: Session, crowd: int) -> None:
    other = make_shift(session, event_id=2)
    sign_up(session, other, "Dev")
    assert names(session, event_id=1) == ["Ada", "Ben"]
    assert names(session, event_id=2) == ["Dev"]
    assert names(session, waiting=True) == ["Cleo"]


def test_people_are_found_by_what_they_agreed_to(session: Session, crowd: int) -> None:
    sign_up(session, crowd, "Dev", agreed=("mail",))
    sign_up(session, crowd, "Eve", agreed=("mail", "phone"))
    assert names(session, agreed="mail") == ["Dev", "Eve"]
    assert names(session, agreed="phone") == ["Eve"]


def test_a_person_s_page_says_what_they_answered_and_whether_they_come(
    organiser: SignedInClient, db: Database
) -> None:
    shift = open_shift(db)
    with db.writing() as session:
        answer = {"id": "1", "question": "Lunch?", "answer": "Yes"}
        came = operations.Came(source="leaflet")
        sign_up(session, shift, "Ada", now=db.now(session), answers=(answer,), came=came)
        ada = signup_of(session, shift, "Ada")
        operations.keep_coming(session, making.token_of(session, ada), now=db.now(session))
        number = person_of(session, shift, "Ada")

    page = words_of(organiser.get(f"/organise/people/{number}").text)

    for said in ("Lunch? Yes", "Came by: leaflet", "Said that they come."):
        assert said in page


def test_who_waited_for_a_shift_that_is_over_waits_no_more(session: Session, crowd: int) -> None:
    later = STARTS + timedelta(days=1)
    assert people.count_people(session, 1, people.Wanted(waiting=True), now=later) == 0


def test_people_are_found_by_tag_and_training(session: Session, crowd: int) -> None:
    ada, ben = (person_of(session, crowd, name) for name in ("Ada Example", "Ben Sample"))
    assert people.add_tag(session, ada, " Driver ")
    assert not people.add_tag(session, ada, "DRIVER")
    people.mark_training(session, ben, "First  Aid", by="Robin", now=LATER)
    people.mark_training(session, ben, "first aid", by="Sam", now=LATER)
    assert names(session, tag="driver") == ["Ada"]
    assert names(session, training="first aid") == ["Ben"]
    assert names(session, tag="driver", training="first aid") == []
    choices = people.list_choices(session, 1)
    assert choices.tags == ["driver"]
    assert choices.trainings == [("first aid", "First  Aid")]
    assert people.who_lacks(session, "FIRST AID", {ada, ben}) == {ada}
    assert people.who_lacks(session, "", {ada, ben}) == set()
    people.drop_tag(session, ada, "driver")
    people.unmark_training(session, ben, "first aid")
    assert people.list_choices(session, 1).tags == []
    assert people.who_lacks(session, "First Aid", {ada, ben}) == {ada, ben}


def test_tags_have_an_end(session: Session, crowd: int) -> None:
    ada = person_of(session, crowd, "Ada Example")
    for number in range(rules.MOST_TAGS):
        people.add_tag(session, ada, f"tag {number}")
    with pytest.raises(rules.TooManyTags):
        people.add_tag(session, ada, "one more")


def test_the_list_is_cut_into_pages(organiser: SignedInClient, db: Database) -> None:
    shift = open_shift(db, capacity=None)
    with db.writing() as session:
        for number in range(people.PAGE + 1):
            sign_up(session, shift, f"Ada{number:02}", now=db.now(session))
    first, second = (words_of(organiser.get(f"{PEOPLE}?page={page}").text) for page in (1, 2))
    assert "51 people, page 1 of 2, by name" in first
    assert "Ada49" in first
    assert "Ada50" not in first
    assert "Ada50" in second


def test_a_wrong_filter_is_named_and_the_rest_counts(
    organiser: SignedInClient, db: Database
) -> None:
    shift = open_shift(db)
    with db.writing() as session:
        sign_up(session, shift, "Ada", now=db.now(session))
        sign_up(session, shift, "Ben", now=db.now(session))
    page = words_of(organiser.get(f"{PEOPLE}?words=ada&event_id=x").text)
    assert "There is no such event." in page
    assert "1 person" in page


def test_somebody_s_page_says_all_that_is_known(organiser: SignedInClient, db: Database) -> None:
    shift = open_shift(db)
    with db.writing() as session:
        now = db.now(session)
        sign_up(session, shift, "Ada Example", phone="+447700900123", agreed=("mail",), now=now)
        number = person_of(session, shift, "Ada Example")
    path = f"/organise/people/{number}"
    for action, form in (
        ("notes", {"words": "Drives a van.\nNot on Sundays."}),
        ("tags", {"tag": "Driver"}),
        ("trainings", {"title": "First aid"}),
    ):
        assert organiser.post(f"{path}/{action}", data=form).status_code == 303
    filtered = organiser.get(f"{PEOPLE}?tag=driver&training=first+aid&event_id=1").text
    assert filtered.count(" selected>") == 3
    assert "1 person, by name" in words_of(filtered)
    page = words_of(organiser.get(path).text)
    for words in (
        *("Out in Lincoln", "Has a place", "+447700900123", "Not on Sundays.", "driver"),
        *("First aid", "may write to me by email", "Version 1 of the words"),
    ):
        assert words in page
    with db.reading() as session:
        known = people.show_person(session, number)
    assert known.notes[0].by == "Robin Example"
    for action, form in (
        ("notes/drop", {"number": str(known.notes[0].id)}),
        ("tags/drop", {"tag": "driver"}),
        ("trainings/drop", {"title": "first aid"}),
    ):
        assert organiser.post(f"{path}/{action}", data=form).status_code == 303
    with db.reading() as session:
        known = people.show_person(session, number)
    assert (known.notes, known.tags, known.trainings) == ([], [], [])


def test_what_is_wrong_is_said_on_the_page(organiser: SignedInClient, db: Database) -> None:
    shift = open_shift(db)
    with db.writing() as session:
        sign_up(session, shift, "Ada", now=db.now(session))
        number = person_of(session, shift, "Ada")
    answer = organiser.post(f"/organise/people/{number}/notes", data={"words": "x" * 2001})
    assert answer.status_code == 400
    assert "2000 characters are the most" in words_of(answer.text)


def test_nobody_sees_another_group_s_people(app: Flask, db: Database) -> None:
    shift = open_shift(db)
    with db.writing() as session:
        sign_up(session, shift, "Ada", now=db.now(session))
        number = person_of(session, shift, "Ada")
        making.make_event(session, making.shift_facts(id=50), id=9, group=making.group_facts(id=2))
    foreign = signed_in(app, db, (2, "owner"))
    assert foreign.get(PEOPLE).status_code == 404
    assert foreign.get(f"/organise/people/{number}").status_code == 404
    assert foreign.get(f"{PEOPLE}/people.csv").status_code == 404
    # As a word: the letters may stand in a token.
    assert not re.search(r"\bAda\b", foreign.get("/organise/people/groups/2").text)
    assert foreign.post(f"/organise/people/{number}/tags", data={"tag": "x"}).status_code == 404


def test_people_are_downloaded_as_they_are_filtered(
    organiser: SignedInClient, db: Database
) -> None:
    shift = open_shift(db, capacity=None)
    with db.writing() as session:
        now = db.now(session)
        sign_up(session, shift, "Ada", agreed=("phone",), phone="+447700900123", now=now)
        sign_up(session, shift, "=Ben", now=now)
        people.add_tag(session, person_of(session, shift, "Ada"), "driver")
        people.add_tag(session, person_of(session, shift, "Ada"), "cook")
    answer = organiser.get(f"{PEOPLE}/people.csv")
    assert "people-of-fosse-neighbours.csv" in answer.headers["Content-Disposition"]
    ben, ada = csv.DictReader(io.StringIO(answer.text))
    assert ben["name"] == "'=Ben"
    assert (ada["tags"], ada["sign_ups"]) == ("cook; driver", "1")
    assert (ada["agreed_to_mail"], ada["agreed_to_calls"]) == ("no", "yes")
    filtered = organiser.get(f"{PEOPLE}/people.csv?tag=driver").text
    assert [row["name"] for row in csv.DictReader(io.StringIO(filtered))] == ["Ada"]


def test_whose_people_is_asked_only_of_who_has_a_choice(app: Flask, db: Database) -> None:
    with db.writing() as session:
        for number in (1, 2):
            group = making.group_facts(id=number, name=f"Group {number}")
            making.make_event(session, making.shift_facts(id=number), id=number, group=group)
    one = signed_in(app, db, (2, "viewer"))
    assert one.get("/organise/people").headers["Location"].endswith("/organise/people/groups/2")
    both = signed_in(app, db, (1, "viewer"), (2, "viewer"), organiser_id=2)
    assert "Group 1" in both.get("/organise/people").text
    chosen = both.get("/organise/people?group=1")
    assert chosen.headers["Location"].endswith("/organise/people/groups/1")


def test_an_unknown_person_is_404(organiser: SignedInClient) -> None:
    for number in (4711, 2**63):
        assert organiser.get(f"/organise/people/{number}").status_code == 404


def test_a_note_of_somebody_else_stays(session: Session, crowd: int) -> None:
    ada, ben = (person_of(session, crowd, name) for name in ("Ada Example", "Ben Sample"))
    people.add_note(session, ada, "Hello", by="Robin", now=NOW)
    (note,) = people.show_person(session, ada).notes
    people.drop_note(session, ben, note.id)
    assert people.show_person(session, ada).notes == [note]
    assert session.scalars(select(Person.name).where(Person.id == ada)).one() == "Ada Example"
    assert list(operations.group_of_person(session, ada)) == [1]


def test_what_became_of_mails_is_shown_newest_first(
    organiser: SignedInClient, db: Database
) -> None:
    shift = open_shift(db)
    with db.writing() as session:
        sign_up(session, shift, "Ada", now=db.now(session))
        signup = signup_of(session, shift, "Ada")
        for message in (
            notice_sent(1, signup.id),
            notice_failed(2, signup.id, bounced=False),
            notice_sent(3, 4711),
        ):
            HANDLERS[type(message)](session, message, LATER)
        number = person_of(session, shift, "Ada")
        assert signup.doubt == ""
    page = words_of(organiser.get(f"/organise/people/{number}").text)
    assert page.index("Failed They do not take it.") < page.index("Confirmation Sent")
    with db.reading() as session:
        assert session.scalars(select(func.count()).select_from(Notice)).one() == 2


def test_a_mail_told_of_twice_is_kept_as_it_was_last(session: Session, crowd: int) -> None:
    number = signup_of(session, crowd, "Ada Example").id
    later = notice_sent(1, number, at=LATER)
    earlier = notice_failed(1, number, bounced=True)
    for message in (earlier, later, later, earlier):
        HANDLERS[type(message)](session, message, LATER)
    states = session.execute(select(Notice.state, Notice.reason)).all()
    assert [tuple(row) for row in states] == [("sent", "")]
    assert signup_of(session, crowd, "Ada Example").doubt


def notice_sent(number: int, signup_id: int, *, at: datetime = NOW) -> NoticeSent:
    return NoticeSent(notice_id=number, signup_id=signup_id, kind="confirmation", at=at)


def notice_failed(number: int, signup_id: int, *, bounced: bool) -> NoticeFailed:
    return NoticeFailed(
        notice_id=number,
        signup_id=signup_id,
        kind="offered",
        at=NOW + timedelta(seconds=1),
        reason="They do not take it.",
        bounced=bounced,
    )


def test_a_training_is_noted_of_all_who_are_ticked(
    organiser: SignedInClient, db: Database, crowd_there: list[int]
) -> None:
    answer = organiser.post(
        f"{PEOPLE}?words=example&group_id=2",
        data={"person_ids": crowd_there, "do": "training", "noted": "Doorstep  Basics"},
    )

    assert answer.status_code == 303
    assert "words=example" in answer.headers["Location"]
    with db.reading() as session:
        wanted = people.Wanted(training="doorstep basics")
        assert people.count_people(session, 1, wanted, now=db.now(session)) == len(crowd_there)


def test_a_tag_is_given_to_all_who_are_ticked(
    organiser: SignedInClient, db: Database, crowd_there: list[int]
) -> None:
    organiser.post(PEOPLE, data={"person_ids": crowd_there[:2], "do": "tag", "noted": "Driver"})

    with db.reading() as session:
        wanted = people.Wanted(tag="driver")
        assert people.count_people(session, 1, wanted, now=db.now(session)) == 2


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"person_ids": []}, "Tick at least one person."),
        ({"noted": " "}, "Enter the name of a training, or a tag."),
        ({"do": "tag", "noted": "x" * 41}, "A tag has at most 40 characters."),
    ],
)
def test_what_cannot_be_noted_is_said_and_the_ticks_stay(
    organiser: SignedInClient, crowd_there: list[int], typed: dict[str, Any], sentence: str
) -> None:
    form = {"person_ids": crowd_there[:1], "do": "training", "noted": "Basics", **typed}

    answer = organiser.post(PEOPLE, data=form)

    assert answer.status_code == 400
    assert sentence in answer.text
    assert answer.text.count(" checked>") == len(form["person_ids"])


def test_people_of_another_group_are_not_noted_of(
    organiser: SignedInClient, db: Database, crowd_there: list[int]
) -> None:
    with db.writing() as session:
        facts = making.shift_facts(id=50)
        making.make_event(session, facts, id=9, group=making.group_facts(id=2))
        sign_up(session, 50, "Dev Other")
        other = person_of(session, 50, "Dev Other")

    answer = organiser.post(
        PEOPLE, data={"person_ids": [*crowd_there, other], "do": "tag", "noted": "driver"}
    )

    assert answer.status_code == 404
    with db.reading() as session:
        assert session.scalars(select(PersonTag)).all() == []


def test_a_mail_that_came_back_is_marked_beside_the_person(
    organiser: SignedInClient, db: Database
) -> None:
    shift = open_shift(db)
    with db.writing() as session:
        sign_up(session, shift, "Ada", now=db.now(session))
        sign_up(session, shift, "Ben", now=db.now(session))
        signup = signup_of(session, shift, "Ada")
        keep(session, notice_sent(1, signup.id), notice_failed(2, signup.id, bounced=True))
        keep(session, notice_sent(3, signup_of(session, shift, "Ben").id))
        number = person_of(session, shift, "Ada")
    pages = (
        "/organise/people/groups/1",
        f"/organise/people/{number}",
        f"/organise/sign-ups/shifts/{shift}",
    )

    assert [marks_in(organiser.get(path).text) for path in pages] == [1, 1, 1]

    with db.writing() as session:
        keep(session, notice_sent(4, signup.id, at=LATER))
    assert [marks_in(organiser.get(path).text) for path in pages] == [0, 0, 0]


def test_a_complaint_is_told_beside_the_mail(session: Session, crowd: int) -> None:
    signup = signup_of(session, crowd, "Ada Example")
    keep(session, notice_sent(1, signup.id))
    keep(session, complained(1, signup.id))

    (notice,) = people.show_person(session, signup.person_id or 0).notices
    assert (notice.state, notice.reason) == ("sent", "They complained.")
    assert signup.doubt == ""


def keep(session: Session, *told: NoticeMessage) -> None:
    for message in told:
        HANDLERS[type(message)](session, message, LATER)


def marks_in(page: str) -> int:
    return page.count("Mail bounced: please call")


def complained(number: int, signup_id: int) -> NoticeComplained:
    return NoticeComplained(
        notice_id=number,
        signup_id=signup_id,
        kind="confirmation",
        at=NOW + timedelta(seconds=1),
        reason="They complained.",
    )
