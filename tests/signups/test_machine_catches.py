"""The machine is worth its time: each of these bugs, put into the real functions, makes it fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, NoResultFound

from services.signups.models import Signup
from services.signups.operations import changing, copies, places, review, signing_up
from tests.signups.machine import drive

Bug = Callable[[pytest.MonkeyPatch], None]
REAL = SimpleNamespace(**vars(places), find_live=signing_up.find_live_signup)


def places_with(**functions: Any) -> SimpleNamespace:
    """Return the module `places` as one of its callers may see it: with other functions."""
    return SimpleNamespace(**{**vars(places), **functions})


def the_last_in_line_is_promoted_first(patch: pytest.MonkeyPatch) -> None:
    def next_who_fits(session: Any, shift: Any) -> Signup | None:
        free = 20 if shift.capacity is None else shift.capacity - shift.taken
        waiting = select(Signup).where(Signup.shift_id == shift.id, Signup.state == "waiting")
        last = waiting.where(Signup.party <= free).order_by(Signup.id.desc()).limit(1)
        return session.scalars(last).one_or_none()

    patch.setattr(places, "_next_who_fits", next_who_fits)


def one_who_does_not_fit_stops_the_line(patch: pytest.MonkeyPatch) -> None:
    def next_who_fits(session: Any, shift: Any) -> Signup | None:
        waiting = select(Signup).where(Signup.shift_id == shift.id, Signup.state == "waiting")
        first = session.scalars(waiting.order_by(Signup.id).limit(1)).one_or_none()
        free = 20 if shift.capacity is None else shift.capacity - shift.taken
        return first if first is not None and first.party <= free else None

    patch.setattr(places, "_next_who_fits", next_who_fits)


def only_one_is_promoted_at_a_time(patch: pytest.MonkeyPatch) -> None:
    def fill(session: Any, shift_id: int, *, now: Any) -> int:
        shift = places.lock(session, shift_id)
        signup = None if shift.cancelled or shift.closes_at <= now else REAL._next_who_fits
        found = signup and signup(session, shift)
        if found:
            places._promote(session, found, now=now)
        return int(bool(found))

    patch.setattr(places, "fill", fill)


def a_party_is_split(patch: pytest.MonkeyPatch) -> None:
    def next_who_fits(session: Any, shift: Any) -> Signup | None:
        free = 20 if shift.capacity is None else shift.capacity - shift.taken
        if free <= 0:
            return None
        waiting = select(Signup).where(Signup.shift_id == shift.id, Signup.state == "waiting")
        first: Signup | None = session.scalars(waiting.order_by(Signup.id).limit(1)).one_or_none()
        if first is not None:
            first.party = min(first.party, free)
        return first

    patch.setattr(places, "_next_who_fits", next_who_fits)


def promotion_forgets_who_waits(patch: pytest.MonkeyPatch) -> None:
    def change(session: Any, shift_id: int, *, taken: int, waiting: int, now: Any) -> Any:
        kept = 0 if taken > 0 else waiting
        return REAL._change(session, shift_id, taken=taken, waiting=kept, now=now)

    patch.setattr(places, "_change", change)


def the_waiting_list_is_not_counted(patch: pytest.MonkeyPatch) -> None:
    def change(session: Any, shift_id: int, *, taken: int, waiting: int, now: Any) -> Any:
        return REAL._change(session, shift_id, taken=taken, waiting=min(waiting, 0), now=now)

    patch.setattr(places, "_change", change)


def a_closed_shift_promotes(patch: pytest.MonkeyPatch) -> None:
    def fill(session: Any, shift_id: int, *, now: Any) -> int:
        shift = places.lock(session, shift_id)
        while (signup := places._next_who_fits(session, shift)) is not None:
            places._promote(session, signup, now=now)
            shift = places.lock(session, shift_id)
        return 0

    patch.setattr(places, "fill", fill)


def places_are_freed_twice(patch: pytest.MonkeyPatch) -> None:
    def end(session: Any, signup: Signup, *, state: str, now: Any) -> Any:
        state_before = signup.state
        REAL.end(session, signup, state=state, now=now)
        signup.state = state_before
        return REAL.end(session, signup, state=state, now=now)

    patch.setattr(places, "end", end)


def cancelling_frees_one_place_of_a_party(patch: pytest.MonkeyPatch) -> None:
    def end(session: Any, signup: Signup, *, state: str, now: Any) -> Any:
        party, signup.party = signup.party, 1
        totals = REAL.end(session, signup, state=state, now=now)
        signup.party = party
        return totals

    patch.setattr(places, "end", end)


def cancelling_from_the_list_frees_a_place(patch: pytest.MonkeyPatch) -> None:
    def end(session: Any, signup: Signup, *, state: str, now: Any) -> Any:
        signup.state = "placed"
        return REAL.end(session, signup, state=state, now=now)

    patch.setattr(places, "end", end)


def cancelling_fills_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(changing, "places", places_with(fill=lambda *_args, **_kwargs: 0))


def more_capacity_fills_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(copies, "places", places_with(fill=lambda *_args, **_kwargs: 0))


def taking_ignores_the_capacity(patch: pytest.MonkeyPatch) -> None:
    def take(session: Any, shift_id: int, *, party: int, now: Any) -> Any:
        return REAL._change(session, shift_id, taken=party, waiting=0, now=now)

    patch.setattr(places, "_take", take)


def taking_ignores_the_capacity_and_hides_it_from_the_ledger(patch: pytest.MonkeyPatch) -> None:
    taking_ignores_the_capacity(patch)

    def note(session: Any, signup_id: int, totals: Any, *, change: int, now: Any) -> None:
        fields = {**totals._mapping, "capacity": None}
        REAL.note(session, signup_id, SimpleNamespace(**fields), change=change, now=now)

    patch.setattr(places, "note", note)


def taking_counts_a_party_as_one(patch: pytest.MonkeyPatch) -> None:
    def take(session: Any, shift_id: int, *, party: int, now: Any) -> Any:
        return REAL._take(session, shift_id, party=min(party, 1), now=now)

    patch.setattr(places, "_take", take)


def less_capacity_puts_people_out(patch: pytest.MonkeyPatch) -> None:
    def fill(session: Any, shift_id: int, *, now: Any) -> int:
        shift = places.lock(session, shift_id)
        for signup in reversed(places.live_signups(session, shift_id)):
            over = shift.capacity is not None and shift.taken > shift.capacity
            if over and signup.state == "placed":
                places.end(session, signup, state="cancelled", now=now)
                shift = places.lock(session, shift_id)
        return REAL.fill(session, shift_id, now=now)

    patch.setattr(copies, "places", places_with(fill=fill))


def a_cancelled_shift_keeps_who_waits(patch: pytest.MonkeyPatch) -> None:
    def live(session: Any, shift_id: int) -> list[Signup]:
        return [s for s in REAL.live_signups(session, shift_id) if s.state != "waiting"]

    patch.setattr(copies, "places", places_with(live_signups=live))


def those_who_wait_are_not_told_of_a_move(patch: pytest.MonkeyPatch) -> None:
    def tell_moved(session: Any, shift: Any, before: Any, *, now: Any) -> None:
        placed = [s for s in REAL.live_signups(session, shift.id) if s.state == "placed"]
        patch.setattr(copies, "places", places_with(live_signups=lambda *_: placed))
        real_tell_moved(session, shift, before, now=now)
        patch.setattr(copies, "places", places)

    real_tell_moved = copies._tell_moved
    patch.setattr(copies, "_tell_moved", tell_moved)


def an_old_snapshot_overwrites_a_newer_one(patch: pytest.MonkeyPatch) -> None:
    def keep_shift(session: Any, event_id: int, facts: Any, *, reason: str, now: Any) -> None:
        session.execute(update(copies.Shift).where(copies.Shift.id == facts.id).values(revision=0))
        real_keep_shift(session, event_id, facts, reason=reason, now=now)

    real_keep_shift = copies.keep_shift
    patch.setattr(copies, "keep_shift", keep_shift)


def the_promoted_are_not_told(patch: pytest.MonkeyPatch) -> None:
    def tell(session: Any, *messages: Any, now: Any) -> None:
        kept = [m for m in messages if type(m).__name__ != "SignupPromoted"]
        real_tell(session, *kept, now=now)

    real_tell = places.tell
    patch.setattr(places, "tell", tell)


def totals_are_not_told_after_a_promotion(patch: pytest.MonkeyPatch) -> None:
    def tell(session: Any, *messages: Any, now: Any) -> None:
        kept = [m for m in messages if type(m).__name__ != "PlacesChanged"]
        real_tell(session, *kept, now=now)

    real_tell = places.tell
    patch.setattr(places, "tell", tell)


def cancelling_again_frees_again(patch: pytest.MonkeyPatch) -> None:
    def cancel(session: Any, token: str, *, now: Any) -> None:
        signup = changing._by_link(session, token)
        places.lock(session, signup.shift_id)
        if signup.state == "cancelled":
            signup.state = "placed"
            places.end(session, signup, state="cancelled", now=now)
            places.fill(session, signup.shift_id, now=now)
            return
        real_cancel(session, token, now=now)

    real_cancel = changing.cancel_signup
    patch.setattr("services.signups.operations.cancel_signup", cancel)


def cancelling_again_is_told_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(changing, "rules", SimpleNamespace(**{**vars(changing.rules), "LIVE": ALL}))


ALL = ("pending", "placed", "waiting", "cancelled", "closed")


def the_ledger_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(places, "note", lambda *_args, **_kwargs: None)


def the_ledger_is_forgotten_on_promotion(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signing_up, "places", places_with(note=REAL.note))
    patch.setattr(places, "_promote", promote_without_ledger)


def promote_without_ledger(session: Any, signup: Signup, *, now: Any) -> None:
    """Promote, and take back what the ledger says of it."""
    REAL._promote(session, signup, now=now)
    newest = select(places.LedgerEntry).order_by(places.LedgerEntry.id.desc()).limit(1)
    session.delete(session.scalars(newest).one())
    session.flush()


def signing_up_again_takes_a_second_place(patch: pytest.MonkeyPatch) -> None:
    def add_person(session: Any, signup: Signup, *, now: Any) -> int:
        person = signing_up.Person(email=signup.email, name=signup.name, created_at=now)
        session.add(person)
        session.flush()
        return person.id

    patch.setattr(signing_up, "find_or_add_person", add_person)


def signing_up_again_forgets_the_first(patch: pytest.MonkeyPatch) -> None:
    def find(session: Any, shift_id: int, person_id: int) -> None:
        known = REAL.find_live(session, shift_id, person_id)
        if known is not None:
            known.state = "cancelled"
            session.flush()

    patch.setattr(signing_up, "find_live_signup", find)


def what_was_reviewed_is_placed_without_a_place(patch: pytest.MonkeyPatch) -> None:
    def give(session: Any, shift_id: int, *, party: int, now: Any) -> Any:
        totals = places._change(session, shift_id, taken=0, waiting=0, now=now)
        return places.Place("placed", 0, totals)

    patch.setattr(review, "places", places_with(give_place_or_rank=give))


def what_waits_for_review_holds_a_place(patch: pytest.MonkeyPatch) -> None:
    def keep(session: Any, signup: Signup, shift: Any, details: Any) -> None:
        real_keep(session, signup, shift, details)
        if signup.state == "pending":
            places._take(session, shift.id, party=signup.party, now=signup.created_at)

    real_keep = signing_up._keep
    patch.setattr(signing_up, "_keep", keep)


BUGS: list[Bug] = [
    the_last_in_line_is_promoted_first,
    one_who_does_not_fit_stops_the_line,
    only_one_is_promoted_at_a_time,
    a_party_is_split,
    promotion_forgets_who_waits,
    the_waiting_list_is_not_counted,
    a_closed_shift_promotes,
    places_are_freed_twice,
    cancelling_frees_one_place_of_a_party,
    cancelling_from_the_list_frees_a_place,
    cancelling_fills_nothing,
    more_capacity_fills_nothing,
    taking_ignores_the_capacity,
    taking_ignores_the_capacity_and_hides_it_from_the_ledger,
    taking_counts_a_party_as_one,
    less_capacity_puts_people_out,
    a_cancelled_shift_keeps_who_waits,
    those_who_wait_are_not_told_of_a_move,
    an_old_snapshot_overwrites_a_newer_one,
    the_promoted_are_not_told,
    totals_are_not_told_after_a_promotion,
    cancelling_again_frees_again,
    cancelling_again_is_told_again,
    the_ledger_is_forgotten,
    the_ledger_is_forgotten_on_promotion,
    signing_up_again_takes_a_second_place,
    signing_up_again_forgets_the_first,
    what_was_reviewed_is_placed_without_a_place,
    what_waits_for_review_holds_a_place,
]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_the_machine_notices_when(
    bug: Bug, monkeypatch: pytest.MonkeyPatch, sqlite_template: Callable[[str], Path]
) -> None:
    bug(monkeypatch)
    # An AssertionError of the machine, or a constraint of the database that it runs into.
    with pytest.raises((AssertionError, IntegrityError, NoResultFound)):
        drive(sqlite_template("signups"), examples=100, shrink=False)
