"""Who is shown what: an address and a link that are not public are for those with a place."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.database import Database
from tests.signups import making
from tests.signups.making import STARTS, group_facts, shift_facts
from tests.signups.visiting import my_path, receipt_of, signs_up

LINK = "https://meet.example/room"
BY_MAIL = "You get the address by mail"


def hear_of(db: Database, *, work: str = "", needs: str = "", **facts: Any) -> int:
    """Let the service hear of an event with one place; return its shift's number."""
    with db.writing() as session:
        now = session.info["now"]
        starts = now + (STARTS - making.NOW)
        shift = shift_facts(capacity=1, starts_at=starts, work=work, needs=needs)
        making.make_event(session, shift, now=now, **facts)
    return 1


def my_page(visitor: FlaskClient, db: Database, name: str = "Ada Example") -> str:
    return visitor.get(my_path(db, 1, name)).text


def test_a_public_address_is_shown_to_everybody(visitor: FlaskClient, db: Database) -> None:
    shift = hear_of(db)

    page = visitor.get(f"/sign-up/{shift}").text

    assert "By the castle gate" in page
    assert BY_MAIL not in page


def test_an_address_that_is_not_public_is_shown_on_neither_form_nor_receipt(
    visitor: FlaskClient, db: Database
) -> None:
    shift = hear_of(db, address_shown="signed_up")

    form = visitor.get(f"/sign-up/{shift}").text
    receipt = receipt_of(visitor, signs_up(visitor, shift))

    for page in (form, receipt):
        assert "Castle Square" in page
        assert BY_MAIL in page
        assert "By the castle gate" not in page
        # Both halves: the letters of one may stand in a token.
        assert not re.search(r"LN1.{0,6}3AA", page)


def test_who_has_a_place_sees_the_address_by_their_link(visitor: FlaskClient, db: Database) -> None:
    signs_up(visitor, hear_of(db, address_shown="signed_up"))

    page = my_page(visitor, db)

    assert "By the castle gate" in page
    assert "LN1\u00a03AA" in page


@pytest.mark.parametrize("ended", [False, True], ids=["waiting", "cancelled"])
def test_who_has_no_place_does_not_see_it(visitor: FlaskClient, db: Database, ended: bool) -> None:
    shift = hear_of(db, address_shown="signed_up", mode="both", online_url=LINK)
    signs_up(visitor, shift)
    if ended:
        visitor.post(f"{my_path(db, shift)}/cancel")
        page = my_page(visitor, db)
    else:
        signs_up(visitor, shift, name="Ben Example", email="ben@mail.example")
        page = my_page(visitor, db, "Ben Example")

    assert "By the castle gate" not in page
    assert LINK not in page


@pytest.mark.parametrize("mode", ["online", "both"])
def test_the_link_to_join_is_for_those_with_a_place(
    visitor: FlaskClient, db: Database, mode: str
) -> None:
    shift = hear_of(db, mode=mode, online_url=LINK)

    form = visitor.get(f"/sign-up/{shift}").text
    receipt = receipt_of(visitor, signs_up(visitor, shift))

    for page in (form, receipt):
        assert LINK not in page
        assert "You get the link by mail" in page
    assert f'href="{LINK}"' in my_page(visitor, db)


def test_a_link_left_over_is_not_shown(visitor: FlaskClient, db: Database) -> None:
    signs_up(visitor, hear_of(db, online_url=LINK))

    assert LINK not in my_page(visitor, db)


def test_newcomers_are_shown_whom_the_group_stands_with(visitor: FlaskClient, db: Database) -> None:
    named = group_facts(representative_name="Jo Example", representative_role="MP for Lincoln")
    shift = hear_of(db, group=named)

    assert "Fosse Neighbours campaigns with Jo Example, MP for Lincoln." in (
        visitor.get(f"/sign-up/{shift}").text
    )


def test_a_group_that_stands_with_nobody_says_nothing_of_it(
    visitor: FlaskClient, db: Database
) -> None:
    assert "campaigns with" not in visitor.get(f"/sign-up/{hear_of(db)}").text


def test_a_shift_that_needs_a_training_says_so_in_a_sentence(
    visitor: FlaskClient, db: Database
) -> None:
    shift = hear_of(db, work="campaigning", needs="Doorstep basics")

    page = visitor.get(f"/sign-up/{shift}").text

    assert "For this shift you need the training <strong>Doorstep basics</strong>." in page
    assert "Sam Sample can tell you when the next one is." in page
