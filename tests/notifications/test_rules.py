"""When a notice is due, and whether it is still true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.rules import hours, kinds, truth
from services.notifications.rules.truth import Moved, Place
from tests.notifications.making import NOW, STARTS

A = Place(
    place="A", address="1 Road", postcode="LN2 1AB", starts_at=STARTS, ends_at=STARTS + timedelta(1)
)
ABOUT_SIGNUPS = sorted(name for name, kind in kinds.KINDS.items() if kind.true_in)
B, C = replace(A, place="B"), replace(A, place="C")


def test_the_same_thing_has_the_same_key() -> None:
    assert kinds.key_of("changed", "signup/9", 12) == "changed:signup/9:12"


@pytest.mark.parametrize(
    "attempts,minutes", [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (7, 240), (15, 240)]
)
def test_the_waits_between_tries_grow_to_four_hours(attempts: int, minutes: int) -> None:
    assert hours.next_try(attempts, NOW) == NOW + timedelta(minutes=minutes)


def test_a_notice_is_given_up_after_about_48_hours_of_tries() -> None:
    waited, attempts = timedelta(), 1
    while due := hours.next_try(attempts, NOW):
        waited += due - NOW
        attempts += 1

    assert timedelta(hours=44) < waited <= timedelta(hours=48)


@pytest.mark.parametrize(
    "now,due",
    [
        ("2026-12-01T06:00", "2026-12-01T08:00"),
        ("2026-12-01T07:58", "2026-12-01T08:00"),
        ("2026-12-01T07:59:30", "2026-12-02T08:00"),
        ("2026-12-01T08:00", "2026-12-02T08:00"),
        ("2026-12-01T23:59", "2026-12-02T08:00"),
        ("2027-03-27T12:00", "2027-03-28T07:00"),
        ("2027-03-28T07:00", "2027-03-29T07:00"),
        ("2027-10-30T12:00", "2027-10-31T08:00"),
    ],
)
def test_the_daily_list_is_due_at_eight_by_british_clocks(now: str, due: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert hours.next_daily(at) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_the_day_of_a_notice_is_the_british_one() -> None:
    assert hours.uk_day_number(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)) == 20270701


@pytest.mark.parametrize("kind", ABOUT_SIGNUPS)
@pytest.mark.parametrize(
    "state",
    [
        *("placed", "waiting", "offered", "pending", "cancelled", "closed"),
        *("declined", "lapsed", "transferred"),
    ],
)
def test_a_notice_is_sent_only_while_its_signup_is_in_a_state_it_speaks_of(
    kind: str, state: str
) -> None:
    alive = {
        "placed": {
            *("confirmation", "promoted", "repeated"),
            *("changed", "new_signup", "party_changed", "reminder"),
            *("mailing", "newcomer", "welcome"),
        },
        "waiting": {
            *("waiting", "repeated", "changed", "new_signup"),
            *("told", "party_changed", "mailing", "newcomer"),
        },
        "offered": {"offered", "repeated", "changed", "party_changed", "mailing", "newcomer"},
        "pending": {"held", "repeated", "changed"},
        "cancelled": {"cancelled", "switched"},
        "closed": {"closed"},
        "declined": {"declined"},
        "lapsed": {"lapsed"},
        "transferred": {"transferred"},
    }

    assert (truth.why_untrue(kind, state, off=False) == "") == (kind in alive[state])


@pytest.mark.parametrize("kind", ABOUT_SIGNUPS)
def test_once_the_event_is_off_only_its_end_is_told(kind: str) -> None:
    state = kinds.KINDS[kind].true_in[0]

    assert (truth.why_untrue(kind, state, off=True) == "") == (kind in kinds.TAKING_BACK)


def test_the_reason_tells_a_promotion_from_an_end() -> None:
    assert "A place came free" in truth.why_untrue("waiting", "placed", off=False)
    assert "ended" in truth.why_untrue("waiting", "cancelled", off=False)


def test_news_of_a_shift_that_is_over_is_too_late() -> None:
    assert truth.is_too_late(NOW, NOW)
    assert not truth.is_too_late(NOW + timedelta(seconds=1), NOW)


@pytest.mark.parametrize("said,known", [("sent", B), ("uncertain", B), ("superseded", A)])
def test_a_change_is_told_from_what_the_person_last_heard(said: str, known: Place) -> None:
    changes = [
        Moved(revision=3, state="sending", before=B),
        Moved(revision=2, state=said, before=A),
        Moved(revision=4, state="planned", before=C),
    ]

    assert truth.known_before(changes, 3) == known


@pytest.mark.parametrize(
    "after,changed",
    [
        (A, []),
        (B, ["place"]),
        (replace(A, postcode="LN1 1AA"), ["place"]),
        (replace(A, ends_at=STARTS + timedelta(2)), ["time"]),
        (replace(B, starts_at=STARTS - timedelta(1)), ["time", "place"]),
    ],
)
def test_what_changed_is_named(after: Place, changed: list[str]) -> None:
    assert truth.what_changed(A, after) == changed


@pytest.mark.parametrize("kind", ABOUT_SIGNUPS)
@pytest.mark.parametrize("had_place", [True, False])
def test_the_calendar_follows_the_place(kind: str, had_place: bool) -> None:
    ends = "CANCEL" if had_place and kind in kinds.TAKING_BACK else None
    invites = kind in ("confirmation", "promoted", "changed", "repeated")

    assert truth.calendar_method(kind, "waiting", had_place=had_place) == ends
    assert truth.calendar_method(kind, "placed", had_place=had_place) == (
        "REQUEST" if invites else ends
    )


def test_all_that_a_person_waits_for_may_come_twice_rather_than_never() -> None:
    assert kinds.AT_MOST_ONCE & set(kinds.PERSON_KINDS) == {"reminder", "mailing"}


ONLINE = replace(A, mode="online", online_url="https://meet.example/1")


@pytest.mark.parametrize(
    "before,after,changed",
    [
        (ONLINE, replace(ONLINE, online_url="https://meet.example/2"), ["link"]),
        (replace(A, mode="in_person", online_url=""), ONLINE, ["mode", "link"]),
        (replace(ONLINE, mode="both"), ONLINE, ["mode"]),
        (A, ONLINE, []),
        (ONLINE, A, []),
        (ONLINE, replace(ONLINE, place="B"), ["place"]),
    ],
)
def test_a_new_way_to_meet_is_named_where_the_old_one_is_known(
    before: Place, after: Place, changed: list[str]
) -> None:
    assert truth.what_changed(before, after) == changed


@pytest.mark.parametrize(
    "mode,has_place,address_shown,seen",
    [
        ("both", True, "signed_up", ("1 Road", "LN2 1AB", "https://meet.example/1")),
        ("both", True, "public", ("1 Road", "LN2 1AB", "https://meet.example/1")),
        ("both", False, "public", ("1 Road", "LN2 1AB", None)),
        ("both", False, "signed_up", ("", "LN2", None)),
        ("in_person", True, "signed_up", ("1 Road", "LN2 1AB", "")),
        ("in_person", False, "signed_up", ("", "LN2", None)),
    ],
)
def test_only_who_has_a_place_sees_all_of_it(
    mode: str, has_place: bool, address_shown: str, seen: tuple[str, str, str | None]
) -> None:
    place = replace(ONLINE, mode=mode)

    told = truth.seen_by(place, has_place=has_place, address_shown=address_shown)

    assert (told.address, told.postcode, told.online_url) == seen
