"""What people ask a group reaches an organiser once and is answered in time, or owners hear."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from services.notifications import sender
from services.notifications.app import create_app
from services.notifications.models import Enquiry, EnquiryAnswer
from services.notifications.operations import enquiries, erasing, organisers
from services.notifications.rules import enquiries as rules
from shared import messages
from shared.database import Database
from shared.refusals import TooMany
from tests.apps import app_on
from tests.entering import SignedInClient, signed_in

from .making import NOW, make_settings, receive
from .reading import kept_in, make_due, notice_in, notices_in

TYPED = {"name": "Zed Quayle", "email": "zed@posts.example", "words": "May I bring a dog?\nSmall."}
FORM = "/mail/contact/groups/1"


def settings(**differences: Any) -> Any:
    """Return settings by which a test may type as fast as it does."""
    return make_settings(public_url="http://127.0.0.1", form_seconds=0, **differences)


def visit(db: Database, **differences: Any) -> FlaskClient:
    db.info["settings"] = settings(**differences)
    return app_on(create_app, db.info["settings"], db).test_client()


def organiser(db: Database, *roles: tuple[int, str]) -> SignedInClient:
    app = app_on(create_app, settings(), db)
    return signed_in(app, db, *(roles or [(1, "organiser")]))


def token_in(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def ask(db: Database, path: str = FORM, **typed: str) -> Any:
    """Fill in the form and send it."""
    browser = visit(db)
    form = {"form_token": token_in(browser.get(path).text), **TYPED, **typed}
    return browser.post(path, data=form)


def enquiry_in(db: Database) -> Enquiry:
    with db.reading() as session:
        enquiry = session.scalars(select(Enquiry)).one()
        session.expunge(enquiry)
        return enquiry


def make_enquiry(db: Database, *, at: datetime = NOW, **columns: Any) -> int:
    """Keep an enquiry as if it had been asked then."""
    row: dict[str, Any] = {"nonce": str(at), "group_id": 1, "state": "open", "suspicion": ""}
    with db.writing() as session:
        enquiry = Enquiry(**row | TYPED | {"asked_at": at, "done_by": ""} | columns)
        session.add(enquiry)
        session.flush()
        return enquiry.id


def own_group(db: Database, **people: str) -> None:
    """Let people own the group, as events tells it."""
    for number, (name, role) in enumerate(people.items(), 1):
        told = messages.MembershipChanged(
            **{"organiser_id": number, "group_id": 1, "role": role, "revision": 1},
            person=messages.Organiser(name=name.title(), email=f"{name}@fosse.example"),
        )
        receive(db, told)


def test_what_somebody_asks_reaches_the_contact_and_answers_go_to_who_asked(db: Database) -> None:
    answer = ask(db)
    sender.fill_mailbox(db, make_settings())

    assert answer.status_code == 303
    (mail,) = kept_in(db)
    assert mail.kept.recipient == "morwenna@elmbridge.example"
    assert dict(mail.headers)["Reply-To"] == "Zed Quayle <zed@posts.example>"
    assert "May I bring a dog?" in mail.text
    assert f"/organise/notices/enquiries/{enquiry_in(db).id}" in mail.text
    assert "Thank you" in visit(db).get(answer.location).text


def test_an_enquiry_about_an_event_goes_to_the_events_contact(db: Database) -> None:
    ask(db, "/mail/contact/events/3")
    sender.fill_mailbox(db, make_settings())

    (mail,) = kept_in(db)
    assert mail.kept.recipient == "tobias@elmbridge.example"
    assert mail.kept.subject == "Zed Quayle asks: Winter action day"


def test_no_link_is_made_of_a_strangers_words(db: Database) -> None:
    ask(db, words="See https://casino.example now")
    sender.fill_mailbox(db, make_settings())

    assert "casino.example" in kept_in(db)[0].html
    assert 'href="https://casino.example' not in kept_in(db)[0].html


def test_the_same_form_sent_twice_is_one_enquiry(db: Database) -> None:
    browser = visit(db)
    form = {"form_token": token_in(browser.get(FORM).text), **TYPED}
    assert [browser.post(FORM, data=form).status_code for _ in range(2)] == [303, 303]

    assert enquiry_in(db).state == "open"
    assert len(notices_in(db, kind="enquiry")) == 1


@pytest.mark.parametrize("typed", [{"website": "https://spam.example"}, {"words": "http://a " * 3}])
def test_a_machines_form_looks_successful_and_is_mailed_to_nobody(
    db: Database, typed: dict[str, str]
) -> None:
    assert ask(db, **typed).status_code == 303

    assert enquiry_in(db).state == "suspect"
    assert notices_in(db, kind="enquiry") == []


def test_who_is_faster_than_a_person_looks_like_a_machine(db: Database) -> None:
    browser = visit(db)
    db.info["settings"] = make_settings(form_seconds=5)
    form = {"form_token": token_in(browser.get(FORM).text), **TYPED}
    browser.post(FORM, data=form)

    assert enquiry_in(db).suspicion == "filled in faster than a person can"


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"name": ""}, "Enter your name."),
        ({"email": "zed"}, "Enter an email address"),
        ({"words": " "}, "Write what you want"),
        ({"form_token": "bent"}, "open for a long time"),
    ],
)
def test_a_form_with_a_problem_is_shown_again_filled_in(
    db: Database, typed: dict[str, str], sentence: str
) -> None:
    answer = ask(db, **typed)

    assert answer.status_code == 400
    assert sentence in answer.text
    assert ("May I bring a dog?" in answer.text) == ("words" not in typed)
    with db.reading() as session:
        assert session.scalars(select(Enquiry)).all() == []


def test_the_token_of_another_form_is_none(db: Database) -> None:
    browser = visit(db)
    token = token_in(browser.get("/mail/contact/events/3").text)
    assert browser.post(FORM, data={"form_token": token, **TYPED}).status_code == 400


@pytest.mark.parametrize("path", ["groups/9", "events/9", "groups/0", f"groups/{10**30}"])
def test_a_form_for_nobody_is_404(db: Database, path: str) -> None:
    assert visit(db).get(f"/mail/contact/{path}").status_code == 404


def test_more_than_a_few_from_one_address_wait_and_a_flood_is_refused(db: Database) -> None:
    visit(db)
    states = []
    for number in range(17):
        with db.writing() as session:
            asked = enquiries.find_asked(session, group_id=1)
            token = enquiries.sign_form(session, asked, now=NOW)
            form = {**TYPED, "form_token": token, "website": ""}
            try:
                enquiries.ask(session, asked, form, ip=f"192.0.2.{number}", now=NOW)
            except TooMany:
                states.append("refused")
        if number < 15:
            with db.reading() as session:
                newest = select(Enquiry.state).order_by(Enquiry.id.desc()).limit(1)
                states.append(session.scalars(newest).one())

    assert states == ["open"] * 3 + ["suspect"] * 12 + ["refused"] * 2


def test_an_answer_is_mailed_and_stands_in_the_thread(db: Database) -> None:
    ask(db)
    number = enquiry_in(db).id
    console = organiser(db)
    page = f"/organise/notices/enquiries/{number}"
    answer = console.post(f"{page}/answer", data={"words": "Yes, on a lead.", "seen": "0"})
    sender.fill_mailbox(db, make_settings())

    assert answer.status_code == 303
    (mail,) = [mail for mail in kept_in(db) if mail.kept.recipient == "zed@posts.example"]
    assert mail.kept.subject == "Re: Friends of Elmbridge"
    assert "Yes, on a lead." in mail.text
    assert "> May I bring a dog?\n> Small." in mail.text.replace("\r\n", "\n")
    assert dict(mail.headers)["Reply-To"] == "Morwenna Trask <morwenna@elmbridge.example>"
    shown = console.get(page).text
    assert "Yes, on a lead." in shown
    assert "Robin Example answered" in shown
    assert (enquiry_in(db).state, enquiry_in(db).done_by) == ("answered", "Robin Example")


def test_two_who_answer_at_once_see_each_other(db: Database) -> None:
    number = make_enquiry(db)
    page = f"/organise/notices/enquiries/{number}/answer"
    console = organiser(db)
    console.post(page, data={"words": "Yes.", "seen": "0"})
    second = console.post(page, data={"words": "Certainly.", "seen": "0"})

    assert second.status_code == 400
    assert "Somebody answered meanwhile" in second.text
    assert "Certainly." in second.text
    with db.reading() as session:
        assert len(session.scalars(select(EnquiryAnswer)).all()) == 1
    assert console.post(page, data={"words": "Certainly.", "seen": "1"}).status_code == 303


def test_nobody_is_answered_again_and_again(db: Database) -> None:
    number = make_enquiry(db)
    page = f"/organise/notices/enquiries/{number}/answer"
    console = organiser(db)
    for seen in range(5):
        assert console.post(page, data={"words": "Yes.", "seen": f"{seen}"}).status_code == 303
    refused = console.post(page, data={"words": "And a sixth.", "seen": "5"})

    assert refused.status_code == 400
    assert "Five answers within a day are enough" in refused.text
    assert "And a sixth." in refused.text, "what was typed stays"
    with db.writing() as session:
        session.execute(update(EnquiryAnswer).values(at=NOW - timedelta(days=2)))
    assert console.post(page, data={"words": "Yes.", "seen": "5"}).status_code == 303


def test_answered_elsewhere_can_be_taken_back(db: Database) -> None:
    number = make_enquiry(db)
    console = organiser(db)
    page = f"/organise/notices/enquiries/{number}"

    assert console.post(f"{page}/elsewhere").status_code == 303
    assert enquiry_in(db).state == "elsewhere"
    assert console.post(f"{page}/elsewhere").status_code == 409
    assert console.post(f"{page}/reopen").status_code == 303
    assert (enquiry_in(db).state, enquiry_in(db).done_at) == ("open", None)
    assert console.post(f"{page}/reopen").status_code == 409


def test_what_looks_like_a_machines_is_let_through_or_forgotten(db: Database) -> None:
    kept = make_enquiry(db, state="suspect", suspicion="many links in it")
    make_enquiry(db, state="suspect", suspicion="many links in it", nonce="2")
    console = organiser(db)
    console.post(f"/organise/notices/enquiries/{kept}/let-through")
    console.post("/organise/notices/groups/1/enquiries/clear")

    assert enquiry_in(db).state == "open"
    assert [notice.details["enquiry_id"] for notice in notices_in(db, kind="enquiry")] == [kept]


def test_after_48_hours_the_owners_hear_once(db: Database) -> None:
    own_group(db, ada="owner", ben="owner", cleo="organiser")
    make_enquiry(db)
    for minutes in (-1, 0, 1, 60 * 24):
        with db.writing() as session:
            enquiries.tell_late(session, NOW + rules.CLOCK + timedelta(minutes=minutes))

    late = notices_in(db, kind="enquiry_late")
    assert [notice.recipient for notice in late] == ["ada@fosse.example", "ben@fosse.example"]
    assert {notice.created_at for notice in late} == {NOW + rules.CLOCK}
    own_group(db, ada="owner", ben="owner", cleo="organiser", dora="owner")
    with db.writing() as session:
        enquiries.tell_late(session, NOW + rules.CLOCK + timedelta(days=2))
    assert len(notices_in(db, kind="enquiry_late")) == 2, "who came later hears of later ones"


def test_at_night_the_owners_are_left_to_sleep(db: Database) -> None:
    asked_at = datetime(2027, 3, 26, 1, 0, tzinfo=UTC)
    make_enquiry(db, at=asked_at)
    with db.writing() as session:
        enquiries.tell_late(session, asked_at + rules.CLOCK)

    notice = notice_in(db, kind="enquiry_late")
    assert notice.due_at == datetime(2027, 3, 28, 7, 0, tzinfo=UTC), "eight, in summer time"
    assert notice.recipient == "morwenna@elmbridge.example", "the contact, as no owner is known"


def test_the_clock_counts_hours_and_not_days(db: Database) -> None:
    asked_at = datetime(2027, 10, 30, 11, 0, tzinfo=UTC)
    assert not rules.is_late(asked_at, now=datetime(2027, 11, 1, 10, 59, tzinfo=UTC))
    assert rules.is_late(asked_at, now=datetime(2027, 11, 1, 11, 0, tzinfo=UTC))


def test_owners_do_not_hear_of_what_was_answered_meanwhile(db: Database) -> None:
    number = make_enquiry(db)
    with db.writing() as session:
        enquiries.tell_late(session, NOW + rules.CLOCK)
        enquiries.mark_elsewhere(session, number, by="Robin", now=NOW + rules.CLOCK)
        session.flush()
    make_due(db)
    sender.fill_mailbox(db, make_settings())
    assert notice_in(db, kind="enquiry_late").state == "superseded"


def test_what_waits_longest_stands_first_and_what_is_late_says_so(db: Database) -> None:
    with db.reading() as session:
        now = db.now(session)
    for hours, columns in (
        (2, {"name": "Young"}),
        (50, {"name": "Old"}),
        (1, {"name": "Done", "state": "answered", "done_at": now}),
    ):
        make_enquiry(db, at=now - timedelta(hours=hours), **columns)
    page = organiser(db).get("/organise/notices/groups/1/enquiries").text

    assert page.index(">Old<") < page.index(">Young<") < page.index(">Done<")
    assert page.count("Late") >= 1
    assert "1 late" in page
    home = organiser(db).get("/organise/notices/groups/1").text
    assert "1 late" in home
    assert "1 waiting" in home


def test_another_groups_enquiries_are_not_there(db: Database) -> None:
    number = make_enquiry(db)
    console = organiser(db, (2, "owner"))
    for path in ("groups/1/enquiries", f"enquiries/{number}"):
        assert console.get(f"/organise/notices/{path}").status_code == 404
    for action in ("answer", "elsewhere", "delete"):
        answer = console.post(f"/organise/notices/enquiries/{number}/{action}")
        assert answer.status_code == 404
    assert enquiry_in(db).state == "open"


def test_who_is_erased_is_forgotten_with_what_they_asked(db: Database) -> None:
    ask(db)
    number = enquiry_in(db).id
    organiser(db).post(
        f"/organise/notices/enquiries/{number}/answer", data={"words": "Yes.", "seen": "0"}
    )
    make_enquiry(db, email="other@posts.example")
    sender.fill_mailbox(db, make_settings())
    with db.reading() as session:
        address = erasing.digest_of(session, TYPED["email"])
    erased = messages.PersonErased(
        **{"erasure_id": "e", "signup_ids": (), "person_ids": (), "addresses": (address,)}
    )
    receive(db, erased, erased)

    assert enquiry_in(db).email == "other@posts.example"
    assert kept_in(db) == []
    assert notices_in(db) == []


def test_old_enquiries_are_forgotten_and_suspects_sooner(db: Database) -> None:
    make_enquiry(db, at=NOW - timedelta(days=91))
    make_enquiry(db, at=NOW - timedelta(days=8), state="suspect")
    make_enquiry(db, at=NOW - timedelta(days=89), name="Kept")
    with db.writing() as session:
        assert enquiries.count_outdated(session, NOW) == {"enquiries": 2}
        enquiries.forget_outdated(session, NOW)

    assert enquiry_in(db).name == "Kept"


def test_owners_are_known_until_they_own_no_more(db: Database) -> None:
    own_group(db, ada="owner")
    gone = messages.MembershipChanged(organiser_id=1, group_id=1, role="none", revision=2)
    receive(db, gone)
    own_group(db, ada="owner")

    with db.reading() as session:
        asked = enquiries.find_asked(session, group_id=1)
        owners = organisers.list_owners(session, asked.group)
    assert [owner.email for owner in owners] == ["morwenna@elmbridge.example"]


def test_the_ledgers_page_says_what_waits_in_ones_own_groups(db: Database) -> None:
    make_enquiry(db)
    assert "Enquiries of Friends of Elmbridge" in organiser(db).get("/organise/notices").text
    app = app_on(create_app, settings(), db)
    other = signed_in(app, db, (2, "owner"), organiser_id=2)
    assert "Waits for you" not in other.get("/organise/notices").text
