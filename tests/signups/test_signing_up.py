"""Signing up by the operation: what is answered, what is stored, and what is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.signups import rules
from services.signups.models import Consent, Person, Signup
from services.signups.operations import Receipt
from shared.database import Database
from shared.messages import PlacesChanged, SignupPlaced, SignupRepeated, SignupWaitlisted
from shared.refusals import NotThere
from tests.signups.making import (
    NOW,
    STARTS,
    all_told,
    cancel,
    change_shift,
    ledger,
    make_settings,
    make_shift,
    news,
    ranks,
    sign_up,
    signup_of,
    told,
    totals,
    violations,
)


def count_people(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Person)).one()


def test_a_free_place_is_given_at_once(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    assert sign_up(session, shift) == Receipt("placed", 0, shift, 1)
    assert ranks(session, shift) == ["Ada placed"]
    assert totals(session, shift) == (1, 0)
    assert ledger(session, shift) == [1]


def test_a_full_shift_has_a_waiting_list(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    receipts = [sign_up(session, shift, name) for name in ("Ada", "Ben", "Cleo")]
    assert [(r.state, r.ahead) for r in receipts] == [("placed", 0), ("waiting", 0), ("waiting", 1)]
    assert totals(session, shift) == (1, 2)
    assert ledger(session, shift) == [1]


def test_a_shift_without_a_limit_takes_everybody(session: Session) -> None:
    shift = make_shift(session, capacity=None)
    for number in range(12):
        assert sign_up(session, shift, f"Person{number}", party=20).state == "placed"
    assert totals(session, shift) == (240, 0)


def test_a_party_counts_as_many_places_as_it_has_people(session: Session) -> None:
    shift = make_shift(session, capacity=4)
    assert sign_up(session, shift, "Ada", party=3).state == "placed"
    assert totals(session, shift) == (3, 0)


def test_a_party_is_placed_whole_or_waits_whole(session: Session) -> None:
    shift = make_shift(session, capacity=4)
    sign_up(session, shift, "Ada", party=3)
    assert sign_up(session, shift, "Ben", party=2).state == "waiting"
    assert totals(session, shift) == (3, 1)


def test_who_fits_passes_a_party_that_does_not(session: Session) -> None:
    shift = make_shift(session, capacity=4)
    for name, party in (("Ada", 3), ("Ben", 2), ("Cleo", 1)):
        sign_up(session, shift, name, party=party)
    assert ranks(session, shift) == ["Ada placed", "Ben waiting", "Cleo placed"]
    assert violations(session) == []


def test_a_party_that_could_never_come_is_refused(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    with pytest.raises(rules.PartyIsTooLarge):
        sign_up(session, shift, party=3)
    assert ranks(session, shift) == []


def test_a_placed_sign_up_is_told_with_link_and_totals(session: Session) -> None:
    shift = make_shift(session, capacity=4)
    sign_up(session, shift, "Ada Example", party=2)
    (placed,) = told(session, SignupPlaced)
    signup = signup_of(session, shift, "Ada Example")
    assert (placed.signup.id, placed.signup.state, placed.signup.party) == (signup.id, "placed", 2)
    assert (placed.signup.event_id, placed.signup.shift_id) == (1, shift)
    assert (placed.person.first_name, placed.person.email) == ("Ada", "ada.example@mail.example")
    assert placed.person.link.startswith("http://muster.example/my/")
    (totals_told,) = told(session, PlacesChanged)
    assert (totals_told.shift_id, totals_told.taken, totals_told.waiting) == (shift, 2, 0)


def test_somebody_who_waits_is_told_how_many_are_before_them(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    for name in ("Ada", "Ben", "Cleo"):
        sign_up(session, shift, name)
    assert [message.ahead for message in told(session, SignupWaitlisted)] == [0, 1]
    last = told(session, PlacesChanged)[-1]
    assert (last.taken, last.waiting) == (1, 2)


def test_every_change_of_places_has_a_newer_revision_even_in_one_moment(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    for name in ("Ada", "Ben", "Cleo"):
        sign_up(session, shift, name, now=NOW)
    revisions = [message.places_revision for message in told(session, PlacesChanged)]
    assert revisions == sorted(set(revisions))


def test_the_words_that_were_agreed_to_are_kept(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, form="api")
    consent = session.scalars(select(Consent)).one()
    assert consent.signup_id == signup_of(session, shift, "Ada Example").id
    assert consent.wording.startswith("Fosse Neighbours may use what I typed here")
    assert "political opinions" in consent.wording
    assert (consent.version, consent.form, consent.given_at) == (1, "api", NOW)


@pytest.mark.parametrize("capacity", [1, 2, None])
def test_the_same_person_again_gets_the_answer_of_somebody_new(
    session: Session, capacity: int | None
) -> None:
    shift = make_shift(session, capacity=capacity)
    sign_up(session, shift, "Ada")
    again = sign_up(session, shift, "Ada")
    assert again == sign_up(session, shift, "Somebody New")


def test_the_same_person_again_changes_nothing(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    sign_up(session, shift, "Ada Example", phone="+442079460018")
    sign_up(session, shift, "ada example", party=2, phone="")
    signup = session.scalars(select(Signup)).one()
    assert (signup.name, signup.party, signup.phone) == ("Ada Example", 1, "+442079460018")
    assert count_people(session) == 1
    assert totals(session, shift) == (1, 0)
    assert len(session.scalars(select(Consent)).all()) == 1


@pytest.mark.parametrize("capacity, state", [(2, "placed"), (1, "waiting")])
def test_the_mail_tells_the_truth_to_somebody_who_signs_up_again(
    session: Session, capacity: int, state: str
) -> None:
    shift = make_shift(session, capacity=capacity)
    sign_up(session, shift, "Ada")
    sign_up(session, shift, "Ben")
    sign_up(session, shift, "Ben")
    (repeated,) = told(session, SignupRepeated)
    assert repeated.signup.state == state
    assert news(session)[-1] == "SignupRepeated ben"


def test_a_couple_shares_an_address_and_gets_two_places(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    for name in ("Ada Example", "Ben Example"):
        sign_up(session, shift, name, email="home@mail.example")
    assert ranks(session, shift) == ["Ada placed", "Ben placed"]
    assert count_people(session) == 2


def test_a_known_person_stays_as_they_are_stored(session: Session) -> None:
    one, other = make_shift(session), make_shift(session)
    sign_up(session, one, "Ada Lovelace", email="ada@mail.example")
    sign_up(session, other, "Ada", email="ADA@mail.example")
    assert session.scalars(select(Person.name)).all() == ["Ada Lovelace"]
    # What was typed stands in the sign-up.
    assert signup_of(session, other, "Ada").email == "ADA@mail.example"


def test_one_person_may_come_to_two_shifts(session: Session) -> None:
    one, other = make_shift(session), make_shift(session)
    for shift in (one, other):
        assert sign_up(session, shift).state == "placed"
    assert totals(session, one) == totals(session, other) == (1, 0)


def test_somebody_who_cancelled_may_come_back_at_the_end_of_the_line(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    for name in ("Ada", "Ben"):
        sign_up(session, shift, name)
    cancel(session, shift, "Ada")
    assert sign_up(session, shift, "Ada").state == "waiting"
    assert ranks(session, shift) == ["Ada cancelled", "Ben placed", "Ada waiting"]


def test_a_shift_takes_sign_ups_until_it_closes(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada", now=STARTS - timedelta(microseconds=1))
    with pytest.raises(rules.SignupsHaveClosed):
        sign_up(session, shift, "Ben", now=STARTS)


def test_a_cancelled_shift_takes_no_sign_ups(session: Session) -> None:
    shift = make_shift(session)
    change_shift(session, shift, cancelled=True)
    with pytest.raises(rules.ShiftIsCancelled):
        sign_up(session, shift)


def test_a_shift_never_heard_of_takes_no_sign_ups(session: Session) -> None:
    with pytest.raises(NotThere):
        sign_up(session, 4711)


def test_a_suspicious_form_looks_successful_and_waits_for_a_review(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    assert sign_up(session, shift, "Bot", suspicion="too fast") == Receipt("placed", 0, shift, 1)
    assert signup_of(session, shift, "Bot").review == "too fast"
    assert ranks(session, shift) == ["Bot pending"]
    assert totals(session, shift) == (0, 0)
    assert all_told(session) == []


def test_a_suspicious_form_of_a_full_shift_looks_like_any_other(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    for name in ("Ada", "Ben"):
        sign_up(session, shift, name)
    suspicious = sign_up(session, shift, "Bot", suspicion="too fast")
    assert suspicious == sign_up(session, shift, "Cleo") == Receipt("waiting", 1, shift, 1)


def test_a_suspicious_form_for_somebody_known_sends_them_no_mail(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada")
    before = all_told(session)
    sign_up(session, shift, "Ada", suspicion="too fast")
    assert all_told(session) == before
    assert ranks(session, shift) == ["Ada placed", "Ada pending"]


def test_too_many_sign_ups_for_one_address_wait_for_a_review(
    db: Database, session: Session
) -> None:
    session.info["settings"] = make_settings(db.url, signups_per_email_hour=2)
    shifts = [make_shift(session) for _ in range(4)]
    for shift in shifts:
        assert sign_up(session, shift, "Ada").state == "placed"
    states = [signup_of(session, shift, "Ada").state for shift in shifts]
    assert states == ["placed", "placed", "pending", "pending"]
    assert signup_of(session, shifts[3], "Ada").review == "many sign-ups for one email address"
    assert len(told(session, SignupPlaced)) == 2


def test_the_limit_of_an_hour_is_over_in_the_next(db: Database, session: Session) -> None:
    session.info["settings"] = make_settings(
        db.url, signups_per_email_hour=1, signups_per_email_day=2
    )
    shifts = [make_shift(session) for _ in range(3)]
    for hours, shift in enumerate(shifts):
        sign_up(session, shift, "Ada", now=NOW + timedelta(hours=hours))
    states = [signup_of(session, shift, "Ada").state for shift in shifts]
    # The third is the third of the day.
    assert states == ["placed", "placed", "pending"]


def test_another_spelling_of_an_address_counts_as_the_same(db: Database, session: Session) -> None:
    session.info["settings"] = make_settings(db.url, signups_per_email_hour=1)
    one, other = make_shift(session), make_shift(session)
    sign_up(session, one, "Ada", email="ada@mail.example")
    sign_up(session, other, "Ada", email="ADA@mail.example")
    assert signup_of(session, other, "Ada").state == "pending"


def test_too_many_forms_from_one_network_address_wait_for_a_review(
    db: Database, session: Session
) -> None:
    session.info["settings"] = make_settings(db.url, signups_per_ip_hour=2)
    shift = make_shift(session, capacity=9)
    for name in ("Ada", "Ben", "Cleo"):
        sign_up(session, shift, name, ip="192.0.2.7")
    sign_up(session, shift, "Dev", ip="192.0.2.8")
    # A program that holds the token has no address that counts.
    sign_up(session, shift, "Eve", ip="")
    assert ranks(session, shift) == [
        *("Ada placed", "Ben placed", "Cleo pending", "Dev placed", "Eve placed")
    ]
    assert signup_of(session, shift, "Cleo").review == "many forms from one network address"


@pytest.mark.parametrize("state", ["placed", "waiting"])
def test_a_form_under_review_keeps_nobody_out(session: Session, state: str) -> None:
    shift = make_shift(session, capacity=2)
    if state == "waiting":
        sign_up(session, shift, "Ben", party=2)
    sign_up(session, shift, "Ada", party=2, phone="+15550100", suspicion="too fast")

    assert sign_up(session, shift, "Ada").state == state

    assert ranks(session, shift)[-1] == f"Ada {state}"
    told_as = "SignupPlaced" if state == "placed" else "SignupWaitlisted"
    assert f"{told_as} ada" in news(session)
    assert violations(session) == []


def test_what_follows_a_plus_makes_no_other_address(db: Database, session: Session) -> None:
    session.info["settings"] = make_settings(db.url, signups_per_email_hour=1)
    shift = make_shift(session, capacity=9)
    sign_up(session, shift, "Ada", email="ada@mail.example")
    sign_up(session, shift, "Ben", email="Ada+ben@mail.example")
    assert ranks(session, shift) == ["Ada placed", "Ben pending"]


def test_one_household_has_one_network_address_of_ipv6(db: Database, session: Session) -> None:
    session.info["settings"] = make_settings(db.url, signups_per_ip_hour=1)
    shift = make_shift(session, capacity=9)
    sign_up(session, shift, "Ada", ip="2001:db8:1:2::1")
    sign_up(session, shift, "Ben", ip="2001:db8:1:2:ffff:1:2:3")
    sign_up(session, shift, "Cleo", ip="2001:db8:1:3::1")
    assert ranks(session, shift) == ["Ada placed", "Ben pending", "Cleo placed"]
