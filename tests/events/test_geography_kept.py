"""An address that is only for those who signed up: no answer to a search gives it away."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from services.events import operations
from services.events.geography.placing import place_shifts
from services.events.models import Shift
from services.events.rules import places
from tests.events.making import LATER, NOW, make_event, typed_shift
from tests.events.test_geography import load_lincoln

DISTRICT = pytest.approx(53.25)
"""The mean of all postcodes of LN2; LN2 1AA itself is at 53.2."""


def shift_at_home(session: Session, *, address_shown: str = "signed_up") -> Shift:
    here = typed_shift(postcode="LN2 1AA", constituency="")
    return make_event(session, address_shown=address_shown, shifts=[here]).shifts[0]


def test_a_kept_address_lies_in_the_middle_of_its_district(session: Session) -> None:
    load_lincoln(session)
    shift = shift_at_home(session)
    assert (shift.latitude, shift.located) == (DISTRICT, "district")
    assert (shift.constituency, shift.authority_code) == ("Lincoln", "E07000138")
    assert shift_at_home(session, address_shown="public").latitude == 53.2


def test_no_later_load_places_a_kept_address_better(session: Session) -> None:
    shift, public = shift_at_home(session), shift_at_home(session, address_shown="public")
    assert (shift.located, public.located) == ("area", "area")
    load_lincoln(session)
    place_shifts(session, NOW)
    session.expire_all()
    assert (shift.latitude, shift.located) == (DISTRICT, "district")
    assert (public.latitude, public.located) == (53.2, "postcode")
    assert place_shifts(session, NOW) == 0


def test_an_address_that_is_kept_from_now_on_moves_to_the_middle(session: Session) -> None:
    load_lincoln(session)
    shift = shift_at_home(session, address_shown="public")
    operations.change_event(session, shift.event_id, {"address_shown": "signed_up"}, now=LATER)
    assert shift.latitude == DISTRICT
    operations.change_event(session, shift.event_id, {"address_shown": "public"}, now=LATER)
    assert shift.latitude == 53.2


@pytest.mark.parametrize(
    "postcode, shown",
    [("LN2 1AA", "LN2"), ("LN2", "LN2"), ("D02AF30", ""), ("LN2-1AA", ""), ("", "")],
)
def test_of_a_kept_postcode_only_its_first_half_is_shown(postcode: str, shown: str) -> None:
    assert places.shown_postcode("signed_up", postcode) == shown
