"""The tests are worth their time: each of these bugs, put into the real functions, makes one fail.

Some are met by the machine soon, whatever it happens to do; the others, and the worst of those, by
the test that is there for them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import bindparam, or_, select, true, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from services.signups import operations as use_cases
from services.signups.models import LedgerEntry, Shift, Signup
from services.signups.operations import (
    changing,
    copies,
    filling,
    mine,
    offers,
    places,
    review,
    signing_up,
    sweeping,
    switching,
    totals,
    transferring,
    verifying,
)
from services.signups.rules import queue
from shared.refusals import Refusal
from tests.signups import (
    test_changing,
    test_filling,
    test_handlers,
    test_places,
    test_queue_rules,
    test_switching,
)
from tests.signups.machine import drive

Patch = pytest.MonkeyPatch
Bug = Callable[[Patch], None]
Scenario = Callable[[Session], None]
FAILURES = (AssertionError, IntegrityError, NoResultFound, Refusal, pytest.fail.Exception)
"""What the machine and the tests run into: an expectation, a constraint, a refusal too many."""


def operations() -> Iterator[Any]:
    """Yield the modules of operations."""
    package = use_cases.__name__
    yield from (module for name, module in list(sys.modules.items()) if name.startswith(package))


def replace(patch: Patch, function: Any, other: Any) -> None:
    """Put another function in the place of one, wherever an operation calls it."""
    for module in operations():
        for name, value in list(vars(module).items()):
            if value is function:
                patch.setattr(module, name, other)


def nothing(*_args: Any, **_kwargs: Any) -> int:
    return 0


# Bugs of places and the line


def the_last_in_line_comes_first(patch: Patch) -> None:
    def find(session: Any, shift: Shift, *, now: Any) -> Signup | None:
        entitled = filling._entitled(session, shift, now=now).order_by(None)
        last = entitled.where(filling._fits(shift)).order_by(Signup.id.desc()).limit(1)
        return session.scalars(last).one_or_none()

    replace(patch, filling.find_next_in_line, find)


def who_does_not_fit_stops_everybody(patch: Patch) -> None:
    patch.setattr(filling, "_stops_the_line", lambda *_args, **_kwargs: true())


def only_one_is_served_at_a_time(patch: Patch) -> None:
    real, served = filling.find_next_in_line, []

    def find(session: Any, shift: Shift, *, now: Any) -> Signup | None:
        if served and served[-1] == (shift.id, now):
            return None
        served.append((shift.id, now))
        return real(session, shift, now=now)

    replace(patch, filling.find_next_in_line, find)


def a_promotion_stays_on_the_list(patch: Patch) -> None:
    real = totals.change

    def change(session: Any, shift_id: int, *, taken: int, waiting: int, now: Any) -> Any:
        return real(session, shift_id, taken=taken, waiting=0 if taken > 0 else waiting, now=now)

    replace(patch, totals.change, change)


def the_waiting_list_is_not_counted(patch: Patch) -> None:
    real = totals.change

    def change(session: Any, shift_id: int, *, taken: int, waiting: int, now: Any) -> Any:
        return real(session, shift_id, taken=taken, waiting=min(waiting, 0), now=now)

    replace(patch, totals.change, change)


def places_are_freed_twice(patch: Patch) -> None:
    real = totals.end

    def end(session: Any, signup: Signup, *, state: str, now: Any, reason: str = "") -> Any:
        state_before = signup.state
        real(session, signup, state=state, now=now, reason=reason)
        if state_before != "placed":
            return totals.change(session, signup.shift_id, taken=0, waiting=0, now=now)
        signup.state = state_before
        return real(session, signup, state=state, now=now, reason=reason)

    replace(patch, totals.end, end)


def cancelling_frees_one_place_of_a_party(patch: Patch) -> None:
    real = totals.end

    def end(session: Any, signup: Signup, *, state: str, now: Any, reason: str = "") -> Any:
        party, signup.party = signup.party, 1
        after = real(session, signup, state=state, now=now, reason=reason)
        signup.party = party
        return after

    replace(patch, totals.end, end)


def leaving_the_list_frees_a_place(patch: Patch) -> None:
    real = totals.end

    def end(session: Any, signup: Signup, *, state: str, now: Any, reason: str = "") -> Any:
        signup.state = "placed"
        return real(session, signup, state=state, now=now, reason=reason)

    replace(patch, totals.end, end)


def cancelling_fills_nothing(patch: Patch) -> None:
    patch.setattr(changing, "places", SimpleNamespace(**{**vars(places), "fill": nothing}))


def more_capacity_fills_nothing(patch: Patch) -> None:
    patch.setattr(copies, "places", SimpleNamespace(**{**vars(places), "fill": nothing}))


def taking_ignores_the_capacity(patch: Patch) -> None:
    patch.setattr(places, "TAKE", totals.CHANGE)
    patch.setattr(totals, "TAKE_UNDER_LOCK", totals.CHANGE)


def taking_ignores_the_capacity_and_hides_it(patch: Patch) -> None:
    taking_ignores_the_capacity(patch)
    real = totals._write

    def write(session: Any, after: Any, entry: dict[str, Any]) -> None:
        hidden = SimpleNamespace(id=after.id, taken=after.taken, capacity=None)
        real(session, hidden, entry)  # type: ignore[arg-type]

    patch.setattr(totals, "_write", write)


def a_party_counts_as_one(patch: Patch) -> None:
    real = places._take

    def take(session: Any, shift_id: int, *, party: int, now: Any) -> Any:
        return real(session, shift_id, party=min(party, 1), now=now)

    patch.setattr(places, "_take", take)


def less_capacity_puts_people_out(patch: Patch) -> None:
    def fill(session: Any, shift_id: int, *, now: Any) -> int:
        shift = totals.lock(session, shift_id)
        for signup in reversed(totals.live_signups(session, shift_id)):
            if shift.capacity is not None and shift.taken > shift.capacity:
                totals.end(session, signup, state="cancelled", now=now)
                shift = totals.lock(session, shift_id)
        return filling.fill(session, shift_id, now=now)

    patch.setattr(copies, "places", SimpleNamespace(**{**vars(places), "fill": fill}))


def a_cancelled_shift_keeps_who_waits(patch: Patch) -> None:
    def live(session: Any, shift_id: int) -> list[Signup]:
        return [s for s in totals.live_signups(session, shift_id) if s.state != "waiting"]

    patch.setattr(copies, "places", SimpleNamespace(**{**vars(places), "live_signups": live}))


def an_old_snapshot_overwrites_a_newer_one(patch: Patch) -> None:
    real = copies.keep_shift

    def keep(session: Any, event: Any, facts: Any, *, reason: str, now: Any) -> None:
        session.execute(update(Shift).where(Shift.id == facts.id).values(revision=0))
        real(session, event, facts, reason=reason, now=now)

    replace(patch, copies.keep_shift, keep)


def the_promoted_are_not_told(patch: Patch) -> None:
    real = filling.tell

    def tell(session: Any, *messages: Any, now: Any) -> None:
        kept = [m for m in messages if type(m).__name__ != "SignupPromoted"]
        real(session, *kept, now=now)

    patch.setattr(filling, "tell", tell)


def totals_are_not_told_after_a_promotion(patch: Patch) -> None:
    real = filling.tell

    def tell(session: Any, *messages: Any, now: Any) -> None:
        kept = [m for m in messages if type(m).__name__ != "PlacesChanged"]
        real(session, *kept, now=now)

    patch.setattr(filling, "tell", tell)


def the_ledger_is_forgotten(patch: Patch) -> None:
    patch.setattr(totals, "_write", nothing)


def the_ledger_is_forgotten_on_promotion(patch: Patch) -> None:
    real = filling.place

    def place(session: Any, signup: Signup, after: Any, *, now: Any) -> None:
        real(session, signup, after, now=now)
        newest = select(LedgerEntry).order_by(LedgerEntry.id.desc()).limit(1)
        session.delete(session.scalars(newest).one())
        session.flush()

    patch.setattr(filling, "place", place)


def signing_up_again_takes_a_second_place(patch: Patch) -> None:
    def add(session: Any, signup: Any, *, group_id: int, now: Any) -> int:
        person = signing_up.Person(
            group_id=group_id, email=signup.email, name=signup.name, created_at=now
        )
        session.add(person)
        session.flush()
        return person.id

    replace(patch, signing_up.find_or_add_person, add)


def signing_up_again_forgets_the_first(patch: Patch) -> None:
    real = signing_up.find_live_signup

    def find(session: Any, shift_id: int, person_id: int) -> None:
        known = real(session, shift_id, person_id)
        if known is not None:
            known.state = "cancelled"
            session.flush()

    patch.setattr(signing_up, "find_live_signup", find)


def what_was_reviewed_is_placed_without_a_place(patch: Patch) -> None:
    def give(session: Any, shift_id: int, *, party: int, now: Any) -> Any:
        after = totals.change(session, shift_id, taken=0, waiting=0, now=now)
        return places.Place("placed", 0, after)

    patch.setattr(review, "places", SimpleNamespace(**{**vars(places), "give_place_or_rank": give}))


def what_waits_for_review_holds_a_place(patch: Patch) -> None:
    real = signing_up.keep

    def keep(session: Any, signup: Signup, shift: Any, details: Any) -> None:
        real(session, signup, shift, details)
        if signup.review:
            places._take(session, shift.id, party=signup.party, now=signup.created_at)

    patch.setattr(signing_up, "keep", keep)


# Bugs of offers, switches and transfers


def an_offer_is_taken_after_its_death(patch: Patch) -> None:
    real = offers.accept_offer

    def accept(session: Any, signup: Signup, *, now: Any) -> str:
        signup.offer_until = signup.offer_until and now + timedelta(hours=1)
        return real(session, signup, now=now)

    patch.setattr(offers, "accept_offer", accept)


def a_dead_offer_is_shown_as_alive(patch: Patch) -> None:
    patch.setattr(mine, "state_now", lambda signup, **_kwargs: signup.state)


def an_offer_that_was_declined_goes_to_nobody(patch: Patch) -> None:
    patch.setattr(offers, "fill", nothing)


def an_offer_that_nobody_answered_stays(patch: Patch) -> None:
    replace(patch, filling.end_what_is_over, nothing)


def an_offer_keeps_no_place(patch: Patch) -> None:
    real = filling.totals

    def change(session: Any, shift_id: int, *, taken: int, waiting: int, now: Any) -> Any:
        return real.change(session, shift_id, taken=0, waiting=waiting, now=now)

    patch.setattr(filling, "totals", SimpleNamespace(**{**vars(real), "change": change}))


def a_late_yes_loses_the_rank(patch: Patch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> str:
        raise queue.OfferHasEnded

    patch.setattr(offers, "_accept_late", refuse)


def late_somebody_is_placed_without_a_word(patch: Patch) -> None:
    patch.setattr(filling, "mode_of", lambda *_args, **_kwargs: "at_once")


def who_was_told_is_told_again(patch: Patch) -> None:
    real = filling._tell_the_quickest

    def tell(session: Any, shift: Shift, *, now: Any) -> int:
        session.execute(update(Signup).values(late_told_at=None))
        return real(session, shift, now=now)

    patch.setattr(filling, "_tell_the_quickest", tell)


def places_are_taken_past_the_line_before_it_is_late(patch: Patch) -> None:
    patch.setattr(offers, "mode_of", lambda *_args, **_kwargs: "late")


def a_party_is_passed_over_for_ever(patch: Patch) -> None:
    replace(patch, totals.pass_over, nothing)


def newcomers_pass_a_party_that_was_passed_over(patch: Patch) -> None:
    patch.setattr(places, "is_blocked", lambda *_args, **_kwargs: False)
    patch.setattr(
        places,
        "TAKE",
        totals.CHANGE.where(~Shift.__table__.c.cancelled, totals.FREE),
    )


def a_wish_is_forgotten(patch: Patch) -> None:
    patch.setattr(queue, "turn_of", lambda mode, _wish: "offered" if mode == "offers" else "placed")


def a_switch_gives_the_old_place_back_too_early(patch: Patch) -> None:
    real = switching._copy

    def copy(session: Any, old: Signup, target: Any, state: str, *, now: Any) -> Signup:
        new = real(session, old, target, state, now=now)
        if state == "waiting":
            changing.cancel_signup(session, test_changing.token_of(session, old), now=now)
        return new

    patch.setattr(switching, "_copy", copy)


def a_switch_keeps_both_places(patch: Patch) -> None:
    replace(patch, filling.release_replaced, nothing)


def a_switch_fills_nothing(patch: Patch) -> None:
    real = filling.fill
    calls: list[int] = []

    def fill(session: Any, shift_id: int, *, now: Any) -> int:
        calls.append(shift_id)
        return 0 if len(calls) else real(session, shift_id, now=now)

    patch.setattr(filling, "fill", fill)


def a_transfer_goes_to_the_line(patch: Patch) -> None:
    def hand_over(session: Any, old: Signup, new: Signup, *, now: Any) -> Any:
        after = totals.end(session, old, state="transferred", now=now)
        filling.fill(session, old.shift_id, now=now)
        totals.turn(new, "waiting", now=now)
        session.flush()
        totals.change(session, new.shift_id, taken=0, waiting=1, now=now)
        return after

    patch.setattr(
        transferring, "places", SimpleNamespace(**{**vars(places), "hand_over": hand_over})
    )


def a_transfer_jumps_the_queue_with_a_place_more(patch: Patch) -> None:
    def hand_over(session: Any, old: Signup, new: Signup, *, now: Any) -> Any:
        after = totals.change(session, new.shift_id, taken=new.party, waiting=0, now=now)
        totals.note_by_hand(session, new, after, reason="transfer", now=now)
        return after

    patch.setattr(
        transferring, "places", SimpleNamespace(**{**vars(places), "hand_over": hand_over})
    )


def a_claim_link_works_twice(patch: Patch) -> None:
    real = transferring.find_claim

    def find(session: Any, token: str, *, now: Any) -> Any:
        signup_id = transferring.links.read_claim(session, token)[0]
        signup = session.get_one(Signup, signup_id)
        if signup.state != "transferred":
            return real(session, token, now=now)
        return signup, transferring.find_shift(session, signup.shift_id)

    patch.setattr(transferring, "find_claim", find)


def cancelling_again_frees_again(patch: Patch) -> None:
    patch.setattr(
        changing,
        "rules",
        SimpleNamespace(**{**vars(changing.rules), "LIVE": ("cancelled", "placed")}),
    )


def a_smaller_party_frees_nothing(patch: Patch) -> None:
    def shrink(session: Any, signup: Signup, party: int, *, now: Any) -> Any:
        signup.party = party
        return totals.change(session, signup.shift_id, taken=0, waiting=0, now=now)

    patch.setattr(changing, "places", SimpleNamespace(**{**vars(places), "shrink_party": shrink}))


def a_hold_lasts_for_ever(patch: Patch) -> None:
    patch.setattr(sweeping, "end_what_is_over", nothing)
    patch.setattr(filling, "end_what_is_over", nothing)


def a_whole_shift_may_be_held(patch: Patch) -> None:
    replace(patch, totals.too_many_held, lambda *_args, **_kwargs: False)


def the_button_confirms_nothing(patch: Patch) -> None:
    patch.setattr(verifying, "confirm_hold", nothing)


def who_proves_the_address_stays_in_doubt(patch: Patch) -> None:
    real = verifying.verify

    def verify(session: Any, signup: Signup, *, now: Any) -> None:
        doubt = signup.doubt
        real(session, signup, now=now)
        signup.doubt, signup.verified_at = doubt, None
        session.flush()

    replace(patch, verifying.verify, verify)


def quiet_hours_are_ignored(patch: Patch) -> None:
    patch.setattr(queue, "_after_waking_hours", lambda now, lasts, _there: now + lasts)


def newcomers_pass_the_line_of_an_unlimited_shift(patch: Patch) -> None:
    shifts = totals.SHIFTS.c
    nobody_first = or_(shifts.capacity.is_(None), shifts.waiting == 0, ~places.SOMEBODY_COMES_FIRST)
    closes = shifts.closes_at > bindparam("now")
    take = totals.CHANGE.where(~shifts.cancelled, closes, totals.FREE, nobody_first)
    patch.setattr(places, "TAKE", take)


def what_is_given_by_hand_is_not_counted(patch: Patch) -> None:
    real = offers.totals

    def change(session: Any, shift_id: int, *, taken: int, waiting: int, now: Any) -> Any:
        return real.change(session, shift_id, taken=min(taken, 0), waiting=waiting, now=now)

    patch.setattr(offers, "totals", SimpleNamespace(**{**vars(real), "change": change}))


def a_doubt_never_ends(patch: Patch) -> None:
    patch.setattr(sweeping, "_end_what_is_in_doubt", nothing)


def a_kept_offer_ends_when_sign_up_closes(patch: Patch) -> None:
    real = offers.accept_offer

    def accept(session: Any, signup: Signup, *, now: Any) -> str:
        shift = totals.lock(session, signup.shift_id)
        offers.rules.check_open(totals.standing_of(shift), now=now)
        return real(session, signup, now=now)

    patch.setattr(offers, "accept_offer", accept)


FOR_THE_MACHINE: list[Bug] = [
    a_promotion_stays_on_the_list,
    the_waiting_list_is_not_counted,
    places_are_freed_twice,
    cancelling_frees_one_place_of_a_party,
    leaving_the_list_frees_a_place,
    more_capacity_fills_nothing,
    taking_ignores_the_capacity,
    taking_ignores_the_capacity_and_hides_it,
    a_party_counts_as_one,
    a_cancelled_shift_keeps_who_waits,
    an_old_snapshot_overwrites_a_newer_one,
    the_promoted_are_not_told,
    totals_are_not_told_after_a_promotion,
    the_ledger_is_forgotten,
    signing_up_again_takes_a_second_place,
    signing_up_again_forgets_the_first,
    what_was_reviewed_is_placed_without_a_place,
    what_waits_for_review_holds_a_place,
    quiet_hours_are_ignored,
    an_offer_keeps_no_place,
    an_offer_that_nobody_answered_stays,
    a_doubt_never_ends,
    late_somebody_is_placed_without_a_word,
    what_is_given_by_hand_is_not_counted,
    a_switch_keeps_both_places,
    a_transfer_goes_to_the_line,
    a_transfer_jumps_the_queue_with_a_place_more,
    cancelling_again_frees_again,
]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("bug", FOR_THE_MACHINE, ids=lambda bug: bug.__name__)
def test_the_machine_notices_when(
    bug: Bug, monkeypatch: Patch, sqlite_template: Callable[[str], Path]
) -> None:
    bug(monkeypatch)
    with pytest.raises(FAILURES):
        drive(sqlite_template("signups"), examples=100, shrink=False)


NEED_AN_OCCASION: dict[Bug, Scenario] = {
    the_last_in_line_comes_first: test_places.test_a_freed_place_goes_to_the_first_in_line,
    who_does_not_fit_stops_everybody: (
        test_places.test_a_party_that_does_not_fit_is_passed_over_and_keeps_its_rank
    ),
    only_one_is_served_at_a_time: test_places.test_a_party_that_leaves_makes_room_for_several,
    cancelling_fills_nothing: test_places.test_a_freed_place_goes_to_the_first_in_line,
    the_ledger_is_forgotten_on_promotion: (
        test_places.test_a_freed_place_goes_to_the_first_in_line
    ),
    less_capacity_puts_people_out: test_handlers.test_fewer_places_put_nobody_out,
    quiet_hours_are_ignored: lambda _session: (
        test_queue_rules.test_an_offer_lasts_a_quarter_of_the_time_left_awake(
            "2026-12-02T02:00", "2026-12-02T22:00", "2026-12-02T13:00"
        )
    ),
    newcomers_pass_the_line_of_an_unlimited_shift: (
        test_places.test_given_by_hand_a_place_is_no_newcomers_even_on_a_shift_without_limit
    ),
    an_offer_is_taken_after_its_death: (
        test_filling.test_a_late_yes_without_a_place_keeps_the_old_rank
    ),
    a_dead_offer_is_shown_as_alive: (
        test_filling.test_an_offer_past_its_hour_is_dead_even_before_the_sweep
    ),
    an_offer_that_was_declined_goes_to_nobody: test_filling.test_no_passes_it_on,
    an_offer_that_nobody_answered_stays: (test_filling.test_the_sweep_ends_what_nobody_answered),
    an_offer_keeps_no_place: test_filling.test_a_day_before_the_next_is_asked_and_the_place_kept,
    a_kept_offer_ends_when_sign_up_closes: (
        test_filling.test_an_offer_is_good_until_its_hour_even_if_sign_up_closes_before
    ),
    a_late_yes_loses_the_rank: (test_filling.test_a_late_yes_without_a_place_keeps_the_old_rank),
    late_somebody_is_placed_without_a_word: (
        test_filling.test_late_nobody_is_placed_and_who_agreed_is_told_once
    ),
    who_was_told_is_told_again: test_filling.test_late_nobody_is_placed_and_who_agreed_is_told_once,
    places_are_taken_past_the_line_before_it_is_late: (
        test_filling.test_before_it_is_late_nobody_takes_a_place_past_the_line
    ),
    a_party_is_passed_over_for_ever: (
        test_filling.test_a_party_that_was_passed_over_three_times_stops_the_line
    ),
    newcomers_pass_a_party_that_was_passed_over: (
        test_filling.test_a_party_stops_the_line_after_a_day_and_newcomers_count
    ),
    a_wish_is_forgotten: lambda session: test_filling.test_a_wish_counts_more_than_what_is_usual(
        session, "ask", "offered", "offered"
    ),
    a_switch_gives_the_old_place_back_too_early: (
        test_switching.test_a_switch_to_a_full_shift_keeps_the_old_place_until_there_is_a_new_one
    ),
    a_switch_keeps_both_places: (
        test_switching.test_a_switch_takes_the_new_place_and_gives_the_old_one_on
    ),
    a_switch_fills_nothing: (
        test_switching.test_a_switch_takes_the_new_place_and_gives_the_old_one_on
    ),
    a_transfer_goes_to_the_line: (
        test_switching.test_a_friend_takes_the_place_on_a_full_shift_past_nobody
    ),
    a_transfer_jumps_the_queue_with_a_place_more: (
        test_switching.test_a_friend_takes_the_place_on_a_full_shift_past_nobody
    ),
    a_claim_link_works_twice: (
        test_switching.test_a_friend_takes_the_place_on_a_full_shift_past_nobody
    ),
    cancelling_again_frees_again: (
        test_changing.test_cancelling_again_changes_nothing_and_is_told_to_nobody
    ),
    a_smaller_party_frees_nothing: (
        test_switching.test_three_become_two_and_the_third_place_goes_on
    ),
    a_hold_lasts_for_ever: test_filling.test_a_hold_that_nobody_confirms_is_given_back,
    a_whole_shift_may_be_held: (
        test_filling.test_where_addresses_are_proven_a_fifth_of_the_places_is_held
    ),
    the_button_confirms_nothing: test_filling.test_the_button_turns_a_hold_into_a_place,
    who_proves_the_address_stays_in_doubt: test_filling.test_any_button_of_the_mail_ends_the_doubt,
}


@pytest.mark.parametrize("bug", NEED_AN_OCCASION, ids=lambda bug: bug.__name__)
def test_its_own_test_notices_when(bug: Bug, session: Session, monkeypatch: Patch) -> None:
    NEED_AN_OCCASION[bug](session)
    session.rollback()
    bug(monkeypatch)
    with pytest.raises(FAILURES):
        NEED_AN_OCCASION[bug](session)
