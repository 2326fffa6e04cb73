"""Nobody is asked more than a few times a week, over all groups."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from services.notifications.operations import fatigue
from services.notifications.operations.notices import make_notice
from shared.database import Database
from tests.notifications.making import NOW

ADA = "ada@posts.example"


@pytest.mark.parametrize(
    "asked,spared",
    [
        ([], False),
        ([1, 2], False),
        ([1, 2, 3], True),
        ([1, 2, 8], False),
    ],
)
def test_after_three_asks_in_a_week_somebody_is_spared(
    db: Database, asked: list[int], spared: bool
) -> None:
    with db.writing() as session:
        for number, days in enumerate(asked):
            ask(session, number, days_ago=days)

        assert bool(fatigue.why_spared(session, "Ada@Posts.example", at=NOW)) is spared


def test_what_waits_to_be_sent_counts_and_news_of_sign_ups_do_not(db: Database) -> None:
    with db.writing() as session:
        for number in range(2):
            make_notice(session, "mailing", f"m/{number}", 0, now=NOW, recipient=ADA)
        for number in range(5):
            make_notice(session, "links", f"l/{number}", 0, now=NOW, recipient=ADA)

        assert fatigue.why_spared(session, ADA, at=NOW) == ""
        make_notice(session, "mailing", "m/3", 0, now=NOW, recipient=ADA)
        assert fatigue.why_spared(session, ADA, at=NOW).startswith("Asked 3 times")


def test_what_may_have_arrived_counts_for_a_week_and_not_for_ever(db: Database) -> None:
    with db.writing() as session:
        for number in range(3):
            doubtful = {"state": "uncertain", "due_at": None, "began_at": NOW}
            make_notice(session, "schedule", f"s/{number}", 0, now=NOW, recipient=ADA, **doubtful)

        assert fatigue.why_spared(session, ADA, at=NOW + timedelta(days=6))
        assert fatigue.why_spared(session, ADA, at=NOW + timedelta(days=8)) == ""


def ask(session: Session, number: int, *, days_ago: int) -> None:
    make_notice(
        session,
        "schedule",
        f"subscriber/{number}",
        0,
        now=NOW,
        recipient=ADA,
        state="sent",
        due_at=None,
        sent_at=NOW - timedelta(days=days_ago),
    )
