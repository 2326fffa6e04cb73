"""What visitors see, through the web application on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from services.events import operations
from services.events.models import Event, Shift
from services.events.rules import KINDS
from shared.database import Database
from shared.times import local
from tests.events.making import make_draft, make_event, make_group, typed_shift

Publish = Callable[..., int]


@pytest.fixture
def publish(db: Database) -> Publish:
    """Return a function that publishes an event with a shift in ten days and returns its number."""

    def publish_event(*, days: int = 10, capacity: int | None = 10, **typed: object) -> int:
        with db.writing() as session:
            now = db.now(session)
            day = (local(now, "Europe/London") + timedelta(days=days)).date()
            shift = typed_shift(starts_at=f"{day}T10:00", ends_at=f"{day}T12:00", capacity=capacity)
            event: Event = make_event(session, now=now, **{"shifts": [shift], **typed})
            return event.id

    return publish_event


def take(db: Database, event_id: int, taken: int, waiting: int = 0) -> None:
    with db.writing() as session:
        totals = {"taken": taken, "waiting": waiting}
        session.execute(update(Shift).where(Shift.event_id == event_id).values(**totals))


def test_an_empty_schedule_says_so(stranger: FlaskClient) -> None:
    answer = stranger.get("/")
    assert answer.status_code == 200
    assert "Nothing is planned just now" in answer.text


def test_the_schedule_shows_a_published_event_with_its_places(
    visitor: FlaskClient, db: Database, publish: Publish
) -> None:
    take(db, publish(title="Out in Lincoln"), taken=6)
    page = visitor.get("/").text
    assert "Out in Lincoln" in page
    assert "Castle Square" in page
    assert "About 4 places left" in page
    assert re.search(r'href="/sign-up/\d+"', page)


def test_a_full_shift_invites_to_the_waiting_list(
    visitor: FlaskClient, db: Database, publish: Publish
) -> None:
    take(db, publish(), taken=10, waiting=3)
    page = visitor.get("/").text
    assert "Full, 3 waiting" in page
    assert "Join the list" in page


def test_the_schedule_can_be_narrowed_to_a_kind(visitor: FlaskClient, publish: Publish) -> None:
    for kind in KINDS:
        publish(kind=kind, title=f"One {kind} more")
    for kind in KINDS:
        page = visitor.get(f"/?kind={kind}&from=&to=").text
        assert [each for each in KINDS if f"One {each} more" in page] == [kind]


def test_a_filter_that_finds_nothing_offers_everything(stranger: FlaskClient) -> None:
    page = stranger.get("/?kind=training").text
    assert "Nothing matches" in page


@pytest.mark.parametrize(
    "query, field",
    [
        ("kind=party", "kind"),
        ("from=tomorrow", "from"),
        ("to=2026-02-30", "to"),
        ("from=2027-01-02&to=2027-01-01", "to"),
        ("from=%00", "from"),
    ],
)
def test_a_wrong_filter_is_named(stranger: FlaskClient, query: str, field: str) -> None:
    answer = stranger.get(f"/?{query}")
    assert answer.status_code == 400
    assert "There is a problem" in answer.text
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)


def test_a_wrong_filter_shows_everything(visitor: FlaskClient, publish: Publish) -> None:
    publish(title="Out in Lincoln")
    assert "Out in Lincoln" in visitor.get("/?kind=party&from=2999-01-01").text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_that_cannot_be_is_refused_or_set_right(stranger: FlaskClient, page: str) -> None:
    assert stranger.get(f"/?page={page}").status_code == 400


def test_what_other_sites_add_to_an_address_does_no_harm(stranger: FlaskClient) -> None:
    assert stranger.get("/?utm_source=mail").status_code == 200


def test_later_events_are_a_page_away(visitor: FlaskClient, publish: Publish) -> None:
    for number in range(13):
        publish(days=10 + number, title=f"Day number {number}.")
    first = visitor.get("/").text
    assert "Day number 11." in first
    assert "Day number 12." not in first
    assert 'href="/?page=2"' in first
    assert "Day number 12." in visitor.get("/?page=2").text
    assert "That was all" in visitor.get("/?page=3").text


def test_the_page_of_an_event_shows_what_one_must_know(
    visitor: FlaskClient, publish: Publish
) -> None:
    event_id = publish(title="Out in Lincoln", description="First words.\n\nSecond words.")
    page = visitor.get(f"/events/{event_id}").text
    for words in (
        *("Out in Lincoln", "First words.", "Second words.", "Castle Square"),
        *("By the castle gate", "10:00 to 12:00", "Sam Sample", "sam@fosse.example"),
        *("Fosse Neighbours", "https://fosse.example/privacy", "About 10 places left"),
    ):
        assert words in page


def test_a_shift_beyond_midnight_says_on_which_day_it_ends(
    visitor: FlaskClient, publish: Publish
) -> None:
    shift = typed_shift(starts_at="2090-12-05T22:00", ends_at="2090-12-06T02:00")
    page = visitor.get(f"/events/{publish(shifts=[shift])}").text
    assert "22:00 to Wednesday 6 December 2090, 02:00" in page


def test_what_organisers_type_cannot_become_a_script(
    visitor: FlaskClient, publish: Publish
) -> None:
    event_id = publish(title="<script>alert(1)</script>", description="<img src=x onerror=y>")
    for path in ("/", f"/events/{event_id}"):
        page = visitor.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_draft_is_shown_to_nobody(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        event_id = make_draft(session, now=db.now(session), title="Still secret").id
    assert visitor.get(f"/events/{event_id}").status_code == 404
    assert visitor.get(f"/events/{event_id}/places.json").status_code == 404
    assert "Still secret" not in visitor.get("/").text


def test_a_cancelled_event_keeps_its_page_and_says_why(
    visitor: FlaskClient, db: Database, publish: Publish
) -> None:
    event_id = publish(title="Out in Lincoln")
    with db.writing() as session:
        operations.cancel_event(session, event_id, reason="A storm is near.", now=db.now(session))
    page = visitor.get(f"/events/{event_id}").text
    assert "This event is cancelled." in page
    assert "A storm is near." in page
    assert "/sign-up/" not in page
    assert "Out in Lincoln" not in visitor.get("/").text


@pytest.mark.parametrize(
    "path", ["/events/4711", "/events/99999999999999999999", "/groups/4711", "/events/x"]
)
def test_what_is_not_there_is_404(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 404


def test_the_page_of_a_group_shows_its_events_only(
    visitor: FlaskClient, db: Database, publish: Publish
) -> None:
    with db.writing() as session:
        group_id = make_group(session, name="Thames Neighbours").id
    publish(title="Ours", group_id=group_id)
    publish(title="Theirs")
    page = visitor.get(f"/groups/{group_id}").text
    assert "Thames Neighbours" in page
    assert ">Ours</a>" in page
    assert "Theirs" not in page


def test_the_page_of_a_group_without_events_says_so(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        group_id = make_group(session).id
    assert "Nothing is planned just now" in visitor.get(f"/groups/{group_id}?page=-5").text


def test_places_are_answered_in_numbers_and_words(
    visitor: FlaskClient, db: Database, publish: Publish
) -> None:
    event_id = publish(capacity=10)
    take(db, event_id, taken=6, waiting=0)
    answer = visitor.get(f"/events/{event_id}/places.json").json
    assert answer is not None
    (shift,) = answer["shifts"]
    del shift["id"]
    assert shift == {
        "taken": 6,
        "waiting": 0,
        "left": 4,
        "state": "few",
        "words": "About 4 places left",
        "button": "Sign up",
    }


def test_the_words_of_the_page_and_of_its_live_numbers_are_the_same(
    visitor: FlaskClient, publish: Publish
) -> None:
    event_id = publish(capacity=None)
    answer = visitor.get(f"/events/{event_id}/places.json").json
    assert answer is not None
    (shift,) = answer["shifts"]
    page = visitor.get(f"/events/{event_id}").text
    assert f'data-shift="{shift["id"]}">{shift["words"]}</span>' in page
    assert f'data-places-url="/events/{event_id}/places.json"' in page


def test_unchanged_places_are_not_sent_again(
    visitor: FlaskClient, db: Database, publish: Publish
) -> None:
    path = f"/events/{publish()}/places.json"
    tag = visitor.get(path).headers["ETag"]
    again = visitor.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=5"
    take(db, 1, taken=1)
    changed = visitor.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_what_a_link_says_of_itself_goes_on_to_the_form(
    visitor: FlaskClient, publish: Publish
) -> None:
    event = publish()
    said = {"utm_source": "leaf&let", "utm_medium": "print", "other": "x"}
    page = visitor.get(f"/events/{event}", query_string=said).text
    found = re.search(r'href="/sign-up/\d+([^"]*)"', page)
    assert found
    assert found[1] == "?utm_source=leaf%26let&amp;utm_medium=print"
