"""Where a shift is, said beside its time: so that nobody goes to the wrong market place."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.database import Database
from tests.entering import signed_in
from tests.signups import making
from tests.signups.making import STARTS, shift_facts
from tests.signups.visiting import my_path, receipt_of, signs_up

NEWARK = {"address": "Outside the Buttermarket, Newark", "postcode": "NG24 1DU"}
DERBY = {"address": "In front of the Guildhall, Derby", "postcode": "DE1 3AH"}
FIRST, AT_NEWARK, AT_DERBY = 1, 2, 3


def hear_of_market_places(db: Database, **facts: Any) -> None:
    """Let the service hear of an event with shifts at two market places later that day."""
    with db.writing() as session:
        now = session.info["now"]
        starts = now + (STARTS - making.NOW)
        later = {"place": "Market Place", "starts_at": starts + timedelta(hours=3), "capacity": 9}
        shifts = (
            shift_facts(id=FIRST, starts_at=starts),
            shift_facts(id=AT_NEWARK, **NEWARK, **later),
            shift_facts(id=AT_DERBY, **DERBY, **later),
        )
        making.make_event(session, *shifts, now=now, **facts)


def text_of(page: str) -> str:
    """Return the words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_who_changes_or_cancelled_sees_which_market_place_is_meant(
    visitor: FlaskClient, db: Database, is_cancelled: bool
) -> None:
    hear_of_market_places(db)
    signs_up(visitor, FIRST)
    mine = my_path(db, FIRST)
    if is_cancelled:
        visitor.post(f"{mine}/cancel")

    page = visitor.get(mine).text

    assert ("Perhaps one of these?" if is_cancelled else "Another time suits me better") in page
    for town in ("Newark", "Derby"):
        assert f"<strong>Market Place, {town}</strong>" in page
        assert re.search(rf'<span class="visually-hidden">: [^<]*, Market Place, {town}<', page)


def test_of_an_address_that_is_not_public_the_list_tells_half_the_postcode(
    visitor: FlaskClient, db: Database
) -> None:
    hear_of_market_places(db, address_shown="signed_up")
    signs_up(visitor, FIRST)

    page = visitor.get(my_path(db, FIRST)).text

    assert "<strong>Market Place, NG24</strong>" in page
    assert "<strong>Market Place, DE1</strong>" in page
    for secret in ("Newark", "Guildhall", "1DU", "3AH"):
        assert secret not in page


def test_the_boxes_of_the_form_and_the_receipt_name_the_town(
    visitor: FlaskClient, db: Database
) -> None:
    hear_of_market_places(db)

    form = visitor.get(f"/sign-up/{FIRST}").text
    receipt = receipt_of(visitor, signs_up(visitor, FIRST, also=[str(AT_NEWARK), str(AT_DERBY)]))

    for page in (form, receipt):
        assert "Market Place, Newark" in text_of(page)
        assert "Market Place, Derby" in text_of(page)


def test_another_place_at_the_same_time_is_named_with_its_town(
    visitor: FlaskClient, db: Database
) -> None:
    hear_of_market_places(db)
    signs_up(visitor, AT_NEWARK)
    signs_up(visitor, AT_DERBY)

    page = text_of(visitor.get(my_path(db, AT_NEWARK)).text)

    assert "you have a place at Market Place, Derby" in page


def test_what_is_kept_of_somebody_names_the_town(visitor: FlaskClient, db: Database) -> None:
    hear_of_market_places(db)
    signs_up(visitor, AT_DERBY)
    with db.reading() as session:
        person = making.signup_of(session, AT_DERBY, "Ada Example").person_id
        link = making.links.privacy_link(
            session, person, until=session.info["now"] + timedelta(hours=1)
        )

    page = visitor.get(link.removeprefix("http://muster.example")).text

    assert "Where Market Place, Derby" in text_of(page)


def test_organisers_see_which_is_which(app: Flask, visitor: FlaskClient, db: Database) -> None:
    hear_of_market_places(db, address_shown="signed_up")
    signs_up(visitor, AT_DERBY)
    with db.reading() as session:
        person = making.signup_of(session, AT_DERBY, "Ada Example").person_id
    viewer = signed_in(app, db, (1, "viewer"))

    event = viewer.get("/organise/sign-ups/events/1").text
    shift = viewer.get(f"/organise/sign-ups/shifts/{AT_DERBY}").text
    somebody = viewer.get(f"/organise/people/{person}").text

    assert "Market Place, Newark" in event
    assert "Market Place, Derby" in event
    assert "<h1>Market Place, Derby</h1>" in shift
    assert "(UK time), Market Place, Derby" in somebody
