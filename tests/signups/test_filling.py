"""How freed places are given: by the time left, by wishes, and past parties that do not fit."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups import operations, rules
from services.signups.models import Event, Signup
from services.signups.operations import offers
from services.signups.rules import queue
from shared import messages
from shared.refusals import NotThere
from tests.signups.making import (
    NOW,
    STARTS,
    cancel,
    change_shift,
    ledger,
    make_shift,
    news,
    ranks,
    sign_up,
    signup_of,
    token_of,
    told,
    totals,
    violations,
)

A_DAY_BEFORE = STARTS - timedelta(hours=24)
LATE = STARTS - timedelta(hours=3)
HOLD_ENDS = NOW + timedelta(minutes=30)


def full_shift(session: Session, *waiting: str, capacity: int = 1, **facts: object) -> int:
    """Make a shift whose places Ada has, and let others wait for it."""
    shift = make_shift(session, capacity=capacity, starts_at=STARTS, **facts)
    sign_up(session, shift, "Ada", party=capacity)
    for name in waiting:
        sign_up(session, shift, name)
    return shift


def wish(session: Session, shift: int, name: str, wanted: str, *, now: datetime = NOW) -> None:
    token = token_of(session, signup_of(session, shift, name))
    operations.keep_wish(session, token, wanted, now=now)


def accept(session: Session, shift: int, name: str, *, now: datetime) -> str:
    return operations.accept_offer(
        session, token_of(session, signup_of(session, shift, name)), now=now
    )


def decline(session: Session, shift: int, name: str, *, now: datetime) -> None:
    operations.decline_offer(session, token_of(session, signup_of(session, shift, name)), now=now)


def test_with_days_to_go_the_next_is_placed_at_once(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")

    cancel(session, shift, "Ada")

    assert ranks(session, shift) == ["Ada cancelled", "Ben placed", "Cleo waiting"]


def test_a_day_before_the_next_is_asked_and_the_place_kept(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")

    cancel(session, shift, "Ada", now=A_DAY_BEFORE)

    assert ranks(session, shift) == ["Ada cancelled", "Ben offered", "Cleo waiting"]
    assert totals(session, shift) == (1, 1)
    (offered,) = told(session, messages.SignupOffered)
    assert offered.until == signup_of(session, shift, "Ben").offer_until
    assert sign_up(session, shift, "Dev", now=A_DAY_BEFORE).state == "waiting"
    assert violations(session, now=A_DAY_BEFORE) == []


def test_yes_gives_the_place_and_a_second_yes_changes_nothing(session: Session) -> None:
    shift = full_shift(session, "Ben")
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)

    assert accept(session, shift, "Ben", now=A_DAY_BEFORE) == "placed"
    assert accept(session, shift, "Ben", now=A_DAY_BEFORE) == "placed"

    assert ranks(session, shift) == ["Ada cancelled", "Ben placed"]
    assert ledger(session, shift) == [1, -1, 1]
    assert news(session).count("SignupPromoted ben") == 1
    assert violations(session, now=A_DAY_BEFORE) == []


def test_no_passes_it_on(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)

    decline(session, shift, "Ben", now=A_DAY_BEFORE)
    decline(session, shift, "Ben", now=A_DAY_BEFORE)

    assert ranks(session, shift) == ["Ada cancelled", "Ben declined", "Cleo offered"]
    assert totals(session, shift) == (1, 0)


def test_an_offer_past_its_hour_is_dead_even_before_the_sweep(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)
    until = signup_of(session, shift, "Ben").offer_until
    assert until is not None

    mine = operations.show_my_signup(
        session, token_of(session, signup_of(session, shift, "Ben")), now=until
    )

    assert mine.state == "lapsed"
    # The next who wants a place finds it dead, and the line moves.
    assert sign_up(session, shift, "Dev", now=until).state == "waiting"
    assert ranks(session, shift)[1:] == ["Ben lapsed", "Cleo offered", "Dev waiting"]
    assert [lapsed.why for lapsed in told(session, messages.SignupLapsed)] == ["offer"]


def test_the_sweep_ends_what_nobody_answered(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)
    until = signup_of(session, shift, "Ben").offer_until
    assert until is not None

    operations.fill_all(session, until)
    operations.fill_all(session, until)

    assert ranks(session, shift) == ["Ada cancelled", "Ben lapsed", "Cleo offered"]
    assert violations(session, now=until) == []


def test_an_offer_is_good_until_its_hour_even_if_sign_up_closes_before(session: Session) -> None:
    shift = full_shift(session, "Ben", closes_at=STARTS - timedelta(hours=23))
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)
    after_closing = STARTS - timedelta(hours=22)

    assert operations.show_my_signup(
        session, token_of(session, signup_of(session, shift, "Ben")), now=after_closing
    ).actions == {"accept", "decline"}
    assert accept(session, shift, "Ben", now=after_closing) == "placed"


def test_an_offer_that_is_over_counts_no_more_once_sign_up_has_closed(session: Session) -> None:
    shift = full_shift(session, "Ben", closes_at=STARTS - timedelta(hours=23))
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)

    with pytest.raises(rules.SignupsHaveClosed):
        accept(session, shift, "Ben", now=STARTS - timedelta(hours=1))


def test_a_late_yes_is_honoured_while_a_place_is_free(session: Session) -> None:
    shift = full_shift(session, "Ben")
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)
    until = signup_of(session, shift, "Ben").offer_until
    assert until is not None

    assert accept(session, shift, "Ben", now=until + timedelta(minutes=5)) == "placed"

    assert ledger(session, shift) == [1, -1, 1, -1, 1]
    assert violations(session, now=until) == []


def test_a_late_yes_without_a_place_keeps_the_old_rank(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")
    cancel(session, shift, "Ada", now=A_DAY_BEFORE)
    until = signup_of(session, shift, "Ben").offer_until
    assert until is not None

    assert accept(session, shift, "Ben", now=until) == "waiting"

    assert ranks(session, shift) == ["Ada cancelled", "Ben waiting", "Cleo offered"]
    decline(session, shift, "Cleo", now=until)
    assert ranks(session, shift) == ["Ada cancelled", "Ben offered", "Cleo declined"]


def test_who_never_was_offered_a_place_cannot_accept_one(session: Session) -> None:
    shift = full_shift(session, "Ben")
    cancel(session, shift, "Ben")

    with pytest.raises(queue.OfferHasEnded):
        accept(session, shift, "Ben", now=NOW)


@pytest.mark.parametrize(
    "wanted, days_before, hours_before",
    [("ask", "offered", "offered"), ("place", "placed", "placed")],
)
def test_a_wish_counts_more_than_what_is_usual(
    session: Session, wanted: str, days_before: str, hours_before: str
) -> None:
    for now, state in ((NOW, days_before), (A_DAY_BEFORE, hours_before)):
        shift = full_shift(session, "Ben")
        wish(session, shift, "Ben", wanted)
        cancel(session, shift, "Ada", now=now)
        assert ranks(session, shift) == ["Ada cancelled", f"Ben {state}"]


def test_not_on_the_day_means_just_that(session: Session) -> None:
    shift = make_shift(session, capacity=1, starts_at=STARTS + timedelta(hours=8))
    for name in ("Ada", "Ben", "Cleo"):
        sign_up(session, shift, name)
    wish(session, shift, "Ben", "not_on_the_day")

    cancel(session, shift, "Ada", now=STARTS)

    assert ranks(session, shift) == ["Ada cancelled", "Ben waiting", "Cleo offered"]


def test_late_nobody_is_placed_and_who_agreed_is_told_once(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo", "Dev")
    wish(session, shift, "Ben", "place")
    wish(session, shift, "Dev", "ask")

    cancel(session, shift, "Ada", now=LATE)
    operations.fill_all(session, LATE)

    assert ranks(session, shift)[1:] == ["Ben waiting", "Cleo waiting", "Dev waiting"]
    assert [one.person.first_name for one in told(session, messages.SignupTold)] == ["Ben", "Dev"]
    assert violations(session, now=LATE) == []


def test_late_the_quickest_gets_it_newcomers_too(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo", capacity=2)
    cancel(session, shift, "Ada", now=LATE)

    cleo = token_of(session, signup_of(session, shift, "Cleo"))
    operations.take_place(session, cleo, now=LATE)
    operations.take_place(session, cleo, now=LATE)
    assert sign_up(session, shift, "Dev", now=LATE).state == "placed"

    with pytest.raises(queue.NoPlaceIsFree):
        operations.take_place(
            session, token_of(session, signup_of(session, shift, "Ben")), now=LATE
        )
    assert ranks(session, shift) == ["Ada cancelled", "Ben waiting", "Cleo placed", "Dev placed"]
    assert totals(session, shift) == (2, 1)


def test_before_it_is_late_nobody_takes_a_place_past_the_line(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")
    by_hand(session)
    cancel(session, shift, "Ada")

    with pytest.raises(queue.NoPlaceIsFree):
        operations.take_place(
            session, token_of(session, signup_of(session, shift, "Cleo")), now=NOW
        )
    assert totals(session, shift) == (0, 2)


def test_who_still_waits_when_it_begins_is_told(session: Session) -> None:
    shift = full_shift(session, "Ben")

    operations.fill_all(session, STARTS)

    assert ranks(session, shift) == ["Ada placed", "Ben closed"]
    assert [closed.state_before for closed in told(session, messages.SignupClosed)] == ["waiting"]
    assert violations(session, now=STARTS) == []


def test_a_party_that_was_passed_over_three_times_stops_the_line(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    for name in ("Ada", "Ben", "Cleo"):
        sign_up(session, shift, name)
    sign_up(session, shift, "Big", party=3)
    for name in ("Dev", "Eve", "Finn", "Gus"):
        sign_up(session, shift, name)

    for leaving in ("Ada", "Ben", "Cleo"):
        cancel(session, shift, leaving)
    assert signup_of(session, shift, "Big").skips == 3
    cancel(session, shift, "Dev")

    assert ranks(session, shift)[-1] == "Gus waiting"
    assert sign_up(session, shift, "New").state == "waiting"
    cancel(session, shift, "Eve")
    cancel(session, shift, "Finn")
    assert ranks(session, shift)[3] == "Big placed"
    assert violations(session) == []


def test_a_party_stops_the_line_after_a_day_and_newcomers_count(session: Session) -> None:
    shift = make_shift(session, capacity=2, now=NOW)
    sign_up(session, shift, "Ada")
    sign_up(session, shift, "Big", party=2)

    assert sign_up(session, shift, "Ben").state == "placed"
    assert signup_of(session, shift, "Big").skips == 1
    cancel(session, shift, "Ben")
    tomorrow = NOW + timedelta(hours=24)

    assert sign_up(session, shift, "Cleo", now=tomorrow).state == "waiting"
    cancel(session, shift, "Ada", now=tomorrow)
    assert ranks(session, shift) == [
        *("Ada cancelled", "Big placed", "Ben cancelled", "Cleo waiting")
    ]


def test_no_place_is_kept_for_a_party_larger_than_the_shift(session: Session) -> None:
    shift = make_shift(session, capacity=3)
    sign_up(session, shift, "Ada", party=3)
    sign_up(session, shift, "Big", party=3)
    change_shift(session, shift, capacity=2)
    cancel(session, shift, "Ada")

    states = [sign_up(session, shift, name).state for name in ("Ben", "Cleo")]
    cancel(session, shift, "Ben")
    more = [sign_up(session, shift, name).state for name in ("Dev",)]
    cancel(session, shift, "Cleo")

    assert states + more + [sign_up(session, shift, "Eve").state] == ["placed"] * 4
    assert signup_of(session, shift, "Big").skips > queue.MOST_SKIPS - 1


def test_by_hand_nothing_is_given_and_nobody_passes_who_waits(session: Session) -> None:
    shift = full_shift(session, "Ben", "Cleo")
    by_hand(session)

    cancel(session, shift, "Ada")

    assert ranks(session, shift) == ["Ada cancelled", "Ben waiting", "Cleo waiting"]
    assert sign_up(session, shift, "Dev").state == "waiting"
    cleo = signup_of(session, shift, "Cleo")
    offers.give_by_hand(session, cleo.id, reason="She drives the van", now=NOW)
    assert ranks(session, shift)[2] == "Cleo placed"


def test_by_hand_goes_over_the_capacity_and_the_ledger_says_so(session: Session) -> None:
    shift = full_shift(session, "Ben")

    ben = signup_of(session, shift, "Ben")
    offers.give_by_hand(session, ben.id, reason="Needed", now=NOW)

    assert totals(session, shift) == (2, 0)
    assert violations(session) == []
    with pytest.raises(NotThere):
        offers.give_by_hand(session, ben.id, reason="Again", now=NOW)


def test_without_a_waiting_list_a_full_shift_takes_nobody(session: Session) -> None:
    shift = full_shift(session)
    session.execute(Event.__table__.update().values(waiting_list=False))

    with pytest.raises(queue.ShiftIsFull):
        sign_up(session, shift, "Ben")


def strict_shift(session: Session, **facts: object) -> int:
    shift = make_shift(session, **facts)
    session.execute(Event.__table__.update().values(verification="strict"))
    return shift


def test_where_addresses_are_proven_a_fifth_of_the_places_is_held(session: Session) -> None:
    shift = strict_shift(session, capacity=10)

    answers = [sign_up(session, shift, name).state for name in ("Ada", "Ben", "Cleo")]

    assert answers == ["pending", "pending", "waiting"]
    assert totals(session, shift) == (2, 1)
    assert [held.until for held in told(session, messages.SignupHeld)] == [HOLD_ENDS] * 2
    assert violations(session) == []


def test_the_button_turns_a_hold_into_a_place(session: Session) -> None:
    shift = strict_shift(session, capacity=10)
    for name in ("Ada", "Ben", "Cleo"):
        sign_up(session, shift, name)

    for name in ("Ada", "Cleo", "Ada"):
        operations.confirm(session, token_of(session, signup_of(session, shift, name)), now=NOW)

    assert ranks(session, shift) == ["Ada placed", "Ben pending", "Cleo placed"]
    assert news(session)[-2:] == ["SignupPlaced ada", "SignupPromoted cleo"]
    assert violations(session) == []


def test_a_hold_that_nobody_confirms_is_given_back(session: Session) -> None:
    shift = strict_shift(session, capacity=1)
    sign_up(session, shift, "Ada")
    sign_up(session, shift, "Ben")
    ada = token_of(session, signup_of(session, shift, "Ada"))

    assert operations.show_my_signup(session, ada, now=HOLD_ENDS).state == "lapsed"
    operations.fill_all(session, HOLD_ENDS)
    assert ranks(session, shift) == ["Ada lapsed", "Ben waiting"]
    operations.confirm(session, ada, now=HOLD_ENDS)

    # Ben has not proven his address either, so that the place stays free.
    assert ranks(session, shift) == ["Ada lapsed", "Ben waiting"]
    assert [lapsed.why for lapsed in told(session, messages.SignupLapsed)] == ["hold"]


def test_whether_somebody_is_known_does_not_show_where_addresses_are_proven(
    session: Session,
) -> None:
    shift = strict_shift(session, capacity=10)

    answers = [sign_up(session, shift, "Ada").state for _ in range(3)]

    assert answers == ["pending", "pending", "pending"]
    assert ranks(session, shift) == ["Ada pending"]


def test_a_mail_that_came_back_gives_the_place_back_after_two_days(session: Session) -> None:
    shift = full_shift(session, "Ben")
    operations.doubt_address(session, signup_of(session, shift, "Ada").id, now=NOW)

    operations.fill_all(session, NOW + timedelta(hours=47))
    assert ranks(session, shift) == ["Ada placed", "Ben waiting"]
    operations.fill_all(session, NOW + timedelta(hours=48))

    assert ranks(session, shift) == ["Ada lapsed", "Ben placed"]


def test_any_button_of_the_mail_ends_the_doubt(session: Session) -> None:
    shift = full_shift(session)
    ada = signup_of(session, shift, "Ada").id
    operations.doubt_address(session, ada, now=NOW)
    operations.keep_coming(session, token_of(session, signup_of(session, shift, "Ada")), now=NOW)

    operations.fill_all(session, NOW + timedelta(hours=48))

    operations.doubt_address(session, ada, now=NOW)
    operations.fill_all(session, NOW + timedelta(hours=49))
    assert ranks(session, shift) == ["Ada placed"]
    assert session.scalars(select(Signup.verified_at)).one() == NOW


def test_where_nobody_cares_about_addresses_a_mail_that_came_back_changes_nothing(
    session: Session,
) -> None:
    shift = full_shift(session)
    session.execute(Event.__table__.update().values(verification="off"))
    operations.doubt_address(session, signup_of(session, shift, "Ada").id, now=NOW)
    operations.doubt_address(session, 4711, now=NOW)

    operations.fill_all(session, NOW + timedelta(hours=49))

    assert ranks(session, shift) == ["Ada placed"]


def by_hand(session: Session) -> None:
    session.execute(Event.__table__.update().values(promotion="by_hand"))


@pytest.mark.parametrize("left, may_say", [(49, False), (47, True)])
def test_two_days_before_somebody_may_say_that_they_come(
    session: Session, left: int, may_say: bool
) -> None:
    shift = full_shift(session)
    token = token_of(session, signup_of(session, shift, "Ada"))
    now = STARTS - timedelta(hours=left)

    assert ("coming" in operations.show_my_signup(session, token, now=now).actions) == may_say

    operations.keep_coming(session, token, now=now)

    assert "coming" not in operations.show_my_signup(session, token, now=now).actions


def test_who_has_two_places_at_the_same_time_sees_it_by_their_link(session: Session) -> None:
    shift, other, later = (
        make_shift(session, starts_at=STARTS + timedelta(hours=hours)) for hours in (0, 1, 2)
    )
    for number in (shift, other, later):
        sign_up(session, number, "Ada")
    sign_up(session, other, "Ben")

    mine = operations.show_my_signup(
        session, token_of(session, signup_of(session, shift, "Ada")), now=NOW
    )

    (overlap,) = mine.overlaps
    assert overlap.shift.id == other
    assert overlap.link.endswith(token_of(session, signup_of(session, other, "Ada")))


def test_what_is_to_be_replaced_is_no_overlap(session: Session) -> None:
    shift, other = (make_shift(session, starts_at=STARTS, capacity=1) for _ in range(2))
    sign_up(session, other, "Ben")
    sign_up(session, shift, "Ada")
    token = token_of(session, signup_of(session, shift, "Ada"))

    new = operations.switch(session, token, other, now=NOW)

    for link in (token, token_of(session, new)):
        assert operations.show_my_signup(session, link, now=NOW).overlaps == []
