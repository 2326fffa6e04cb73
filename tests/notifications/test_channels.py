"""Two streams of mail, channels that pause, and limits that all senders keep together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.notifications.models import Channel, Notice, Pace
from services.notifications.operations import channels, pacing, sending
from services.notifications.operations.notices import make_notice
from services.notifications.operations.sending import Way
from services.notifications.rules import hours
from services.notifications.rules.pacing import Used, plan_turn, take_turn, wrong_pace
from shared.database import Database

from .driving import work_off
from .making import NOW, make_settings, placed, receive
from .post_office import DROP, PostOffice, open_post_office
from .reading import make_due, notices_in

SECOND = timedelta(seconds=1)
HALF_A_MAIL = 0.5
"""Of the distance between two mails: what is asked of the clocks of a busy machine."""


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as opened:
        yield opened


def trouble_in(db: Database, name: str = "mail") -> Channel | None:
    with db.reading() as session:
        found = session.get(Channel, name)
        if found is not None:
            session.expunge(found)
        return found


def let_the_pause_end(db: Database) -> None:
    with db.writing() as session:
        session.execute(update(Channel).values(paused_until=db.now(session)))


# -- streams


def claimed(db: Database, way: Way) -> list[str]:
    """Claim all that is due of a stream; return the kinds."""
    with db.writing() as session:
        batch = sending.claim_due(session, way, now=db.now(session))
        return sorted(session.scalars(select(Notice.kind).where(Notice.id.in_(batch.notice_ids))))


def test_mails_that_invite_are_a_stream_of_their_own(db: Database) -> None:
    receive(db, placed())
    with db.writing() as session:
        for number in (1, 2):
            make_notice(
                session, "mailing", f"mailing/{number}", 0, now=NOW, recipient="a@b.example"
            )

    assert claimed(db, Way()) == ["confirmation"]
    assert claimed(db, Way("bulk")) == ["mailing", "mailing"]


def test_a_second_server_takes_mails_that_invite_and_no_others() -> None:
    one, two = make_settings(smtp_url="smtp://a"), make_settings(bulk_smtp_url="smtp://b")

    assert [one.channel_of(stream) for stream in ("mail", "bulk")] == ["mail", "mail"]
    assert [two.channel_of(stream) for stream in ("mail", "bulk")] == ["mail", "bulk"]
    assert two.server_of("bulk") == "smtp://b"


def test_one_channel_in_trouble_leaves_the_other_alone(db: Database) -> None:
    receive(db, placed())
    with db.writing() as session:
        channels.pause(session, "bulk", "The mail server is away.", now=db.now(session))
        make_notice(session, "mailing", "mailing/1", 0, now=NOW, recipient="a@b.example")

    assert claimed(db, Way("bulk", "bulk")) == []
    assert claimed(db, Way()) == ["confirmation"]


# -- the breaker


@pytest.mark.parametrize(
    "failures,seconds", [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (99, 300)]
)
def test_a_server_that_stays_away_is_left_in_peace_for_longer(failures: int, seconds: int) -> None:
    assert hours.break_after(failures) == timedelta(seconds=seconds)


def test_the_breaker_opens_grows_and_one_mail_closes_it(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 6)))
    failures = []
    with open_post_office(connect=[DROP, DROP, DROP]) as office:
        for _ in range(3):
            work_off(db, office)
            work_off(db, office)
            opened = trouble_in(db)
            assert opened is not None
            failures.append(opened.failures)
            let_the_pause_end(db)
            make_due(db)
        assert office.connections == 3, "while it is open nobody calls"
        work_off(db, office)
        assert len(office.received) == 1, "one mail finds out"
        assert trouble_in(db) is None
        work_off(db, office)

    assert failures == [1, 2, 3]
    assert {notice.state for notice in notices_in(db)} == {"sent"}


def test_only_the_probe_pays_for_a_server_that_is_still_away(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 6)))
    with open_post_office(connect=[DROP, DROP]) as office:
        work_off(db, office)
        let_the_pause_end(db)
        make_due(db)
        work_off(db, office)

    assert sorted(notice.attempts for notice in notices_in(db)) == [1, 1, 1, 1, 2]


def test_what_several_senders_find_out_at_once_counts_once(db: Database) -> None:
    with db.writing() as session:
        now = db.now(session)
        for _ in range(3):
            channels.pause(session, "mail", "The mail server is away.", now=now)

    found = trouble_in(db)
    assert found is not None
    assert found.failures == 1


def test_a_refused_mail_is_no_trouble_of_its_channel(db: Database) -> None:
    receive(db, placed())
    with open_post_office(rcpt=["550 5.1.1 unknown"]) as office:
        work_off(db, office)

    assert trouble_in(db) is None


# -- limits


@pytest.mark.parametrize(
    "pace,fits", [(0, True), (0.1, True), (14, True), (0.05, False), (-1, False)]
)
def test_a_pace_has_to_be_one_that_a_lease_outlasts(pace: float, fits: bool) -> None:
    assert (wrong_pace(pace) == "") is fits


def test_turns_are_evenly_apart_and_start_anew_after_a_rest() -> None:
    used, turns = Used(NOW, NOW), []
    for _ in range(3):
        turn, used = take_turn(used, 2, NOW)
        turns.append(turn)
    late, _ = take_turn(used, 2, NOW + 60 * SECOND)

    assert turns == [NOW, NOW + SECOND / 2, NOW + SECOND]
    assert late == NOW + 60 * SECOND


def test_what_comes_again_later_is_spread_behind_what_is_planned() -> None:
    first, used = plan_turn(Used(NOW + SECOND, NOW), 2, NOW)
    second, used = plan_turn(used, 2, NOW)

    assert (first, second) == (NOW + 1.5 * SECOND, NOW + 2 * SECOND)
    assert used.next_at == NOW + SECOND, "nobody who is ready waits for a plan"


def send_with_two(db: Database, office: PostOffice, **limits: float) -> None:
    """Let two senders work until nothing is due."""
    stop = threading.Event()

    def work() -> None:
        while any(notice.due_at for notice in notices_in(db)):
            work_off(db, office, stop=stop, **limits)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work) for _ in range(2)]:
            done.result(timeout=50)


def test_a_limit_holds_across_two_senders(db: Database, office: PostOffice) -> None:
    receive(db, *(placed(id=number) for number in range(1, 13)))

    send_with_two(db, office, smtp_per_second=4)

    assert len(office.received) == 12
    whole = max(office.arrived) - min(office.arrived)
    assert whole >= (11 - HALF_A_MAIL) / 4


def test_without_a_limit_no_turns_are_taken(db: Database, office: PostOffice) -> None:
    receive(db, placed())

    work_off(db, office)

    with db.reading() as session:
        assert session.scalars(select(Pace)).all() == []


def test_a_domain_that_has_enough_for_now_holds_no_other_up(
    db: Database, office: PostOffice
) -> None:
    for number in range(1, 13):
        message = placed(id=number)
        home = "slow.example" if number <= 9 else f"other{number}.example"
        receive(db, replace(message, person=replace(message.person, email=f"ada@{home}")))

    send_with_two(db, office, smtp_per_domain_second=2)

    arrived = [
        (at, str(mail["To"])) for at, mail in zip(office.arrived, office.mails(), strict=True)
    ]
    slow = sorted(at for at, to in arrived if to.endswith("@slow.example"))
    others = [at for at, to in arrived if not to.endswith("@slow.example")]
    assert (len(slow), len(others)) == (9, 3)
    assert max(others) < slow[-1]
    assert slow[-1] - slow[0] >= (8 - HALF_A_MAIL) / 2


def test_paces_name_nobody_and_are_forgotten(db: Database) -> None:
    settings = make_settings(smtp_per_domain_second=1)
    with db.writing() as session:
        now = db.now(session)
        pacing.take_turn(session, "mail", "ada@quill.example", settings.limits_of("mail"), now=now)
        (pace,) = session.scalars(select(Pace))
        assert "quill" not in pace.name

        forget_after(session, now, timedelta(minutes=50))
        assert session.scalars(select(Pace)).all()
        forget_after(session, now, timedelta(hours=2))
        assert session.scalars(select(Pace)).all() == []


def forget_after(session: object, now: datetime, length: timedelta) -> None:
    pacing.forget_old(session, now + length)  # type: ignore[arg-type]
