"""Mailings: who gets one and who does not, when it leaves, and that nobody gets it twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from services.notifications import sender
from services.notifications.models import Notice, Signup, Subscriber, SuppressedAddress
from services.notifications.operations import (
    erasing,
    fatigue,
    mailings,
    organisers,
    sending_again,
    suppressing,
)
from services.notifications.operations.mailings import recipients
from services.notifications.rules import mailings as rules
from services.notifications.rules.suppressing import COMPLAINED
from shared import messages
from shared.database import Database
from shared.refusals import NotThere

from .driving import work_off
from .making import (
    NOW,
    make_event,
    make_group,
    make_settings,
    make_shift,
    published,
    receive,
)
from .post_office import DROP, open_post_office
from .reading import kept_in, make_due, notices_in
from .subscribing import ask, change, subscribe
from .test_sending import told_in
from .writing import come, draft, leave, let_leave, mailing_in, robin, send

LATER = NOW + timedelta(minutes=2)


def sent_to(db: Database, state: str | None = None) -> list[str]:
    """Return to whom notices of mailings were made, in this state or in any."""
    states = {"state": state} if state else {}
    return sorted(each.recipient for each in notices_in(db, kind="mailing", **states))


def test_those_who_come_get_it_once_each(db: Database) -> None:
    come(db, "Ada", "Ben")
    come(db, "Cleo", state="waiting", first_id=200)
    mailing = draft(db)
    send(db, mailing)

    let_leave(db, NOW)
    assert sent_to(db) == [], "it waits for a minute"
    for _ in range(2):
        let_leave(db, LATER)

    assert sent_to(db) == ["ada@posts.example", "ben@posts.example"]
    assert mailing_in(db, mailing).state == "sending"


def test_somebody_with_several_shifts_gets_one_mail_that_names_them_all(db: Database) -> None:
    receive(db, published(make_event(make_shift(), make_shift(id=6, place="Park"), revision=2)))
    come(db, "Ada")
    come(db, "Ada", shift_id=6, first_id=200)
    come(db, "Ada/ada", "Bea/ada", shift_id=6, first_id=300)
    send(db, draft(db))
    let_leave(db, LATER)
    sender.fill_mailbox(db, make_settings())

    assert sent_to(db) == ["ada@posts.example", "ada@posts.example"], "two people, one address"
    (to_ada,) = [mail for mail in kept_in(db) if "Hello Ada" in mail.text and "A pen" in mail.text]
    assert "Market Square" in to_ada.text
    assert "Park" in to_ada.text


def test_somebody_whose_name_has_an_accent_gets_it(db: Database) -> None:
    come(db, "Élodie/elodie")
    send(db, draft(db))
    let_leave(db, LATER)
    sender.fill_mailbox(db, make_settings())

    assert sent_to(db, "sent") == ["elodie@posts.example"]


@pytest.mark.parametrize(
    "typed, meant",
    [
        ({}, ["ada", "ben"]),
        ({"shift_id": "6"}, ["ben"]),
        ({"audience": "waiting"}, ["cleo"]),
        ({"audience": "waiting", "shift_id": "6"}, []),
        ({"audience": "all"}, ["ada", "ben", "cleo"]),
    ],
)
def test_a_mailing_is_for_whom_its_writer_chose(
    db: Database, typed: dict[str, str], meant: list[str]
) -> None:
    receive(db, published(make_event(make_shift(), make_shift(id=6), revision=2)))
    come(db, "Ada")
    come(db, "Ben", shift_id=6, first_id=200)
    come(db, "Cleo", state="waiting", first_id=300)
    mailing = draft(db, **typed)

    with db.reading() as session:
        assert mailings.count_recipients(session, mailings.find_mailing(session, mailing)) == len(
            meant
        )
    if not meant:
        with pytest.raises(rules.NobodyToWriteTo):
            send(db, mailing)
        return
    send(db, mailing)
    let_leave(db, LATER)
    assert sent_to(db) == [f"{name}@posts.example" for name in meant]


def test_nobody_of_another_event_or_group_gets_it(db: Database) -> None:
    other = make_event(make_shift(id=8), id=4, group=make_group(id=2, name="Others"))
    receive(db, published(other))
    come(db, "Ada")
    come(db, "Zed", shift_id=8, event_id=4, first_id=200)
    send(db, draft(db))
    let_leave(db, LATER)

    assert sent_to(db) == ["ada@posts.example"]
    with pytest.raises(NotThere):
        draft(db, shift_id="8")


def test_who_cancels_before_it_leaves_is_not_among_them(db: Database) -> None:
    come(db, "Ada", "Ben", "Cleo")
    send(db, draft(db))
    leave(db, "Ben", 101)
    let_leave(db, LATER)
    assert sent_to(db) == ["ada@posts.example", "cleo@posts.example"]

    leave(db, "Cleo", 102)
    sender.fill_mailbox(db, make_settings())
    assert sent_to(db, "superseded") == ["cleo@posts.example"]
    assert sent_to(db, "sent") == ["ada@posts.example"]


def test_who_has_another_place_still_gets_it(db: Database) -> None:
    receive(db, published(make_event(make_shift(), make_shift(id=6), revision=2)))
    come(db, "Ada")
    come(db, "Ada", shift_id=6, first_id=200)
    send(db, draft(db))
    let_leave(db, LATER)
    leave(db, "Ada", 100)
    sender.fill_mailbox(db, make_settings())

    assert sent_to(db, "sent") == ["ada@posts.example"]


def test_an_address_that_bounced_is_left_out_and_named(db: Database) -> None:
    come(db, "Ada", "Ben", "Cleo")
    with db.writing() as session:
        for address in ("ben@posts.example", erasing.digest_of(session, "cleo@posts.example")):
            session.add(SuppressedAddress(email=address, reason="5.1.1", since=NOW))
    mailing = draft(db)

    with db.reading() as session:
        found, total = mailings.list_missing(
            session, mailings.find_mailing(session, mailing), at=NOW
        )
    send(db, mailing)
    let_leave(db, LATER)

    assert total == 2
    assert {one.first_name for one in found} == {"Ben", "Cleo"}
    assert all("please call" in one.reason for one in found)
    assert sent_to(db, "suppressed") == ["ben@posts.example", "cleo@posts.example"]
    assert sent_to(db, "due") == ["ada@posts.example"]
    failed = [told for told in told_in(db) if isinstance(told, messages.NoticeFailed)]
    assert [(told.signup_id, told.bounced) for told in failed] == [(101, True), (102, True)]
    with db.writing() as session:
        (to_ben, _) = notices_in(db, kind="mailing", state="suppressed")
        assert sending_again.send_again(session, to_ben.id, now=LATER).state == "due"


@pytest.mark.parametrize("held_back_late", [False, True])
@pytest.mark.parametrize("purpose, goes", [("practical", True), ("invitation", False)])
def test_who_complained_still_hears_what_is_practical(
    db: Database, purpose: str, goes: bool, held_back_late: bool
) -> None:
    subscribe(db)
    come(db, "Ada", "Ben")
    subscribe(db, "ben@posts.example")
    send(db, draft(db, purpose=purpose))

    def hold_back() -> None:
        with db.writing() as session:
            suppressing.suppress(session, "ada@posts.example", "asks", COMPLAINED, now=NOW)

    if not held_back_late:
        hold_back()
    let_leave(db, LATER)
    if held_back_late:
        hold_back()
    with open_post_office() as office:
        for _ in range(2):
            work_off(db, office)

    assert ("ada@posts.example" in sent_to(db, "sent")) is goes
    assert "ben@posts.example" in sent_to(db, "sent")
    if not goes:
        (notice,) = notices_in(db, kind="mailing", state="suppressed")
        with db.writing() as session, pytest.raises(sending_again.HadEnough):
            sending_again.send_again(session, notice.id, now=LATER)


def ask_often(db: Database, *, purpose: str) -> list[str]:
    """Send Ada mailings of a purpose until one is not sent to her; return what became of each."""
    subscribe(db)
    states = []
    for number in range(4):
        event_id = 30 + number
        receive(db, published(make_event(make_shift(id=50 + number), id=event_id)))
        come(db, "Ada", "Ben/ben" + str(number), shift_id=50 + number, event_id=event_id,
             first_id=500 + 10 * number)  # fmt: skip
        subscribe(db, f"ben{number}@posts.example")
        mailing = draft(db, event_id=event_id, purpose=purpose)
        send(db, mailing)
        let_leave(db, LATER)
        (notice,) = notices_in(db, subject=f"mailing/{mailing}", recipient="ada@posts.example")
        states.append(notice.state)
    return states


def test_nobody_is_invited_too_often_over_all_groups(db: Database) -> None:
    assert ask_often(db, purpose="invitation") == ["due", "due", "due", "suppressed"]
    (spared,) = notices_in(db, kind="mailing", state="suppressed")
    assert "more would be too much" in spared.reason


def test_a_couple_at_one_address_is_invited_once(db: Database) -> None:
    subscribe(db)
    come(db, "Ada", "Bob/ada")
    send(db, draft(db, purpose="invitation"))
    let_leave(db, LATER)

    assert sent_to(db) == ["ada@posts.example"]


def test_who_was_asked_is_known_in_whatever_letters_they_typed_their_address(db: Database) -> None:
    ask_often(db, purpose="invitation")
    with db.writing() as session:
        session.execute(update(Signup).values(email="Ada@Posts.example"))
    with open_post_office() as office:
        for _ in range(5):
            work_off(db, office)

    assert "Ada@Posts.example" in {mail["To"] for mail in office.mails()}
    with db.reading() as session:
        assert fatigue.why_spared(session, "Ada@Posts.example", at=LATER)


def test_who_cancels_while_it_is_decided_is_not_found_twice(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipients, "AT_A_TIME", 1)
    receive(db, published(make_event(make_shift(), make_shift(id=6), revision=2)))
    come(db, "Ada", "Ben")
    come(db, "Ada", shift_id=6, first_id=200)
    row = draft(db)
    with db.reading() as session:
        found = recipients.list_in_batches(session, mailings.find_mailing(session, row))
        names = [next(found)[0].first_name]
        leave(db, "Ada", 100)
        names += [each.first_name for batch in found for each in batch]

    assert names == ["Ada", "Ben"]


UNASKED = "They did not ask to hear of this group’s other days."


@pytest.mark.parametrize("wish", ["none", "unconfirmed", "ended", "paused", "of another group"])
def test_only_those_are_invited_who_asked_to_hear_of_other_days(db: Database, wish: str) -> None:
    come(db, "Ada", "Ben", "Cleo")
    subscribe(db, "ben@posts.example")
    subscribe(db, "cleo@posts.example", group_id=1)
    if wish == "unconfirmed":
        ask(db)
    elif wish != "none":
        receive(db, published(make_event(make_shift(id=8), id=4, group=make_group(id=2))))
        subscribe(db, group_id=2 if wish == "of another group" else 1)
    if wish == "ended":
        change(db, ended_at=NOW, next_due_at=None)
    if wish == "paused":
        change(db, paused_until=NOW + timedelta(days=30))

    send(db, draft(db, purpose="invitation"))
    let_leave(db, LATER)

    assert sent_to(db, "due") == ["ben@posts.example", "cleo@posts.example"]
    (spared,) = notices_in(db, kind="mailing", state="suppressed")
    assert (spared.recipient, spared.reason) == (
        "ada@posts.example",
        {
            "paused": "They have a rest from mails about other days.",
            "unconfirmed": "They were asked by mail to confirm that they want to hear of other "
            "days, and have not yet.",
        }.get(wish, UNASKED),
    )


def test_what_is_practical_asks_nothing(db: Database) -> None:
    assert ask_often(db, purpose="practical") == ["due"] * 4
    come(db, "Ada")
    invitation = draft(db, purpose="invitation")
    send(db, invitation)
    let_leave(db, LATER)
    (notice,) = notices_in(db, subject=f"mailing/{invitation}")
    assert notice.state == "due"


def test_an_event_has_three_practical_mailings_and_no_more(db: Database) -> None:
    come(db, "Ada")
    subscribe(db)
    for _ in range(rules.MOST_PRACTICAL):
        send(db, draft(db))
    with pytest.raises(rules.TooManyPractical):
        send(db, draft(db))
    send(db, draft(db, purpose="invitation"))


def test_what_waits_is_a_draft_again_when_it_is_stopped(db: Database) -> None:
    come(db, "Ada")
    mailing = draft(db)
    send(db, mailing)
    with db.writing() as session:
        mailings.stop_mailing(session, mailing, by="Sam")
    let_leave(db, LATER)

    stopped = mailing_in(db, mailing)
    assert (stopped.state, stopped.send_at, stopped.decided_by) == ("draft", None, "Sam")
    assert sent_to(db) == []


def test_of_what_leaves_the_rest_stays_here_when_it_is_stopped(db: Database) -> None:
    come(db, "Ada", "Ben", "Cleo")
    mailing = draft(db)
    send(db, mailing)
    let_leave(db, LATER)
    with db.writing() as session:
        held = notices_in(db, recipient="ada@posts.example", kind="mailing")[0]
        # Ada's is in a sender's hands, and is looked at again before it leaves.
        mailings.stop_mailing(session, mailing, by="Sam")
        session.execute(update(Notice).where(Notice.id == held.id).values(state="due", due_at=NOW))
    sender.fill_mailbox(db, make_settings())

    assert mailing_in(db, mailing).state == "stopped"
    assert len(sent_to(db, "superseded")) == 3
    with db.writing() as session, pytest.raises(rules.NothingToStop):
        mailings.stop_mailing(session, mailing, by="Sam")


def test_when_all_are_through_it_is_sent(db: Database) -> None:
    come(db, "Ada", "Ben")
    mailing = draft(db)
    send(db, mailing)
    let_leave(db, LATER)
    sender.fill_mailbox(db, make_settings())
    let_leave(db, LATER)

    assert mailing_in(db, mailing).state == "sent"
    with db.reading() as session:
        standing = mailings.show_standing(session, mailing)
    assert (standing.total, standing.sent, standing.left) == (2, 2, 0)


def test_what_was_sent_is_changed_and_sent_no_more(db: Database) -> None:
    come(db, "Ada")
    mailing = draft(db)
    send(db, mailing)
    with db.writing() as session:
        row = mailings.find_mailing(session, mailing, lock=True)
        for refused in (
            lambda: mailings.save_mailing(session, row, {"subject": "Other"}, now=NOW),
            lambda: mailings.send_mailing(session, mailing, None, by="Sam", now=NOW),
            lambda: mailings.delete_draft(session, mailing),
        ):
            with pytest.raises(rules.IsNoDraft):
                refused()


@pytest.mark.parametrize("away", [timedelta(), timedelta(days=-1), timedelta(days=400)])
def test_a_time_that_is_over_or_far_away_is_refused(away: timedelta) -> None:
    with pytest.raises(rules.TimeHasPassed):
        rules.decide_hour(NOW + away, now=NOW, zone="Europe/London")


def test_a_test_goes_to_its_writer_alone(db: Database) -> None:
    come(db, "Ada")
    mailing = draft(db)
    with db.writing() as session:
        session.info["by"] = robin()
        with pytest.raises(rules.NoAddressKnown):
            mailings.try_out(session, mailing, 7, now=NOW)
        told = messages.MembershipChanged(
            **{"organiser_id": 7, "group_id": 1, "role": "organiser", "revision": 1},
            person=messages.Organiser(name="Robin Example", email="robin@fosse.example"),
        )
        organisers.keep_organiser(session, told)
        mailings.try_out(session, mailing, 7, now=NOW)
    sender.fill_mailbox(db, make_settings())

    (kept,) = [mail for mail in kept_in(db) if mail.kept.subject == "[Test] What to bring"]
    assert kept.kept.recipient == "robin@fosse.example"
    assert "Hello Robin," in kept.text
    assert "Market Square" in kept.text
    assert sent_to(db) == []


def test_links_and_paragraphs_stand_in_the_mail_and_markup_does_not(db: Database) -> None:
    come(db, "Ada")
    send(db, draft(db, words="See https://elmbridge.example/day\nsoon.\n\n<b>Bold</b> {{ 6*7 }}"))
    let_leave(db, LATER)
    sender.fill_mailbox(db, make_settings())

    (mail,) = [mail for mail in kept_in(db) if mail.kept.subject == "What to bring"]
    assert 'href="https://elmbridge.example/day"' in mail.html
    assert "&lt;b&gt;Bold&lt;/b&gt; {{ 6*7 }}" in mail.html
    assert "<b>Bold</b> {{ 6*7 }}" in mail.text
    assert dict(mail.headers)["Reply-To"] == "Tobias Quill <tobias@elmbridge.example>"


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield as many sign-ups for the shift, of different people."""
    import uuid

    for number in range(count):
        yield {
            **{"id": 10_000 + number, "revision": 1, "event_id": 3, "shift_id": 5},
            **{"state": "placed", "party": 1, "first_name": "Ada", "had_place": True},
            **{"email": f"reader{number}@posts.example", "link": "", "calendar_sequence": 0},
            "calendar_uid": uuid.uuid4(),
        }


def test_five_thousand_recipients_are_decided_in_seconds(db: Database) -> None:
    subscriber = {
        column.key: getattr(subscribe(db), column.key)
        for column in Subscriber.__table__.c
        if column.key not in ("id", "email", "token")
    }
    people = list(rows(5000))
    subscribers = [
        {**subscriber, "email": each["email"], "token": each["email"]} for each in people
    ]
    with db.writing() as session:
        session.execute(insert(Signup.__table__), people)  # type: ignore[arg-type]
        session.execute(insert(Subscriber.__table__), subscribers)  # type: ignore[arg-type]
    mailing = draft(db, purpose="invitation")
    began = time.monotonic()
    send(db, mailing)
    let_leave(db, LATER)
    took = time.monotonic() - began

    with db.reading() as session:
        assert mailings.show_standing(session, mailing).counts == {"due": 5000}
    assert took < 20, f"{took:.1f} s"


def test_old_mailings_are_forgotten_with_their_event(db: Database) -> None:
    come(db, "Ada")
    draft(db)
    over = make_shift().ends_at
    with db.writing() as session:
        assert mailings.count_outdated(session, over + timedelta(days=89)) == {"mailings": 0}
        assert mailings.count_outdated(session, over + timedelta(days=91)) == {"mailings": 1}
        mailings.forget_outdated(session, over + timedelta(days=91))
        assert mailings.count_outdated(session, over + timedelta(days=91)) == {"mailings": 0}


def test_a_mailing_that_may_have_arrived_is_not_sent_again(db: Database) -> None:
    come(db, "Ada")
    with open_post_office() as office:
        work_off(db, office)
    send(db, draft(db))
    let_leave(db, LATER)
    with open_post_office(body=[DROP]) as office:
        work_off(db, office)
        make_due(db)
        work_off(db, office)
        assert [mail["Subject"] for mail in office.mails()] == ["What to bring"]

    assert sent_to(db, "uncertain") == ["ada@posts.example"]
