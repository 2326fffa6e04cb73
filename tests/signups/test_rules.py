"""The rules, tried out to their edges."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.signups import rules
from services.signups.rules import Standing
from shared import addresses
from shared.limits import network_of
from shared.refusals import Refusal
from tests.signups.making import ENDS, NOW

SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("closes_in", [MOMENT, SECOND, timedelta(days=400)])
def test_a_shift_is_open_until_the_moment_it_closes(closes_in: timedelta) -> None:
    rules.check_open(Standing(False, NOW + closes_in), now=NOW)


@pytest.mark.parametrize("closed_for", [timedelta(0), MOMENT, timedelta(days=400)])
def test_a_shift_is_closed_from_the_moment_it_closes(closed_for: timedelta) -> None:
    with pytest.raises(rules.SignupsHaveClosed):
        rules.check_open(Standing(False, NOW - closed_for), now=NOW)


@pytest.mark.parametrize("closes_in", [-SECOND, timedelta(0), SECOND])
def test_a_cancelled_shift_says_so_whether_it_has_closed_or_not(closes_in: timedelta) -> None:
    with pytest.raises(rules.ShiftIsCancelled):
        rules.check_open(Standing(True, NOW + closes_in), now=NOW)


@pytest.mark.parametrize("party", range(1, rules.LARGEST_PARTY + 1))
def test_a_party_may_be_as_large_as_the_shift(party: int) -> None:
    rules.check_party(party, None)
    for capacity in range(party, rules.LARGEST_PARTY + 2):
        rules.check_party(party, capacity)


@pytest.mark.parametrize("party", range(2, rules.LARGEST_PARTY + 1))
def test_a_party_larger_than_the_shift_is_told_how_many_can_come(party: int) -> None:
    for capacity in range(1, party):
        with pytest.raises(rules.PartyIsTooLarge) as refused:
            rules.check_party(party, capacity)
        words = "one place" if capacity == 1 else f"{capacity} places"
        assert f"only {words} in all" in refused.value.sentence


@pytest.mark.parametrize("time_left", [-SECOND, timedelta(0), MOMENT, SECOND])
def test_a_sign_up_can_be_cancelled_until_the_shift_ends(time_left: timedelta) -> None:
    now = ENDS - time_left
    if time_left <= timedelta(0):
        with pytest.raises(rules.ShiftIsOver):
            rules.check_not_over(ENDS, now=now)
    else:
        rules.check_not_over(ENDS, now=now)


def test_what_is_under_review_or_ended_is_not_live() -> None:
    assert set(rules.LIVE) < set(rules.STATES)
    ended = {"cancelled", "declined", "lapsed", "transferred", "closed"}
    assert set(rules.STATES) - set(rules.LIVE) == ended


@pytest.mark.parametrize("capacity", range(1, 8))
def test_parties_fit_one_by_one_until_every_place_is_taken(capacity: int) -> None:
    for party in range(1, 5):
        taken = 0
        while rules.fits(party, taken=taken, capacity=capacity):
            taken += party
        assert capacity - party < taken <= capacity


@pytest.mark.parametrize("taken", [0, 20, 10**6])
def test_everybody_fits_where_places_are_unlimited(taken: int) -> None:
    assert rules.fits(rules.LARGEST_PARTY, taken=taken, capacity=None)


def test_nobody_fits_where_more_are_taken_than_there_are_places() -> None:
    assert not rules.fits(1, taken=5, capacity=3)


@pytest.mark.parametrize(
    "typed",
    ["ada@mail.example", " Ada@Mail.Example ", "ADA@MAIL.EXAMPLE", "ａｄａ@mail.example"],
)
def test_spellings_of_one_address_are_equal(typed: str) -> None:
    assert rules.normalise_email(typed) == "ada@mail.example"


@pytest.mark.parametrize("other", ["ad.a@mail.example", "ada+x@mail.example", "ada@mail2.example"])
def test_addresses_that_may_be_somebody_elses_stay_different(other: str) -> None:
    assert rules.normalise_email(other) != "ada@mail.example"


@pytest.mark.parametrize(
    "name, first",
    [("Ada Lovelace", "Ada"), ("Ada", "Ada"), ("  Ada  L.", "Ada"), ("", ""), ("Ay Şe", "Ay")],
)
def test_people_are_greeted_by_their_first_name(name: str, first: str) -> None:
    assert rules.first_name(name) == first


SAME = [
    ("Ada Lovelace", "Ada Lovelace"),
    ("Ada Lovelace", "ada lovelace"),
    ("Ada Lovelace", "  Ada   LOVELACE "),
    ("Ada Lovelace", "Ada"),
    ("Ada Lovelace", "Ada L"),
    ("Ada Lovelace", "Ada L."),
    ("Ada Lovelace", "A. Lovelace"),
    ("Ada Lovelace", "Ada Byron Lovelace"),
    ("José Núñez", "José Núñez"),
    ("", ""),
]
DIFFERENT = [
    ("Ada Lovelace", "Ben Lovelace"),
    ("Ada Lovelace", "Ada Byron"),
    ("Ada Lovelace", "Ada B."),
    ("Ada Lovelace", "B. Lovelace"),
    ("Ada", "Ben"),
    ("Ada", ""),
]


@pytest.mark.parametrize("one, other", SAME)
def test_spellings_that_may_name_one_person(one: str, other: str) -> None:
    assert rules.is_same_name(one, other)
    assert rules.is_same_name(other, one)


@pytest.mark.parametrize("one, other", DIFFERENT)
def test_names_of_two_people_at_one_address_are_told_apart(one: str, other: str) -> None:
    assert not rules.is_same_name(one, other)
    assert not rules.is_same_name(other, one)


def test_a_link_works_for_seven_days_after_the_end_and_not_longer() -> None:
    over = ENDS + timedelta(days=7)
    assert not rules.is_link_over(NOW, now=NOW)
    assert not rules.is_link_over(ENDS, now=over)
    assert rules.is_link_over(ENDS, now=over + MOMENT)


REFUSALS = [
    kind for kind in vars(rules).values() if isinstance(kind, type) and issubclass(kind, Refusal)
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_is_a_sentence(refusal: type[rules.Refusal]) -> None:
    assert refusal().sentence.endswith(".")
    assert "\n" not in refusal().sentence


@pytest.mark.parametrize(
    "ip, network",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("2001:db8::7", "2001:db8::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_limits_count_a_network_by_what_one_household_has(ip: str, network: str) -> None:
    assert network_of(ip) == network


@pytest.mark.parametrize(
    "email, mailbox",
    [
        ("Ada+x+y@Mail.example", "ada@mail.example"),
        ("ada@mail.example", "ada@mail.example"),
        ("+x@mail.example", "+x@mail.example"),
    ],
)
def test_limits_count_a_mailbox_whatever_follows_a_plus(email: str, mailbox: str) -> None:
    assert addresses.mailbox_of(email) == mailbox
