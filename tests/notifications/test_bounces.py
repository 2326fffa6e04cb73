"""What follows from a mail that came back, and from a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select, update

from services.notifications.models import Bounce, Notice, SuppressedAddress
from services.notifications.operations import bounces, ledger, suppressing
from services.notifications.operations.notices import make_notice
from services.notifications.rules.return_path import return_path
from services.notifications.rules.suppressing import COMPLAINED
from shared.database import Database
from shared.messages import NoticeComplained, NoticeFailed
from tests.notifications.suppressed import held_back
from tests.notifications.test_erasing import erased
from tests.notifications.test_sending import told_in

from .driving import work_off
from .making import NOW, make_settings, make_shift, placed, promoted, receive, waitlisted
from .post_office import open_post_office
from .reading import notice_in, notices_in, states_in
from .reminding import EVENING, changed, send_due
from .returned import as_mail, bounced, complained, message_id_of, path_of

ADA = "ada@posts.example"
KEY = "a" * 40
LATER = timedelta(days=1)


def send(db: Database, *messages: object) -> Notice:
    """Send what the messages lead to; return the last notice, which arrived as far as we know."""
    receive(db, *messages)  # type: ignore[arg-type]
    with open_post_office() as office:
        work_off(db, office)
    notice = notices_in(db)[-1]
    assert notice.state == "sent"
    return notice


def comes_back(db: Database, *raws: bytes, after: timedelta = timedelta()) -> None:
    for raw in raws:
        with db.writing() as session:
            bounces.keep_mail(session, raw, now=db.now(session) + after)


def kept_in(db: Database) -> Sequence[Bounce]:
    with db.reading() as session:
        found = session.scalars(select(Bounce).order_by(Bounce.id)).all()
        session.expunge_all()
        return found


def covers_of(db: Database, email: str = ADA) -> list[str]:
    """Return what is held back from an address."""
    query = select(SuppressedAddress.covers).where(SuppressedAddress.email == email)
    with db.reading() as session:
        return list(session.scalars(query.order_by(SuppressedAddress.covers)))


def failures_told(db: Database) -> list[tuple[int, bool]]:
    return [(m.signup_id, m.bounced) for m in told_in(db) if isinstance(m, NoticeFailed)]


def test_a_hard_bounce_fails_the_notice_holds_the_address_back_and_is_told(db: Database) -> None:
    notice = send(db, waitlisted())

    comes_back(db, bounced(to=path_of(notice)))

    failed = notice_in(db)
    assert (failed.state, failed.sent_at) == ("failed", None)
    assert failed.reason.startswith("The address does not exist; please call. It came back: 5.1.1")
    assert covers_of(db) == ["all"]
    assert failures_told(db) == [(9, True)]
    receive(db, promoted())
    with open_post_office() as office:
        work_off(db, office)
    assert states_in(db)["promoted/2"] == "suppressed"
    assert "@" not in notice_in(db, kind="promoted").reason


def test_the_same_report_a_second_time_changes_nothing(db: Database) -> None:
    raw = bounced(to=path_of(send(db, placed())))

    comes_back(db, raw, raw)
    with db.writing() as session:
        suppressing.lift(session, ADA)
    comes_back(db, raw)

    assert len(kept_in(db)) == 1
    assert covers_of(db) == []
    assert failures_told(db) == [(9, True)]


def test_two_reports_of_one_mail_are_told_once(db: Database) -> None:
    path = path_of(send(db, placed()))

    comes_back(db, *(bounced(to=path, number=number) for number in (1, 2)))

    assert failures_told(db) == [(9, True)]


def test_a_soft_bounce_holds_nothing_back(db: Database) -> None:
    notice = send(db, placed())

    comes_back(db, bounced(to=path_of(notice), status="5.2.2", why="full"))

    assert notice_in(db).state == "failed"
    assert covers_of(db) == []
    assert failures_told(db) == [(9, False)]


@pytest.mark.parametrize("days,covers", [(29, ["all"]), (31, [])])
def test_the_fifth_soft_bounce_within_thirty_days_counts_as_hard(
    db: Database, days: int, covers: list[str]
) -> None:
    for number in range(1, 6):
        notice = send(db, placed(id=number))
        raw = bounced(to=path_of(notice), status="5.2.2", number=number)
        comes_back(db, raw, after=timedelta(days=days) if number == 5 else timedelta())
        if number < 5:
            assert covers_of(db) == []

    assert covers_of(db) == covers


def test_several_reports_of_one_mail_count_once(db: Database) -> None:
    path = path_of(send(db, placed()))

    comes_back(db, *(bounced(path, status="5.2.2", number=number) for number in range(1, 7)))

    assert [kept.kind for kept in kept_in(db)] == ["soft"] * 6
    assert covers_of(db) == []


def test_a_complaint_holds_back_what_invites_and_nothing_else(db: Database) -> None:
    notice = send(db, waitlisted())

    comes_back(db, complained(to=path_of(notice)))

    assert notice_in(db).state == "sent"
    assert "complained" in notice_in(db).reason
    assert covers_of(db) == ["asks"]
    with db.reading() as session:
        assert "complained" in held_back(session, ADA, asks=True)
        assert held_back(session, ADA, asks=False) == ""
    (told,) = (m for m in told_in(db) if isinstance(m, NoticeComplained))
    assert told.signup_id == 9
    assert send(db, promoted()).state == "sent"


def test_a_bounce_after_a_complaint_is_lifted_without_it(db: Database) -> None:
    path = path_of(send(db, placed()))

    comes_back(db, complained(to=path), bounced(to=path))
    assert covers_of(db) == ["all", "asks"]
    comes_back(db, complained(mail_from=path))
    assert covers_of(db) == ["all", "asks"]

    with db.writing() as session:
        suppressing.lift(session, ADA, covers=("all",))
        assert not held_back(session, ADA, asks=False)
        assert held_back(session, ADA, asks=True) == COMPLAINED


# -- which notice it was


def test_a_return_path_names_the_notice(db: Database) -> None:
    receive(db, placed())
    with open_post_office() as office:
        work_off(db, office, bounce_address="bounces@lists.example")
        (came_from,) = office.senders
    assert came_from == return_path("bounces@lists.example", notice_in(db).message_id, key=KEY)

    comes_back(db, bounced(to=came_from, recipient="forwarded@elsewhere.example"))

    assert notice_in(db).state == "failed"
    assert covers_of(db) == ["all"]
    assert covers_of(db, "forwarded@elsewhere.example") == []


def test_the_mail_itself_names_its_return_path_nowhere(db: Database) -> None:
    receive(db, placed())
    with open_post_office() as office:
        work_off(db, office, bounce_address="bounces@lists.example")
        (mail,) = office.mails()

    assert "bounces" not in str(mail["From"])
    assert b"bounces+" not in office.received[0]


def test_who_knows_to_whom_and_when_a_mail_went_cannot_have_their_mail_stopped(
    db: Database,
) -> None:
    notice = send(db, placed())
    assert notice.sent_at is not None

    comes_back(db, bounced(recipient=ADA, original=ADA, date=format_datetime(notice.sent_at)))

    assert [kept.kind for kept in kept_in(db)] == ["unknown"]
    assert notice_in(db).state == "sent"
    assert covers_of(db) == []


def test_a_forged_report_stops_nobodys_mail(db: Database) -> None:
    notice = send(db, placed())
    forged = return_path("bounces@lists.example", notice.message_id, key="of somebody else" * 3)

    # Whoever gets an answer to a mail, and whoever reads the ledger, knows its Message-ID.
    for report in (bounced, complained):
        comes_back(db, report(to=forged, message_id=message_id_of(notice)))

    assert notice_in(db).state == "sent"
    assert covers_of(db) == []


def test_a_bounce_that_names_nobody_is_kept_without_addresses_and_counted(db: Database) -> None:
    comes_back(db, as_mail("Subject: failure notice for ada@posts.example\n\nHi ada@posts.example"))
    comes_back(db, bounced(number=2))

    with db.reading() as session:
        assert bounces.count_by_kind(session)["unknown"] == 2
        newest, first = bounces.list_unknown(session)
    assert first.subject == "failure notice for (address)"
    assert (newest.subject, newest.address) == ("Undelivered Mail Returned to Sender", "")
    assert newest.code == "5.1.1"


def test_what_was_said_in_the_same_mail_did_not_arrive_either(reminds: Database) -> None:
    receive(reminds, changed(make_shift(), make_shift(id=6), revision=3))
    receive(reminds, placed(id=8), placed(id=9, shift_id=6))
    send_due(reminds, EVENING)
    (notice,) = notices_in(reminds, kind="reminder", state="sent")

    comes_back(reminds, bounced(path_of(notice)))

    failed = notices_in(reminds, kind="reminder", state="failed")
    assert [each.signup_id for each in failed] == [8, 9]
    assert all("It came back: 5.1.1" in each.reason for each in failed)
    assert failures_told(reminds) == [(8, True), (9, True)]


def test_a_notice_to_an_organiser_is_told_to_nobody(db: Database) -> None:
    with db.writing() as session:
        make_notice(
            session,
            "group_approved",
            "group/1",
            0,
            now=NOW,
            recipient="kim@fosse.example",
            details={"name": "Kim", "group": "Fosse", "link": "https://muster.example/organise"},
        )
    notice = send(db)

    comes_back(db, bounced(to=path_of(notice)))

    assert notice_in(db).state == "failed"
    assert covers_of(db, "kim@fosse.example") == ["all"]
    assert failures_told(db) == []


# -- later


def test_a_retry_by_hand_lifts_what_a_bounce_held_back(db: Database) -> None:
    notice = send(db, placed())
    comes_back(db, bounced(to=path_of(notice)))

    with db.writing() as session:
        ledger.retry_notice(session, notice.id, now=db.now(session))

    assert covers_of(db) == []
    assert notice_in(db).state == "due"


def test_a_retry_by_hand_does_not_take_a_complaint_back(db: Database) -> None:
    notice = send(db, placed())
    comes_back(
        db,
        complained(to=path_of(notice)),
        bounced(to=path_of(notice)),
    )

    with db.writing() as session:
        ledger.retry_notice(session, notice.id, now=db.now(session))

    assert covers_of(db) == ["asks"]


@pytest.mark.parametrize("kind,covers", [("bounce", "all"), ("complaint", "asks")])
def test_what_is_held_back_survives_an_erasure_without_the_address(
    db: Database, kind: str, covers: str
) -> None:
    path = path_of(send(db, placed()))
    raw = bounced(to=path) if kind == "bounce" else complained(to=path)
    comes_back(db, raw)

    receive(db, erased())

    with db.reading() as session:
        (row,) = session.scalars(select(SuppressedAddress))
        assert "@" not in row.email + row.reason
        assert row.covers == covers
        assert held_back(session, ADA, asks=True)
        assert bool(held_back(session, ADA, asks=False)) is (covers == "all")
        (kept,) = session.scalars(select(Bounce))
        assert kept.notice_id is None


def test_somebody_erased_twice_stays_held_back_for_both_reasons(db: Database) -> None:
    with db.writing() as session:
        suppressing.suppress(session, ADA, "asks", "They complained.", now=NOW)
    receive(db, erased())
    with db.writing() as session:
        suppressing.suppress(session, ADA, "all", "It came back.", now=NOW)
    receive(db, erased())

    with db.reading() as session:
        rows = session.scalars(select(SuppressedAddress).order_by(SuppressedAddress.covers)).all()
        assert [row.covers for row in rows] == ["all", "asks"]
        assert not any("@" in row.email for row in rows)


def test_bounces_are_forgotten_after_thirty_days(db: Database) -> None:
    comes_back(db, bounced(number=1), bounced(number=2))
    with db.writing() as session:
        now = db.now(session)
        first = session.scalars(select(Bounce.id)).first()
        session.execute(
            update(Bounce).where(Bounce.id == first).values(at=now - timedelta(days=30, minutes=1))
        )
        bounces.forget_old(session, now)

    assert [kept.id for kept in kept_in(db)] == [2]


def test_a_mail_that_bounces_while_it_is_noted_as_sent_stays_failed(db: Database) -> None:
    receive(db, placed())
    notice = notice_in(db)
    with db.writing() as session:
        now = db.now(session)
        session.execute(
            update(Notice).values(
                state="sending", due_at=None, lease_until=now + LATER, recipient=ADA
            )
        )

    comes_back(db, bounced(to=path_of(notice)))

    assert notice_in(db).state == "failed"
    assert make_settings().address_key == KEY
