"""Limits are counted in the database that all processes share, without naming anybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import select

from shared import limits
from shared.database import Database
from shared.limits import Limit
from shared.tables import COUNTERS
from tests.conftest import DatabaseOf
from tests.shared.making import NOON

HOUR = timedelta(hours=1)


def use(db: Database, *wanted: Limit, now: datetime = NOON) -> bool:
    with db.writing() as session:
        return limits.count(session, wanted, key="k" * 32, now=now) <= 1


def three_an_hour(subject: str = "zoe@people.example") -> Limit:
    return Limit(kind="address", subject=subject, most=3, window=HOUR)


def test_the_fourth_use_of_three_is_too_many(database_of: DatabaseOf) -> None:
    db = database_of("signups")

    assert [use(db, three_an_hour()) for _ in range(4)] == [True, True, True, False]


def test_each_subject_has_its_own_count(database_of: DatabaseOf) -> None:
    db = database_of("signups")

    assert all(use(db, three_an_hour(f"{n}@people.example")) for n in range(5))


def test_the_next_window_begins_anew(database_of: DatabaseOf) -> None:
    db = database_of("signups")
    for _ in range(4):
        use(db, three_an_hour())

    assert use(db, three_an_hour(), now=NOON + HOUR)


def test_one_of_several_limits_is_enough_to_stop(database_of: DatabaseOf) -> None:
    db = database_of("signups")
    once_a_day = Limit(kind="ip", subject="192.0.2.1", most=1, window=timedelta(days=1))

    assert use(db, three_an_hour(), once_a_day)
    assert not use(db, three_an_hour("other@people.example"), once_a_day)


def test_no_limits_hold_nobody_up(database_of: DatabaseOf) -> None:
    assert use(database_of("signups"))


def test_uses_at_the_same_time_are_all_counted(database_of: DatabaseOf) -> None:
    db = database_of("signups")
    ten = Limit(kind="ip", subject="192.0.2.1", most=10, window=HOUR)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: use(db, ten), range(24)))

    assert answers.count(True) == 10


def test_counters_name_nobody_and_go_when_their_window_is_over(database_of: DatabaseOf) -> None:
    db = database_of("signups")
    use(db, three_an_hour("zoe@people.example"))

    with db.writing() as session:
        assert "zoe" not in str(session.execute(select(COUNTERS)).all())
        limits.forget_ended(session, NOON + 2 * HOUR)
        assert session.execute(select(COUNTERS)).all() == []
