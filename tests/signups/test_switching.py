"""Smaller parties, switches and transfers: the new place first, and nobody passed over."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups import links, operations, rules
from services.signups.models import Consent, Signup
from services.signups.rules import changes
from shared import messages
from shared.refusals import NotThere
from tests.signups.making import (
    ENDS,
    NOW,
    STARTS,
    cancel,
    details,
    group_facts,
    ledger,
    make_event,
    make_shift,
    news,
    ranks,
    shift_facts,
    sign_up,
    signup_of,
    token_of,
    told,
    totals,
    violations,
)


def token(session: Session, shift: int, name: str = "Ada") -> str:
    return token_of(session, signup_of(session, shift, name))


def test_three_become_two_and_the_third_place_goes_on(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    sign_up(session, shift, "Ada", party=3)
    sign_up(session, shift, "Ben")

    operations.shrink_party(session, token(session, shift), 2, now=NOW)
    operations.shrink_party(session, token(session, shift), 2, now=NOW)

    assert ranks(session, shift) == ["Ada placed", "Ben placed"]
    assert ledger(session, shift) == [3, -1, 1]
    assert [changed.party_before for changed in told(session, messages.SignupChanged)] == [3]
    assert violations(session) == []


def test_a_smaller_party_on_the_list_fits_sooner(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    sign_up(session, shift, "Ada")
    sign_up(session, shift, "Ben", party=2)

    operations.shrink_party(session, token(session, shift, "Ben"), 1, now=NOW)

    assert ranks(session, shift) == ["Ada placed", "Ben placed"]
    assert totals(session, shift) == (2, 0)


def test_a_party_does_not_grow_by_itself(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    sign_up(session, shift, "Ada")

    with pytest.raises(changes.PartyOnlyShrinks):
        operations.shrink_party(session, token(session, shift), 2, now=NOW)


def test_a_switch_takes_the_new_place_and_gives_the_old_one_on(session: Session) -> None:
    old, new = make_shift(session, capacity=1), make_shift(session, capacity=1)
    sign_up(session, old, "Ada", phone="07700 900123")
    sign_up(session, old, "Ben")

    there = operations.switch(session, token(session, old), new, now=NOW)

    assert ranks(session, old) == ["Ada cancelled", "Ben placed"]
    assert ranks(session, new) == ["Ada placed"]
    assert (there.state, there.phone) == ("placed", "07700 900123")
    assert [one.to_shift_id for one in told(session, messages.SignupSwitched)] == [new]
    agreed = select(Consent.purpose).where(Consent.signup_id == there.id)
    assert session.scalars(agreed).all() == ["taking part"]
    assert violations(session) == []


def test_a_switch_to_a_full_shift_keeps_the_old_place_until_there_is_a_new_one(
    session: Session,
) -> None:
    old, new = make_shift(session, capacity=1), make_shift(session, capacity=1)
    sign_up(session, old, "Ada")
    sign_up(session, new, "Ben")
    sign_up(session, old, "Cleo")

    operations.switch(session, token(session, old), new, now=NOW)
    operations.switch(session, token(session, old), new, now=NOW)
    assert (ranks(session, old), ranks(session, new)) == (
        ["Ada placed", "Cleo waiting"],
        ["Ben placed", "Ada waiting"],
    )

    cancel(session, new, "Ben")

    assert ranks(session, old) == ["Ada cancelled", "Cleo placed"]
    assert ranks(session, new) == ["Ben cancelled", "Ada placed"]
    assert violations(session) == []


def test_who_cancelled_comes_to_another_shift_with_one_tap(session: Session) -> None:
    old, new = make_shift(session, capacity=1), make_shift(session, capacity=1)
    sign_up(session, old, "Ada")
    mine = token(session, old)
    operations.cancel_signup(session, mine, reason="A cold", now=NOW)

    shown = operations.show_my_signup(session, mine, now=NOW)
    operations.switch(session, mine, new, now=NOW)

    assert [other.id for other in shown.alternatives] == [new]
    assert ranks(session, new) == ["Ada placed"]
    assert signup_of(session, old, "Ada").reason == "A cold"


def test_nobody_switches_to_another_groups_shift(session: Session) -> None:
    old = make_shift(session)
    make_event(session, shift_facts(id=50), id=9, group=group_facts(id=2, name="Others"))
    sign_up(session, old, "Ada")

    for there in (50, 4711):
        with pytest.raises(changes.CannotSwitchThere):
            operations.switch(session, token(session, old), there, now=NOW)
    with pytest.raises(changes.SameShift):
        operations.switch(session, token(session, old), old, now=NOW)


def claim_of(session: Session, shift: int, name: str = "Ada") -> str:
    """Return the last piece of somebody's claim link."""
    signup = signup_of(session, shift, name)
    return links.claim_link(session, signup.id, signup.transfer_number).rsplit("/", 1)[1]


def test_a_friend_takes_the_place_on_a_full_shift_past_nobody(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    sign_up(session, shift, "Ada", party=2)
    sign_up(session, shift, "Ben")
    operations.open_transfer(session, token(session, shift), now=NOW)
    claim = claim_of(session, shift)

    receipt = operations.claim_place(session, claim, details("Fay", form="claim"), now=NOW)

    assert (receipt.state, receipt.party) == ("placed", 2)
    assert ranks(session, shift) == ["Ada transferred", "Ben waiting", "Fay placed"]
    assert totals(session, shift) == (2, 1)
    assert news(session)[-2:] == ["SignupTransferred ada", "SignupPlaced fay"]
    assert violations(session) == []
    for again in ("Gus", "Fay"):
        with pytest.raises(changes.PlaceIsTaken):
            operations.claim_place(session, claim, details(again, form="claim"), now=NOW)


def test_until_the_friend_has_filled_in_the_form_the_place_stays(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up(session, shift, "Ada")
    operations.open_transfer(session, token(session, shift), now=NOW)
    first = claim_of(session, shift)

    operations.find_claim(session, first, now=NOW)
    operations.open_transfer(session, token(session, shift), now=NOW)
    with pytest.raises(changes.PlaceIsTaken):
        operations.find_claim(session, first, now=NOW)
    second = claim_of(session, shift)
    operations.close_transfer(session, token(session, shift), now=NOW)

    with pytest.raises(changes.PlaceIsTaken):
        operations.claim_place(session, second, details("Fay", form="claim"), now=NOW)
    assert ranks(session, shift) == ["Ada placed"]


def test_a_friend_who_has_a_place_already_takes_none(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    sign_up(session, shift, "Ada")
    sign_up(session, shift, "Fay")
    operations.open_transfer(session, token(session, shift), now=NOW)

    receipt = operations.claim_place(
        session, claim_of(session, shift), details("Fay", form="claim"), now=NOW
    )

    assert receipt.state == "placed"
    assert ranks(session, shift) == ["Ada placed", "Fay placed"]
    assert news(session)[-1] == "SignupRepeated fay"


def test_only_a_place_can_be_passed_on(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    sign_up(session, shift, "Ada")
    sign_up(session, shift, "Ben")

    with pytest.raises(changes.NothingToPass):
        operations.open_transfer(session, token(session, shift, "Ben"), now=NOW)
    operations.open_transfer(session, token(session, shift), now=NOW)
    claim = claim_of(session, shift)
    operations.cancel_signup(session, token(session, shift), now=NOW)
    with pytest.raises(changes.PlaceIsTaken):
        operations.find_claim(session, claim, now=NOW)
    with pytest.raises(NotThere):
        operations.find_claim(session, claim[:-3] + "xyz", now=NOW)


def test_after_the_end_nothing_changes(session: Session) -> None:
    shift = make_shift(session, starts_at=STARTS)
    sign_up(session, shift, "Ada", party=2)
    mine = token(session, shift)
    later = ENDS

    assert operations.show_my_signup(session, mine, now=later).actions == frozenset()
    with pytest.raises(rules.ShiftIsOver):
        operations.cancel_signup(session, mine, now=later)
    with pytest.raises(rules.ShiftIsOver):
        operations.shrink_party(session, mine, 1, now=later)
    with pytest.raises(changes.NothingToPass):
        operations.open_transfer(session, mine, now=later)
    assert session.scalars(select(Signup.state)).all() == ["placed"]
