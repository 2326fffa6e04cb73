"""What may be done to events and shifts, without any database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events import rules

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Shift:
    """A shift as the rules see it: from `starts` to `ends` hours after now."""

    starts: float = 24
    ends: float = 26
    closes: float | None = None
    cancelled: bool = False
    capacity: int | None = 10
    taken: int = 0
    waiting: int = 0
    place: str = "Castle Square"

    @property
    def starts_at(self) -> datetime:
        return NOW + self.starts * HOUR

    @property
    def ends_at(self) -> datetime:
        return NOW + self.ends * HOUR

    @property
    def closes_at(self) -> datetime:
        return NOW + (self.starts if self.closes is None else self.closes) * HOUR


AHEAD = Shift()
RUNNING = Shift(starts=-1, ends=1)
PAST = Shift(starts=-3, ends=-1)
CALLED_OFF = replace(AHEAD, cancelled=True)


def times(shift: Shift) -> rules.Times:
    return rules.Times(starts_at=shift.starts_at, ends_at=shift.ends_at, closes_at=shift.closes_at)


@pytest.mark.parametrize("status", ["draft", "published"])
@pytest.mark.parametrize("shifts", [[], [AHEAD], [PAST, RUNNING], [PAST, AHEAD]])
def test_an_event_that_goes_on_can_be_changed_and_cancelled(
    status: str, shifts: list[Shift]
) -> None:
    rules.check_changeable(status, shifts, NOW)
    rules.check_cancellable(status, shifts, NOW)


def test_a_cancelled_event_cannot_be_changed() -> None:
    with pytest.raises(rules.EventIsCancelled):
        rules.check_changeable("cancelled", [AHEAD], NOW)


def test_a_published_event_whose_last_shift_ended_cannot_be_changed() -> None:
    with pytest.raises(rules.EventIsOver):
        rules.check_changeable("published", [PAST, PAST], NOW)


def test_an_event_is_over_at_the_very_moment_its_last_shift_ends() -> None:
    assert rules.is_over([Shift(starts=-1, ends=0)], NOW)


def test_a_draft_of_past_dates_can_still_be_given_new_ones() -> None:
    rules.check_changeable("draft", [PAST], NOW)


def test_cancelling_twice_is_refused_with_a_sentence_of_its_own() -> None:
    with pytest.raises(rules.EventWasAlreadyCancelled) as refused:
        rules.check_cancellable("cancelled", [AHEAD], NOW)
    assert refused.value.sentence == "This event was already cancelled."


def test_what_has_taken_place_cannot_be_cancelled() -> None:
    with pytest.raises(rules.EventIsOver):
        rules.check_cancellable("published", [PAST], NOW)


@dataclass(frozen=True)
class Event:
    """An event as the rules see it, ready for the public."""

    shifts: tuple[Shift, ...] = (AHEAD,)
    status: str = "draft"
    title: str = "Out in Lincoln"
    mode: str = "in_person"
    online_url: str = ""
    contact_name: str = "Sam Sample"
    contact_email: str = "sam@fosse.example"


@pytest.mark.parametrize(
    "event, missing",
    [
        (Event(()), "it has no shift"),
        (Event((CALLED_OFF,)), "all its shifts are cancelled"),
        (Event((PAST,)), "it has no shift in the future"),
        (Event((RUNNING,)), "it has no shift in the future"),
        (Event((PAST, CALLED_OFF)), "it has no shift in the future"),
        (Event(title=""), "it has no title"),
        (Event((replace(AHEAD, place=""),)), "it does not say where people meet"),
        (Event(mode="online"), "it has no link for those who come online"),
        (Event(mode="both"), "it has no link for those who come online"),
        (Event(contact_name=""), "it has nobody to ask: give a name and an email address"),
        (Event(contact_email=""), "it has nobody to ask: give a name and an email address"),
        (Event((), title=""), "it has no shift; it has no title"),
    ],
)
def test_publishing_says_everything_that_is_missing(event: Event, missing: str) -> None:
    with pytest.raises(rules.EventIsNotReady) as refused:
        rules.check_publishable(event, NOW)
    assert refused.value.sentence == f"This event cannot be published yet: {missing}."


@pytest.mark.parametrize(
    "event",
    [
        Event((PAST, AHEAD)),
        Event((CALLED_OFF, AHEAD)),
        Event((replace(PAST, place=""), AHEAD)),
        Event((replace(AHEAD, place=""),), mode="online", online_url="https://meet.example/1"),
    ],
)
def test_a_draft_that_people_can_come_to_can_be_published(event: Event) -> None:
    rules.check_publishable(event, NOW)


def test_publishing_twice_is_refused() -> None:
    with pytest.raises(rules.EventIsAlreadyPublished):
        rules.check_publishable(Event(status="published"), NOW)


def test_a_cancelled_event_cannot_be_published() -> None:
    with pytest.raises(rules.EventIsCancelled):
        rules.check_publishable(Event(status="cancelled"), NOW)


@pytest.mark.parametrize("shifts", [[PAST], [CALLED_OFF], []])
def test_what_nobody_can_come_to_any_more_can_be_put_away(shifts: list[Shift]) -> None:
    rules.check_archivable("published", shifts, NOW)


@pytest.mark.parametrize("shifts", [[AHEAD], [RUNNING], [PAST, AHEAD]])
def test_what_is_still_to_come_is_not_put_away(shifts: list[Shift]) -> None:
    with pytest.raises(rules.EventIsStillToCome):
        rules.check_archivable("published", shifts, NOW)
    rules.check_archivable("draft", shifts, NOW)


def test_conversations_are_counted_once_a_shift_has_begun() -> None:
    rules.check_begun(RUNNING, NOW)
    rules.check_begun(PAST, NOW)
    with pytest.raises(rules.ShiftHasNotBegun):
        rules.check_begun(AHEAD, NOW)
    with pytest.raises(rules.ShiftIsCancelled):
        rules.check_begun(replace(PAST, cancelled=True), NOW)


@pytest.mark.parametrize("capacity, taken, over", [(None, 99, 0), (5, 4, 0), (5, 5, 0), (5, 8, 3)])
def test_a_lowered_capacity_says_how_many_are_over_it(
    capacity: int | None, taken: int, over: int
) -> None:
    assert rules.places_over(capacity, taken) == over


@pytest.mark.parametrize("shift", [AHEAD, RUNNING])
def test_a_shift_can_change_until_its_end(shift: Shift) -> None:
    rules.check_shift_changeable(shift, NOW)
    rules.check_shift_cancellable(shift, NOW)


def test_a_cancelled_shift_cannot_be_changed() -> None:
    with pytest.raises(rules.ShiftIsCancelled):
        rules.check_shift_changeable(CALLED_OFF, NOW)


def test_a_shift_that_is_over_cannot_be_changed_or_cancelled() -> None:
    with pytest.raises(rules.ShiftIsOver):
        rules.check_shift_changeable(PAST, NOW)
    with pytest.raises(rules.ShiftIsOver):
        rules.check_shift_cancellable(PAST, NOW)


def test_cancelling_a_shift_twice_is_refused() -> None:
    with pytest.raises(rules.ShiftWasAlreadyCancelled):
        rules.check_shift_cancellable(CALLED_OFF, NOW)


@pytest.mark.parametrize(
    "shift, refusal",
    [
        (Shift(starts=5, ends=5), rules.ShiftEndsTooEarly),
        (Shift(starts=5, ends=4), rules.ShiftEndsTooEarly),
        (Shift(starts=1, ends=1 + 7 * 24 + 1), rules.ShiftIsTooLong),
        (Shift(starts=5, ends=6, closes=5.5), rules.ShiftClosesTooLate),
    ],
)
def test_times_that_cannot_be_are_refused(shift: Shift, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.check_times(times(shift))


@pytest.mark.parametrize(
    "shift",
    [
        Shift(starts=5, ends=5.1),
        Shift(starts=1, ends=1 + 7 * 24),
        Shift(starts=5, ends=6, closes=2),
    ],
)
def test_times_that_can_be_pass(shift: Shift) -> None:
    rules.check_times(times(shift))


@pytest.mark.parametrize("shift", [PAST, RUNNING, Shift(starts=0, ends=1)])
def test_a_published_event_gets_no_shift_that_has_begun(shift: Shift) -> None:
    with pytest.raises(rules.ShiftIsInThePast):
        rules.check_ahead("published", times(shift), NOW)


def test_a_draft_may_hold_shifts_of_the_past() -> None:
    rules.check_ahead("draft", times(PAST), NOW)


def test_sign_up_to_a_moved_shift_closes_as_long_before_its_start_as_it_did() -> None:
    closing = rules.kept_closing(Shift(starts=24, closes=22), NOW + 48 * HOUR)
    assert closing == NOW + 46 * HOUR


@pytest.mark.parametrize(
    "capacity, taken, waiting, words",
    [
        (None, 500, 0, "Room for everyone"),
        (10, 0, 0, "About 10 places left"),
        (10, 6, 0, "About 4 places left"),
        (10, 9, 0, "About 1 place left"),
        (10, 9, 2, "About 1 place left"),
        (10, 10, 0, "Full"),
        (10, 10, 3, "Full, 3 waiting"),
        (10, 13, 0, "Full"),
    ],
)
def test_places_are_told_in_words(
    capacity: int | None, taken: int, waiting: int, words: str
) -> None:
    assert rules.describe_places(capacity, taken, waiting) == words


@given(capacity=st.integers(1, 100_000), taken=st.integers(0, 200_000))
def test_never_fewer_than_no_place_is_left(capacity: int, taken: int) -> None:
    left = rules.places_left(capacity, taken)
    assert left is not None
    assert left >= 0
    assert left == 0 or left + taken == capacity


@pytest.mark.parametrize(
    "status, shift, state, words",
    [
        ("published", AHEAD, "plenty", "About 10 places left"),
        ("published", Shift(capacity=None), "plenty", "Room for everyone"),
        ("published", Shift(taken=4), "plenty", "About 6 places left"),
        ("published", Shift(taken=5), "few", "About 5 places left"),
        ("published", Shift(taken=10), "full", "Full"),
        ("published", Shift(taken=12, waiting=1), "full", "Full, 1 waiting"),
        ("published", Shift(closes=-1), "closed", "Sign-up closed"),
        ("published", Shift(closes=0), "closed", "Sign-up closed"),
        ("published", RUNNING, "closed", "Sign-up closed"),
        ("published", PAST, "closed", "Over"),
        ("published", CALLED_OFF, "closed", "Cancelled"),
        ("cancelled", AHEAD, "closed", "Cancelled"),
        ("cancelled", PAST, "closed", "Cancelled"),
    ],
)
def test_a_shift_says_whether_it_can_be_joined(
    status: str, shift: Shift, state: str, words: str
) -> None:
    standing = rules.standing(status, shift, NOW)
    assert (standing.state, standing.words) == (state, words)
    assert standing.is_open == (state != "closed")
