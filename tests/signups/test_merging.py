"""Entries that may be one person: found, merged, and parted again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups import operations
from services.signups.models import Person, Signup
from services.signups.operations import people
from services.signups.rules import people as rules
from shared.database import Database
from shared.messages import LinkRequested
from shared.refusals import NotThere
from tests.entering import SignedInClient, signed_in
from tests.signups import making
from tests.signups.making import (
    ENDS,
    LATER,
    NOW,
    change_shift,
    make_shift,
    sign_up,
    signup_of,
    token_of,
    told,
    violations,
)
from tests.signups.test_console import words_of
from tests.signups.visiting import open_shift

ROB = {"email": "rob@mail.example"}
BY: dict[str, Any] = {"by": "Robin", "now": LATER}


def owner_of(session: Session, shift: int, name: str) -> int:
    number = signup_of(session, shift, name).person_id
    assert number is not None
    return number


def why_pairs(session: Session) -> dict[tuple[str, str], str]:
    found = people.list_pairs(session, 1)
    return {(pair.one.name, pair.other.name): pair.why for pair in found}


def two(session: Session) -> tuple[int, int, int, int]:
    """Return two shifts, and two entries of one person, each signed up for one of the shifts."""
    one, other = make_shift(session), make_shift(session)
    sign_up(session, one, "Robert Sample", **ROB)
    sign_up(session, other, "Rob Sample", email="bob@mail.example")
    kept, gone = owner_of(session, one, "Robert Sample"), owner_of(session, other, "Rob Sample")
    return one, other, kept, gone


@pytest.mark.parametrize(
    "one, other, similar",
    [
        ("Rob Sample", "Robert Sample", True),
        ("Catherine", "Katherine", True),
        ("Ada Example", "A. Example", True),
        ("Ada Example", "Ada Lovelace", True),
        ("Ada Example", "Ben Example", False),
        ("Jo", "John", False),
        ("Ada", "", False),
    ],
)
def test_names_that_may_be_one_person_s(one: str, other: str, similar: bool) -> None:
    assert rules.is_similar_name(one, other) is similar
    assert rules.is_similar_name(other, one) is similar


def test_entries_that_may_be_one_person_are_found_with_the_reason(session: Session) -> None:
    shift = make_shift(session, capacity=None)
    sign_up(session, shift, "Robert Sample", **ROB)
    sign_up(session, shift, "Rob Sample", **ROB)
    sign_up(session, shift, "Ben Sample", **ROB)
    sign_up(session, shift, "Ada", phone="+447700900123")
    sign_up(session, shift, "Ida", phone="+447700900123")
    sign_up(session, shift, "Dev Example", postcode="LN1 3AA", email="dev@one.example")
    sign_up(session, shift, "Dev Example", postcode="LN1 3AA", email="dev@two.example")
    sign_up(session, shift, "Eve Example", postcode="LN1 3AA")
    assert why_pairs(session) == {
        ("Robert Sample", "Rob Sample"): "same email address, similar name",
        ("Ada", "Ida"): "same phone number",
        ("Dev Example", "Dev Example"): "same name and postcode",
    }


def test_who_was_told_apart_is_not_suggested_again(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada", phone="+447700900123")
    sign_up(session, shift, "Ida", phone="+447700900123")
    ada, ida = owner_of(session, shift, "Ada"), owner_of(session, shift, "Ida")
    assert len(people.show_person(session, ida).pairs) == 1
    for _ in range(2):
        people.tell_apart(session, ida, ada, **BY)
    assert why_pairs(session) == {}
    assert people.show_person(session, ada).pairs == []


def test_of_a_merged_person_everything_is_found_in_one_place(session: Session) -> None:
    one, other, kept, gone = two(session)
    people.add_tag(session, gone, "driver")
    people.add_note(session, gone, "Has a van", **BY)
    people.mark_training(session, gone, "First aid", **BY)
    people.merge_people(session, kept, gone, **BY)
    known = people.show_person(session, kept)
    assert {row.Shift.id for row in known.signups} == {one, other}
    assert (known.tags, known.notes[0].words) == (["driver"], "Has a van")
    assert len(known.consents) == 2
    listed = people.list_people(session, 1, people.Wanted(tag="driver"), page=1, now=LATER)
    assert [(row.person.id, row.tags, row.signups) for row in listed] == [(kept, ["driver"], 2)]
    by_address = people.Wanted(words="bob@mail")
    assert [
        row.person.id for row in people.list_people(session, 1, by_address, page=1, now=NOW)
    ] == [kept]
    assert people.who_lacks(session, "first aid", {kept}) == set()
    assert violations(session) == []


def test_what_is_kept_of_who_was_merged_is_kept_of_the_one(session: Session) -> None:
    _, _, kept, gone = two(session)
    people.merge_people(session, kept, gone, **BY)
    people.add_tag(session, gone, "driver")
    people.undo_merge(session, kept, 1, now=LATER)
    assert people.show_person(session, kept).tags == ["driver"]
    assert people.show_person(session, gone).tags == []


def test_who_was_merged_signs_up_as_the_one(session: Session) -> None:
    _, other, kept, gone = two(session)
    people.merge_people(session, kept, gone, **BY)
    sign_up(session, other, "Rob Sample", email="bob@mail.example")
    rows = session.scalars(select(Signup).where(Signup.shift_id == other)).all()
    assert [row.person_id for row in rows] == [kept]
    third = make_shift(session)
    sign_up(session, third, "Rob Sample", email="bob@mail.example")
    assert owner_of(session, third, "Rob Sample") == kept


def test_undone_each_has_its_own_again(session: Session) -> None:
    one, other, kept, gone = two(session)
    merge = people.merge_people(session, kept, gone, **BY)
    third = make_shift(session)
    sign_up(session, third, "Rob Sample", email="bob@mail.example")
    assert people.undo_merge(session, kept, merge.id, now=LATER) == gone
    session.expire_all()
    assert owner_of(session, other, "Rob Sample") == gone
    assert owner_of(session, one, "Robert Sample") == kept
    assert owner_of(session, third, "Rob Sample") == kept
    assert people.show_person(session, kept).also == []
    with pytest.raises(NotThere):
        people.undo_merge(session, kept, merge.id, now=LATER)


def test_merges_of_merges_are_undone_from_the_last(session: Session) -> None:
    _, other, second, first = two(session)
    sign_up(session, other, "Bob Sample")
    third = owner_of(session, other, "Bob Sample")
    change_shift(session, other, capacity=5)
    early = people.merge_people(session, second, first, **BY)
    sign_up(session, other, "Robert Sample", **ROB)
    with pytest.raises(rules.BothAreSignedUp):
        people.merge_people(session, third, second, **BY)
    making.cancel(session, other, "Bob Sample")
    late = people.merge_people(session, third, second, **BY)
    assert people.owner_of_entry(session, first) == third
    with pytest.raises(rules.MergeIsBuried):
        people.undo_merge(session, second, early.id, now=LATER)
    people.undo_merge(session, third, late.id, now=LATER)
    session.expire_all()
    assert people.owner_of_entry(session, first) == second
    people.undo_merge(session, second, early.id, now=LATER)
    session.expire_all()
    assert people.owner_of_entry(session, first) == first
    assert owner_of(session, other, "Rob Sample") == first


def test_two_with_a_place_on_one_shift_to_come_are_not_merged(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Robert Sample", **ROB)
    sign_up(session, shift, "Rob Sample", **ROB)
    ids = [owner_of(session, shift, name) for name in ("Robert Sample", "Rob Sample")]
    with pytest.raises(rules.BothAreSignedUp):
        people.merge_people(session, *ids, **BY)
    people.merge_people(session, *ids, by="Robin", now=ENDS + timedelta(minutes=1))
    assert len(people.show_person(session, ids[0]).signups) == 2


def test_nobody_is_merged_twice_or_with_themselves(session: Session) -> None:
    _, _, kept, gone = two(session)
    with pytest.raises(NotThere):
        people.merge_people(session, kept, kept, **BY)
    people.merge_people(session, kept, gone, **BY)
    for ids in ((kept, gone), (gone, kept)):
        with pytest.raises(rules.MergedAlready):
            people.merge_people(session, *ids, **BY)


def test_nobody_is_merged_with_another_group_s(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada")
    making.make_event(session, making.shift_facts(id=50), id=9, group=making.group_facts(id=2))
    sign_up(session, 50, "Ada")
    ids = (owner_of(session, shift, "Ada"), owner_of(session, 50, "Ada"))
    for act in (people.merge_people, people.tell_apart):
        with pytest.raises(NotThere):
            act(session, *ids, **BY)


def test_each_address_is_mailed_the_links_of_its_own_sign_ups(session: Session) -> None:
    one, other, kept, gone = two(session)
    people.merge_people(session, kept, gone, **BY)
    for email, shift in (("rob@mail.example", one), ("bob@mail.example", other)):
        making.forget_told(session)
        operations.request_links(session, email, now=LATER)
        (asked,) = told(session, LinkRequested)
        assert [link.shift_id for link in asked.person.links] == [shift]


def test_pages_and_links_of_who_was_merged_still_work(
    app: Flask, db: Database, visitor: FlaskClient
) -> None:
    organiser: SignedInClient = signed_in(app, db, (1, "organiser"))
    shift, other = open_shift(db), open_shift(db)
    with db.writing() as session:
        now = db.now(session)
        sign_up(session, shift, "Robert Sample", now=now, **ROB)
        sign_up(session, other, "Rob Sample", now=now, **ROB)
        kept = owner_of(session, shift, "Robert Sample")
        gone = owner_of(session, other, "Rob Sample")
        link = f"/my/{token_of(session, signup_of(session, other, 'Rob Sample'))}"
    duplicates = "/organise/people/groups/1/duplicates"
    assert "Same email address, similar name" in words_of(organiser.get(duplicates).text)
    answer = organiser.post(f"/organise/people/{kept}/merge", data={"number": str(gone)})
    assert "Merged." in words_of(organiser.get(answer.headers["Location"]).text)
    assert "No duplicates found" in organiser.get(duplicates).text
    moved = organiser.get(f"/organise/people/{gone}")
    assert moved.headers["Location"].endswith(f"/organise/people/{kept}")
    assert visitor.get(link).status_code == 200
    assert visitor.post(f"{link}/cancel").status_code == 303
    with db.reading() as session:
        (row,) = people.show_person(session, kept).merges
    undone = organiser.post(f"/organise/people/{kept}/part", data={"number": str(row.Merge.id)})
    assert "Parted again." in words_of(organiser.get(undone.headers["Location"]).text)
    with db.reading() as session:
        assert session.get_one(Person, gone).merged_into is None
    answer = organiser.post(f"/organise/people/{kept}/apart", data={"number": str(gone)})
    assert "They are two people." in words_of(organiser.get(answer.headers["Location"]).text)
